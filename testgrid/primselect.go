package testgrid

import (
	"slices"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// known gives the prim that a client names. What isn't there the client is told
// to forget.
func (c *client) known(now circuit.Instant, localID uint32) *prim {
	p := c.region.prims.local(localID)
	if p == nil && !c.region.isAvatar(localID) {
		c.tell(now, &message.KillObject{ObjectData: []message.KillObjectObjectData{{ID: localID}}})
	}
	return p
}

// isAvatar tells whether a local id is an avatar's.
func (r *region) isAvatar(localID uint32) bool {
	return slices.ContainsFunc(r.states, func(s state) bool { return s.localID == localID })
}

// editable is known for what the client may change.
func (c *client) editable(now circuit.Instant, localID uint32) *prim {
	if p := c.known(now, localID); p != nil && p.permits(c)&permModify != 0 {
		return p
	}
	return nil
}

// propertiesPerPacket keeps ObjectProperties in one datagram: a block has up to
// 700 bytes.
const propertiesPerPacket = 1

// onObjectSelect tells who takes hold of objects what they are.
func (g *Grid) onObjectSelect(ev *circuit.Event) {
	m := ev.Message.(*message.ObjectSelect)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	for batch := range slices.Chunk(m.ObjectData, propertiesPerPacket) {
		answer := &message.ObjectProperties{}
		for _, d := range batch {
			if p := c.known(ev.Now, d.ObjectLocalID); p != nil {
				c.region.setSelected(p, p.selected || p.permits(c)&(permModify|permMove) != 0)
				answer.ObjectData = append(answer.ObjectData, p.properties())
			}
		}
		if len(answer.ObjectData) > 0 {
			c.tell(ev.Now, answer)
		}
	}
}

// onObjectDeselect lets go of objects, whoever took hold of them.
func (g *Grid) onObjectDeselect(ev *circuit.Event) {
	m := ev.Message.(*message.ObjectDeselect)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	for _, d := range m.ObjectData {
		if p := c.region.prims.local(d.ObjectLocalID); p != nil {
			c.region.setSelected(p, false)
		}
	}
}

// setSelected notes whether somebody has hold of a prim: parcels count those
// linksets.
func (r *region) setSelected(p *prim, selected bool) {
	if p.selected != selected {
		p.selected = selected
		r.land.recount()
	}
}

// onPropertiesFamily tells who points at an object whose it is.
func (g *Grid) onPropertiesFamily(ev *circuit.Event) {
	m := ev.Message.(*message.RequestObjectPropertiesFamily)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	p := c.region.prims.byID[m.ObjectData.ObjectID]
	if p == nil {
		return
	}
	answer := &message.ObjectPropertiesFamily{}
	d := p.properties()
	answer.ObjectData = message.ObjectPropertiesFamilyObjectData{
		RequestFlags: m.ObjectData.RequestFlags, ObjectID: d.ObjectID, OwnerID: d.OwnerID, GroupID: d.GroupID,
		BaseMask: d.BaseMask, OwnerMask: d.OwnerMask, GroupMask: d.GroupMask, EveryoneMask: d.EveryoneMask, NextOwnerMask: d.NextOwnerMask,
		SaleType: d.SaleType, SalePrice: d.SalePrice, LastOwnerID: d.LastOwnerID, Name: d.Name, Description: d.Description,
	}
	c.tell(ev.Now, answer)
}

// onRequestObjects sends objects again that a client has lost or never kept.
func (g *Grid) onRequestObjects(ev *circuit.Event) {
	m := ev.Message.(*message.RequestMultipleObjects)
	c := clientOf(ev, m.AgentData.AgentID, m.AgentData.SessionID) // who looks in may ask, too
	if c == nil {
		return
	}
	var list []*prim
	for _, d := range m.ObjectData {
		if p := c.region.prims.local(d.ID); p != nil {
			list = append(list, p)
		}
	}
	for len(list) > 0 {
		rest, ok := c.region.sendPrims(ev.Now, c, list, false)
		if list = rest; !ok {
			c.region.counters.unsent++
		}
	}
}
