package testgrid

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
	"github.com/slload/slload/testgrid/faults"
)

// Flags of TeleportStart, TeleportLocal and TeleportFinish.
const (
	viaLure     = 1 << 2
	viaLandmark = 1 << 3
	viaLocation = 1 << 4
	viaHome     = 1 << 5
	isFlying    = 1 << 13
)

func (g *Grid) dispatchTravel(d *circuit.Dispatch) {
	d.On(message.IDTeleportLocationRequest, g.onTeleportLocation)
	d.On(message.IDTeleportLandmarkRequest, g.onTeleportLandmark)
	d.On(message.IDTeleportLureRequest, g.onTeleportLure)
	d.On(message.IDTeleportCancel, g.onTeleportCancel)
	d.On(message.IDStartLure, g.onStartLure)
	d.On(message.IDMapBlockRequest, g.onMapBlock)
	d.On(message.IDMapNameRequest, g.onMapName)
	d.On(message.IDMapItemRequest, g.onMapItem)
	d.On(message.IDRequestRegionInfo, g.onRegionInfo)
	d.On(message.IDEstateCovenantRequest, g.onCovenant)
}

func (g *Grid) onTeleportLocation(ev *circuit.Event) {
	m := ev.Message.(*message.TeleportLocationRequest)
	if c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID); c != nil {
		c.region.teleport(ev.Now, c, m.Info.RegionHandle, m.Info.Position, m.Info.LookAt, viaLocation)
	}
}

// onTeleportLandmark takes an agent to a landmark's place, or home where it
// names none.
func (g *Grid) onTeleportLandmark(ev *circuit.Event) {
	m := &ev.Message.(*message.TeleportLandmarkRequest).Info
	c := present(ev, m.AgentID, m.SessionID)
	if c == nil {
		return
	}
	if m.LandmarkID == uuid.Nil {
		at := g.directory.homeOf(m.AgentID, g.regions)
		c.region.teleport(ev.Now, c, at.region.handle(), at.pos, at.look, viaHome)
		return
	}
	found, ok := g.assets.get(m.LandmarkID)
	if !ok {
		c.teleportFailed(ev.Now, "Could not find the landmark asset data")
		return
	}
	at, err := g.landmark(found.data)
	if err != nil {
		c.teleportFailed(ev.Now, "Could not find the landmark asset data")
		return
	}
	c.region.teleport(ev.Now, c, at.region.handle(), at.pos, defaultLook, viaLandmark)
}

// landmark reads a landmark: a text with the region's id and the position in
// it.
func (g *Grid) landmark(data []byte) (spot, error) {
	var version int
	var region string
	var pos message.Vector3
	text := bytes.TrimRight(data, "\x00")
	_, err := fmt.Sscanf(string(text), "Landmark version %d\nregion_id %s\nlocal_pos %g %g %g", &version, &region, &pos.X, &pos.Y, &pos.Z)
	if err != nil {
		return spot{}, fmt.Errorf("read landmark: %w", err)
	}
	for _, r := range g.regions {
		if r.id.String() == region {
			return spot{r, pos, defaultLook}, nil
		}
	}
	return spot{}, fmt.Errorf("landmark: region %s isn't on this grid", region)
}

// onTeleportLure takes an agent to who offered it: the lure's id is the place
// itself, as OpenSim makes it.
func (g *Grid) onTeleportLure(ev *circuit.Event) {
	m := &ev.Message.(*message.TeleportLureRequest).Info
	if c := present(ev, m.AgentID, m.SessionID); c != nil {
		handle, pos := placeOf(m.LureID)
		c.region.teleport(ev.Now, c, handle, pos, message.Vector3{}, m.TeleportFlags|viaLure)
	}
}

// onStartLure offers residents a teleport, as an instant message.
func (g *Grid) onStartLure(ev *circuit.Event) {
	m := ev.Message.(*message.StartLure)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	pos := c.motion.pos
	pos.Z += 2 // rounded up, lest short ones put tall ones into the floor
	for i := range m.TargetData {
		offer := &message.ImprovedInstantMessage{}
		offer.AgentData.AgentID = c.session.agentID
		block := &offer.MessageBlock
		block.ToAgentID, block.Dialog = m.TargetData[i].TargetID, dialogLure
		block.ID = placeID(c.region.handle(), pos)
		block.Position, block.RegionID = c.motion.pos, c.region.id
		block.Timestamp = uint32(ev.Now.Time().Unix())
		block.FromAgentName = message.Text(c.session.name())
		block.Message = bytes.Clone(m.Info.Message)
		c.region.tellAnyone(ev.Now, block.ToAgentID, offer)
	}
}

// placeID is a place as an id: the region's handle, and x, z and y in whole
// metres, two bytes each, little-endian.
func placeID(handle uint64, pos message.Vector3) uuid.UUID {
	var id uuid.UUID
	binary.LittleEndian.PutUint64(id[0:], handle)
	binary.LittleEndian.PutUint16(id[8:], uint16(pos.X))
	binary.LittleEndian.PutUint16(id[10:], uint16(pos.Z))
	binary.LittleEndian.PutUint16(id[12:], uint16(pos.Y))
	return id
}

func placeOf(id uuid.UUID) (handle uint64, pos message.Vector3) {
	u := func(at int) float32 { return float32(binary.LittleEndian.Uint16(id[at:])) }
	return binary.LittleEndian.Uint64(id[:]), message.Vector3{X: u(8), Y: u(12), Z: u(10)}
}

// teleport takes an avatar to a place in the region of that handle, or of any
// place in it.
func (r *region) teleport(now circuit.Instant, c *client, handle uint64, pos, look message.Vector3, flags uint32) {
	x, y := float64(handle>>32)+float64(pos.X), float64(uint32(handle))+float64(pos.Y)
	if !finiteVector(pos) {
		c.teleportFailed(now, "Internal error")
		return
	}
	to := r.grid.regionAt(x, y)
	if handle == r.handle() {
		to = r // who asks for a place beyond its own region gets the nearest inside
	}
	if to == nil {
		c.teleportFailed(now, "The region you tried to teleport to was not found")
		return
	}
	pos = settle(message.Vector3{X: float32(x - float64(to.x)), Y: float32(y - float64(to.y)), Z: pos.Z})
	if c.motion.flying() {
		flags |= isFlying
	}
	if c.motion.seat != 0 {
		c.motion.stand()
	}
	if to == r {
		r.teleportLocal(now, c, pos, look, flags)
		return
	}
	r.teleportAway(now, c, spot{to, pos, look}, flags)
}

func (r *region) teleportLocal(now circuit.Instant, c *client, pos, look message.Vector3, flags uint32) {
	c.tell(now, teleportStart(flags))
	c.motion.pos, c.motion.velocity, c.look = pos, message.Vector3{}, look
	r.cells.put(c.slot, pos)
	r.moves++
	r.tellForm(c)
	local := &message.TeleportLocal{}
	local.Info.AgentID, local.Info.LocationID = c.session.agentID, 2
	local.Info.Position, local.Info.LookAt, local.Info.TeleportFlags = pos, look, flags
	c.tell(now, local)
}

func (r *region) teleportAway(now circuit.Instant, c *client, at spot, flags uint32) {
	if r.grid.directory.full(at.region) {
		c.teleportFailed(now, "The region is full")
		return
	}
	to, _ := r.grid.directory.lookIn(c.session, at)
	if to == nil {
		return // it logs out just now
	}
	c.tell(now, teleportStart(flags))
	met, _ := r.grid.fate.Fate(faults.Teleport, "", time.Since(r.grid.began))
	switch met.Kind {
	case faults.Fail:
		c.teleportFailed(now, cmp.Or(met.Reason, "Failed on purpose."))
		return
	case faults.Hang:
		return
	}
	from := c.session
	lost := met.Kind == faults.Lose
	sent := r.sendAway(c, to, at, lost, func() {
		if !lost { // else the avatar is taken back when nobody came for it
			from.events.put("TeleportFinish", r.grid.teleportFinish(to, flags))
		}
	})
	if !sent {
		c.teleportFailed(now, "Internal error")
	}
}

func teleportStart(flags uint32) message.Message {
	m := &message.TeleportStart{}
	m.Info.TeleportFlags = flags
	return m
}

func (c *client) teleportFailed(now circuit.Instant, reason string) {
	m := &message.TeleportFailed{}
	m.Info.AgentID, m.Info.Reason = c.session.agentID, message.Text(reason)
	c.tell(now, m)
}

func (g *Grid) teleportFinish(to *session, flags uint32) map[string]any {
	const locationID, general = 4, 13
	at := to.entry.region
	return map[string]any{"Info": []any{map[string]any{
		"AgentID": to.agentID, "LocationID": uint32(locationID), "SimIP": ip(at), "SimPort": int32(at.addr.Port()),
		"RegionHandle": at.handle(), "SeedCapability": g.seedURL(to), "SimAccess": int32(general), "TeleportFlags": flags,
		"RegionSizeX": uint32(regionSize), "RegionSizeY": uint32(regionSize),
	}}}
}
