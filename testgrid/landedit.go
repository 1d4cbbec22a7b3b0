package testgrid

import (
	"net/http"
	"slices"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/llsd"
	"github.com/slload/slload/message"
)

// mayEdit tells whether a resident decides about a parcel: its owner, the
// estate's, and of a group's land the group's owners.
func (r *region) mayEdit(p *parcel, who uuid.UUID) bool {
	if p == nil {
		return false
	}
	if p.groupLand {
		deeds := r.grid.groups.allowed(p.owner, who, powerLandDeed, func(*group) {})
		return deeds || who == estateOwner
	}
	return who == p.owner || who == estateOwner
}

// parcelChanged tells everybody in the region of a parcel: who stands on it
// with sequence 0, others with a negative one, as OpenSim does.
func (r *region) parcelChanged(p *parcel) {
	const elsewhere = -10000
	p.told, r.land.overlay = nil, nil
	for _, c := range r.avatars {
		if c == nil {
			continue
		}
		if r.land.at(c.motion.pos.X, c.motion.pos.Y) == p {
			c.session.events.put("ParcelProperties", r.properties(p))
		} else {
			c.answer(p, elsewhere, 0, false)
		}
	}
}

// landChanged sends everybody in the region the new overlay.
func (r *region) landChanged(now circuit.Instant) {
	r.land.overlay = nil
	for _, c := range r.avatars {
		if c != nil {
			c.sendOverlay(now)
		}
	}
}

// editableParcel gives a parcel if the client may change it; nil else, which
// gets no answer.
func (c *client) editableParcel(id int32) *parcel {
	if p := c.region.land.byID(id); c.region.mayEdit(p, c.session.agentID) {
		return p
	}
	return nil
}

// parcelOf is present and editableParcel: the parcel is nil where either is.
func parcelOf(ev *circuit.Event, agent, session uuid.UUID, id int32) (*client, *parcel) {
	c := present(ev, agent, session)
	if c == nil {
		return nil, nil
	}
	return c, c.editableParcel(id)
}

func (g *Grid) onParcelUpdate(ev *circuit.Event) {
	m := ev.Message.(*message.ParcelPropertiesUpdate)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	d := m.ParcelData
	c.updateParcel(&d)
}

// longestLandText is what messages carry of a parcel's texts, in bytes.
const longestLandText = 254

// updateParcel takes over what an owner says of a parcel, its texts as copies.
func (c *client) updateParcel(d *message.ParcelPropertiesUpdateParcelData) {
	p := c.editableParcel(d.LocalID)
	if p == nil {
		return
	}
	if p.groupLand {
		d.GroupID = p.owner
	}
	for _, text := range []*[]byte{&d.Name, &d.Desc, &d.MusicURL, &d.MediaURL} {
		*text = message.Text(clip(*text, longestLandText))
	}
	p.update = *d
	c.region.parcelChanged(p)
}

// serveParcelUpdate is ParcelPropertiesUpdate as a capability: the region's loop
// does it.
func (g *Grid) serveParcelUpdate(s *session, w http.ResponseWriter, r *http.Request) {
	var said struct {
		LocalID     int32     `llsd:"local_id"`
		ParcelFlags uint32    `llsd:"parcel_flags"`
		Name        string    `llsd:"name"`
		Description string    `llsd:"description"`
		SalePrice   int32     `llsd:"sale_price"`
		Buyer       uuid.UUID `llsd:"auth_buyer_id"`
		Group       uuid.UUID `llsd:"group_id"`
		PassPrice   int32     `llsd:"pass_price"`
		PassHours   float32   `llsd:"pass_hours"`
		Category    uint8     `llsd:"category"`
		Snapshot    uuid.UUID `llsd:"snapshot_id"`
		MusicURL    string    `llsd:"music_url"`
		MediaURL    string    `llsd:"media_url"`
		MediaID     uuid.UUID `llsd:"media_id"`
		LandingType uint8     `llsd:"landing_type"`
		Location    []float32 `llsd:"user_location"`
		Look        []float32 `llsd:"user_look_at"`
	}
	if !readLLSD(w, r, preferencesLimit, &said) {
		return
	}
	vector := func(v []float32) (out message.Vector3) {
		if len(v) == 3 {
			out = message.Vector3{X: v[0], Y: v[1], Z: v[2]}
		}
		return out
	}
	d := message.ParcelPropertiesUpdateParcelData{
		LocalID: said.LocalID, ParcelFlags: said.ParcelFlags, SalePrice: said.SalePrice, Name: message.Text(said.Name), Desc: message.Text(said.Description),
		MusicURL: message.Text(said.MusicURL), MediaURL: message.Text(said.MediaURL), MediaID: said.MediaID, GroupID: said.Group,
		PassPrice: said.PassPrice, PassHours: said.PassHours, Category: said.Category, AuthBuyerID: said.Buyer, SnapshotID: said.Snapshot,
		UserLocation: vector(said.Location), UserLookAt: vector(said.Look), LandingType: said.LandingType,
	}
	where := s.entry.region
	err := where.loop.Call(r.Context(), func(circuit.Instant) {
		if c := where.anyone(s.agentID); c != nil {
			c.updateParcel(&d)
		}
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	writeLLSD(w, llsd.ContentTypeXML, map[string]any{})
}

// onDivide cuts a piece out of a parcel, all of which must be that parcel's.
func (g *Grid) onDivide(ev *circuit.Event) {
	m := ev.Message.(*message.ParcelDivide)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	r := c.region
	list, ok := within(m.ParcelData.West, m.ParcelData.South, m.ParcelData.East, m.ParcelData.North)
	if !ok || len(r.land.parcels) >= mostParcels {
		return
	}
	found := r.land.among(list)
	if len(found) != 1 || !r.mayEdit(found[0], c.session.agentID) || int32(len(list))*landUnit*landUnit >= found[0].area() {
		return
	}
	old := found[0]
	r.land.lastID++
	piece := &parcel{id: r.land.lastID, owner: old.owner, groupLand: old.groupLand, update: old.update, squares: make([]bool, squares*squares)}
	piece.update.LocalID = piece.id
	piece.update.ParcelFlags &^= parcelSearch
	piece.update.LandingType, piece.update.UserLocation, piece.update.UserLookAt = 0, message.Vector3{}, message.Vector3{}
	for _, i := range list {
		old.squares[i], piece.squares[i] = false, true
	}
	r.land.parcels = append(r.land.parcels, piece)
	r.parcelChanged(piece)
	r.parcelChanged(old)
	r.landChanged(ev.Now)
}

// onJoinParcels adds to the largest parcel of a piece of land the others that
// lie in it.
func (g *Grid) onJoinParcels(ev *circuit.Event) {
	m := ev.Message.(*message.ParcelJoin)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	r := c.region
	list, ok := within(m.ParcelData.West, m.ParcelData.South, m.ParcelData.East, m.ParcelData.North)
	found := r.land.among(list)
	if !ok || len(found) < 2 {
		return
	}
	master := slices.MaxFunc(found, func(a, b *parcel) int { return int(a.area() - b.area()) })
	if !r.mayEdit(master, c.session.agentID) || slices.ContainsFunc(found, func(p *parcel) bool { return p.owner != master.owner }) {
		return
	}
	for _, p := range found {
		if p == master {
			continue
		}
		for i, mine := range p.squares {
			master.squares[i] = master.squares[i] || mine
		}
		r.land.parcels = slices.DeleteFunc(r.land.parcels, func(other *parcel) bool { return other == p })
	}
	r.parcelChanged(master)
	r.landChanged(ev.Now)
}

// onAccessListUpdate replaces one of a parcel's lists; the parts that a client
// cuts it into have one transaction.
func (g *Grid) onAccessListUpdate(ev *circuit.Event) {
	m := ev.Message.(*message.ParcelAccessListUpdate)
	_, p := parcelOf(ev, m.AgentData.AgentID, m.AgentData.SessionID, m.Data.LocalID)
	if p == nil || m.Data.Flags&(accessAllowed|accessBanned) == 0 {
		return
	}
	list := &p.allowed
	if m.Data.Flags&accessBanned != 0 {
		list = &p.banned
	}
	if p.lists != m.Data.TransactionID {
		p.lists, *list = m.Data.TransactionID, nil
	}
	for _, e := range m.List {
		if e.ID != uuid.Nil && len(*list) < mostAccess {
			*list = append(*list, e)
		}
	}
}

// Flags of access lists, and how many residents one holds.
const (
	accessAllowed = 1
	accessBanned  = 2
	mostAccess    = 300
)

func (g *Grid) onAccessList(ev *circuit.Event) {
	m := ev.Message.(*message.ParcelAccessListRequest)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	p := c.region.land.byID(m.Data.LocalID)
	if p == nil {
		return
	}
	for _, kind := range []uint32{accessAllowed, accessBanned} {
		if m.Data.Flags&kind == 0 {
			continue
		}
		reply := &message.ParcelAccessListReply{}
		reply.Data.AgentID, reply.Data.Flags, reply.Data.LocalID = c.session.agentID, kind, p.id
		list := p.allowed
		if kind == accessBanned {
			list = p.banned
		}
		const perReply = 48 // in one datagram
		for _, e := range list[:min(perReply, len(list))] {
			reply.List = append(reply.List, message.ParcelAccessListReplyList{ID: e.ID, Time: e.Time, Flags: kind})
		}
		c.tell(ev.Now, reply)
	}
}
