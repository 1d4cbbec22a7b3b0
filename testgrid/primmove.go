package testgrid

import (
	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// onUpdateContents changes an item in a prim, or puts a copy of one of the
// client's inventory there: the item itself, where it mustn't be copied.
func (g *Grid) onUpdateContents(ev *circuit.Event) {
	m := ev.Message.(*message.UpdateTaskInventory)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	p := c.editable(ev.Now, m.UpdateData.LocalID)
	if p == nil {
		return
	}
	d := &m.InventoryData
	if it := p.content(d.ItemID); it != nil {
		it.name, it.description = clip(d.Name, longestItemName), clip(d.Description, longestDescription)
		if c.session.agentID == it.owner {
			it.perms.everyone, it.perms.next = d.EveryoneMask&it.perms.base, d.NextOwnerMask&it.perms.base
			it.perms.group = d.GroupMask & it.perms.base
		}
		c.region.contentsChanged(p)
		return
	}
	owner := c.session.agentID
	it, ok := g.inventories.item(owner, d.ItemID)
	if !ok || p.root.owner != owner && it.perms.owner&permTransfer == 0 {
		return
	}
	if c.region.put(p, it) != nil && it.perms.owner&permCopy == 0 {
		g.inventories.remove(owner, it.id)
	}
	c.tell(ev.Now, &message.ObjectProperties{ObjectData: []message.ObjectPropertiesObjectData{p.properties()}})
}

func (g *Grid) onRemoveContents(ev *circuit.Event) {
	m := ev.Message.(*message.RemoveTaskInventory)
	g.edit(ev, m.AgentData.AgentID, m.AgentData.SessionID, m.InventoryData.LocalID, func(r *region, p *prim) {
		if it := p.content(m.InventoryData.ItemID); it != nil {
			r.remove(p, it)
		}
	})
}

// onMoveContents takes an item out of a prim into its owner's inventory: a copy,
// where it may be copied. An object that is shared with a group is no such
// member's to take from.
func (g *Grid) onMoveContents(ev *circuit.Event) {
	m := ev.Message.(*message.MoveTaskInventory)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	p := c.known(ev.Now, m.InventoryData.LocalID)
	if p == nil || p.root.owner != c.session.agentID {
		return
	}
	it := p.content(m.InventoryData.ItemID)
	if it == nil {
		return
	}
	if it.perms.owner&permCopy == 0 {
		c.region.remove(p, it)
	}
	taken := it.item
	taken.id, taken.folder = uuid.Nil, m.AgentData.FolderID
	c.tellItems(ev.Now, g.inventories.put(c.session.agentID, taken))
}
