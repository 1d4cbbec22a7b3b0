package testgrid

import (
	"strings"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

const (
	// blocksPerReply is how many regions OpenSim tells of in one message.
	blocksPerReply = 10

	accessGeneral     = 13
	accessNonExistent = 255

	// shortestName is what a search must have; shorter ones find nothing.
	shortestName = 3
	// mostFound bounds what a search finds.
	mostFound = 20

	// singleBlock asks for an answer about one place even where no region is.
	singleBlock = 0x10000
)

// onMapBlock tells of the regions in a part of the map.
func (g *Grid) onMapBlock(ev *circuit.Event) {
	m := ev.Message.(*message.MapBlockRequest)
	c := clientOf(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	p := &m.PositionData
	within := func(v uint32, low, high uint16) bool {
		return v/regionSize >= uint32(low) && v/regionSize <= uint32(high)
	}
	reply := mapReply(c, m.AgentData.Flags&^singleBlock)
	sent := false
	for _, r := range g.regions {
		if !within(r.x, p.MinX, p.MaxX) || !within(r.y, p.MinY, p.MaxY) {
			continue
		}
		reply.Data = append(reply.Data, r.mapBlock())
		if sent = true; len(reply.Data) == blocksPerReply {
			c.tell(ev.Now, reply)
			reply.Data = reply.Data[:0]
		}
	}
	if !sent && m.AgentData.Flags&singleBlock != 0 && p.MinX == p.MaxX && p.MinY == p.MaxY {
		reply.Data = append(reply.Data, message.MapBlockReplyData{X: p.MinX, Y: p.MinY, Access: accessNonExistent})
	}
	if len(reply.Data) > 0 {
		c.tell(ev.Now, reply)
	}
}

// onMapName finds regions whose names begin as asked. A block of no region
// closes the answer.
func (g *Grid) onMapName(ev *circuit.Event) {
	m := ev.Message.(*message.MapNameRequest)
	c := clientOf(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	name := message.String(m.NameData.Name)
	reply := mapReply(c, m.AgentData.Flags)
	for _, r := range g.regions {
		found := len(name) <= len(r.name) && strings.EqualFold(r.name[:len(name)], name)
		if found && len(name) >= shortestName && len(reply.Data) < mostFound {
			reply.Data = append(reply.Data, r.mapBlock())
		}
	}
	found := len(reply.Data)
	reply.Data = append(reply.Data, message.MapBlockReplyData{Name: message.Text(cut(name, 200)), Access: accessNonExistent})
	c.tell(ev.Now, reply)
	switch {
	case len(name) < shortestName:
		c.alert(ev.Now, "Use a search string with at least 3 characters")
	case found == 0:
		c.alert(ev.Now, "No regions found with that name.")
	}
}

func mapReply(c *client, flags uint32) *message.MapBlockReply {
	reply := &message.MapBlockReply{}
	reply.AgentData.AgentID, reply.AgentData.Flags = c.session.agentID, flags
	return reply
}

func (r *region) mapBlock() message.MapBlockReplyData {
	return message.MapBlockReplyData{
		X: uint16(r.x / regionSize), Y: uint16(r.y / regionSize), Name: message.Text(r.name), Access: accessGeneral,
	}
}

// mapAgents is the one kind of map items that this grid has: where avatars
// are.
const mapAgents = 6

// onMapItem tells where avatars are in a region, this one for handle 0. Of
// other kinds there are none, and nothing is said, as OpenSim does.
func (g *Grid) onMapItem(ev *circuit.Event) {
	m := ev.Message.(*message.MapItemRequest)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	handle, flags := m.RequestData.RegionHandle, m.AgentData.Flags
	if handle == 0 || handle == c.region.handle() {
		// Asked of its own region by handle, OpenSim tells all that it has.
		if m.RequestData.ItemType == mapAgents || handle != 0 {
			c.tell(ev.Now, c.region.mapItems(c.session.agentID, flags))
		}
		return
	}
	other := g.regionAt(float64(handle>>32), float64(uint32(handle)))
	if other == nil || m.RequestData.ItemType != mapAgents {
		return
	}
	here, agent := c.region, c.session.agentID
	_ = other.loop.Post(dontWait, func(circuit.Instant) {
		reply := other.mapItems(agent, flags)
		_ = here.loop.Post(dontWait, func(now circuit.Instant) {
			if c := here.anyone(agent); c != nil {
				c.tell(now, reply)
			}
		})
	})
}

// mapItems tells where the region's avatars are, but for the one who asks. A
// region without others is told as a point that counts 0.
func (r *region) mapItems(asker uuid.UUID, flags uint32) message.Message {
	m := &message.MapItemReply{}
	m.AgentData.AgentID, m.AgentData.Flags, m.RequestData.ItemType = asker, flags, mapAgents
	for _, c := range r.avatars {
		if c != nil && c.session.agentID != asker && len(m.Data) < coarseLimit/2 {
			m.Data = append(m.Data, message.MapItemReplyData{
				X: r.x + uint32(c.motion.pos.X), Y: r.y + uint32(c.motion.pos.Y), Extra: 1, Name: message.Text(r.name),
			})
		}
	}
	if len(m.Data) == 0 {
		m.Data = append(m.Data, message.MapItemReplyData{X: r.x + 1, Y: r.y + 1, Name: message.Text(r.name)})
	}
	return m
}
