package testgrid

import (
	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

func (g *Grid) dispatchDerez(d *circuit.Dispatch) {
	d.On(message.IDDeRezObject, g.onDerez)
	d.On(message.IDObjectDelete, g.onObjectDelete)
	d.On(message.IDRezObject, g.onRez)
	d.On(message.IDObjectBuy, g.onObjectBuy)
}

// What DeRezObject's Destination says.
const (
	derezTakeCopy = 1
	derezTake     = 4
	derezDelete   = 6
	derezReturn   = 9
)

// onDerez takes linksets out of the region into an inventory: who takes a copy
// leaves them there. Roots only are taken.
func (g *Grid) onDerez(ev *circuit.Event) {
	m := ev.Message.(*message.DeRezObject)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	for _, d := range m.ObjectData {
		if p := c.known(ev.Now, d.ObjectLocalID); p != nil && p.root == p {
			g.derez(ev.Now, c, p, m.AgentBlock.Destination, m.AgentBlock.DestinationID)
		}
	}
}

func (g *Grid) derez(now circuit.Instant, c *client, p *prim, how uint8, folder uuid.UUID) {
	mine := p.owner == c.session.agentID
	switch how {
	case derezTakeCopy:
		if !p.copyable(c) {
			c.alert(now, "No permission to take copy object "+p.name)
			return
		}
		g.stow(now, c, p, c.session.agentID, uuid.Nil)
		return
	case derezTake:
		if !mine {
			return
		}
	case derezDelete:
		if !mine {
			return
		}
		folder = g.inventories.folderFor(p.owner, kindTrash)
	case derezReturn:
		if !mine {
			return
		}
		folder = g.inventories.folderFor(p.owner, kindLostAndFound)
	default:
		return
	}
	if g.stow(now, c, p, p.owner, folder) {
		c.region.removePrim(p)
	}
}

// onObjectDelete is the old way to throw an object away.
func (g *Grid) onObjectDelete(ev *circuit.Event) {
	m := ev.Message.(*message.ObjectDelete)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	for _, d := range m.ObjectData {
		if p := c.known(ev.Now, d.ObjectLocalID); p != nil && p.root == p {
			g.derez(ev.Now, c, p, derezDelete, uuid.Nil)
		}
	}
}

// stow puts an item for a linkset into an inventory, and tells its owner; false
// if there is no room. Another than the owner gets what the next owner may.
func (g *Grid) stow(now circuit.Instant, c *client, p *prim, to, folder uuid.UUID) bool {
	var id uuid.UUID
	data, err := p.marshal()
	if err == nil {
		id, err = g.assets.put(asset{kind: kindObject, data: data})
	}
	if err != nil {
		c.alert(now, "The object can't be taken: "+err.Error())
		return false
	}
	it := newItem(to, kindObject, p.name, id)
	it.description, it.creator, it.folder = p.description, p.creator, folder
	own, _, _ := p.effective()
	own = own&permReal | permMove
	if to != p.owner {
		own = fair(own & p.leaves())
		it.flags = flagSlam
	}
	it.perms = permissions{own, own, p.perms.group & own, p.perms.everyone & own, p.perms.next & own}
	it = g.inventories.put(to, it)
	if owner := c.region.anyone(to); owner != nil {
		owner.tellCreated(now, 0, it)
	}
	return true
}

// fair is a mask by the rule that who may not copy may give away, and that all
// may move.
func fair(mask uint32) uint32 {
	if mask&(permCopy|permTransfer) == 0 {
		mask |= permTransfer
	}
	return mask | permMove
}

// onRez puts an object of the client's inventory into the region. An item that
// mustn't be copied leaves the inventory.
func (g *Grid) onRez(ev *circuit.Event) {
	m := ev.Message.(*message.RezObject)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil || !finiteVector(m.RezData.RayEnd) {
		return
	}
	me := c.session.agentID
	it, ok := g.inventories.item(me, m.InventoryData.ItemID)
	if !ok || it.kind != kindObject {
		return
	}
	data, _ := g.assets.get(it.asset)
	if data.kind != kindObject {
		return
	}
	p := unmarshalPrim(data.data)
	if p == nil || !c.mayBuild(ev.Now, len(p.all())) {
		return
	}
	p.name, p.description = it.name, it.description
	p.pos = confine(m.RezData.RayEnd, message.Vector3{})
	p.pos.Z += p.scale.Z / 2
	p.held = m.RezData.RezSelected
	p.group = m.AgentData.GroupID
	p.unpack(&it)
	if it.perms.owner&permCopy == 0 {
		g.inventories.remove(me, it.id)
	} else {
		p.fromItem = it.id
	}
	c.region.place(ev.Now, p)
}

// unpack gives a linkset the permissions of the item that it comes from. One
// that has changed hands since it was packed is the next owner's now.
func (p *prim) unpack(it *item) {
	if p.owner == it.owner && it.flags&flagSlam == 0 {
		return
	}
	p.saleType, p.price = saleNot, noPrice
	for _, q := range p.all() {
		q.perms.next = it.perms.base | permMove
	}
	p.giveTo(it.owner)
	for _, q := range p.all() {
		q.perms.group, q.perms.everyone, q.perms.next = it.perms.group&q.perms.base, it.perms.everyone&q.perms.base, it.perms.next&q.perms.base
	}
}
