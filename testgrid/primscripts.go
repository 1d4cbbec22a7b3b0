package testgrid

import (
	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

func (g *Grid) dispatchContents(d *circuit.Dispatch) {
	d.On(message.IDRequestTaskInventory, g.onRequestContents)
	d.On(message.IDUpdateTaskInventory, g.onUpdateContents)
	d.On(message.IDRemoveTaskInventory, g.onRemoveContents)
	d.On(message.IDMoveTaskInventory, g.onMoveContents)
	d.On(message.IDRezScript, g.onRezScript)
	d.On(message.IDScriptReset, g.onScriptReset)
	d.On(message.IDSetScriptRunning, g.onSetScriptRunning)
	d.On(message.IDGetScriptRunning, g.onGetScriptRunning)
}

// onRezScript puts a script from the client's inventory into a prim and starts
// it, or makes a new one, whose FolderID is the prim's id.
func (g *Grid) onRezScript(ev *circuit.Event) {
	m := ev.Message.(*message.RezScript)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	p := c.editable(ev.Now, m.UpdateBlock.ObjectLocalID)
	if p == nil {
		return
	}
	it, ok := g.inventories.item(c.session.agentID, m.InventoryBlock.ItemID)
	if m.InventoryBlock.ItemID == uuid.Nil {
		it, ok = g.newScript(c.session.agentID, &m.InventoryBlock)
	}
	if !ok || it.kind != kindScript {
		return
	}
	if added := c.region.put(p, it); added != nil {
		c.region.startScript(ev.Now, p, added)
		c.tell(ev.Now, &message.ObjectProperties{ObjectData: []message.ObjectPropertiesObjectData{p.properties()}})
	}
}

func (g *Grid) newScript(owner uuid.UUID, b *message.RezScriptInventoryBlock) (item, bool) {
	id, err := g.assets.put(asset{kind: kindScript, data: []byte(defaultScript)})
	it := newItem(owner, kindScript, clip(b.Name, longestItemName), id)
	it.description = clip(b.Description, longestDescription)
	it.perms = permissions{b.BaseMask, b.OwnerMask, 0, b.EveryoneMask, b.NextOwnerMask}
	return it, err == nil
}

// script gives a script of an object that a client names and may change; nil if
// there is none.
func (c *client) script(object, id uuid.UUID) (*prim, *content) {
	return c.inside(object, id, kindScript)
}

// inside gives an item of that kind in an object that a client may change.
func (c *client) inside(object, id uuid.UUID, kind int8) (*prim, *content) {
	p := c.region.prims.byID[object]
	if p == nil || p.permits(c)&permModify == 0 {
		return nil, nil
	}
	it := p.content(id)
	if it == nil || it.kind != kind {
		return nil, nil
	}
	return p, it
}

func (g *Grid) onScriptReset(ev *circuit.Event) {
	m := ev.Message.(*message.ScriptReset)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	if p, it := c.script(m.Script.ObjectID, m.Script.ItemID); it != nil {
		c.region.run(ev.Now, p, it, "state_entry")
	}
}

func (g *Grid) onSetScriptRunning(ev *circuit.Event) {
	m := ev.Message.(*message.SetScriptRunning)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	if p, it := c.script(m.Script.ObjectID, m.Script.ItemID); it != nil {
		it.running = m.Script.Running && it.script != nil
		c.region.looks(p)
	}
}

// onGetScriptRunning answers by the event queue, as OpenSim does.
func (g *Grid) onGetScriptRunning(ev *circuit.Event) {
	m := &ev.Message.(*message.GetScriptRunning).Script
	c, ok := ev.Circuit.Owner.(*client)
	if !ok || !c.arrived {
		return
	}
	p := c.region.prims.byID[m.ObjectID]
	if p == nil {
		return
	}
	if it := p.content(m.ItemID); it != nil && it.kind == kindScript {
		c.session.events.put("ScriptRunningReply", map[string]any{"Script": []any{map[string]any{
			"ObjectID": m.ObjectID, "ItemID": m.ItemID, "Running": it.running, "Mono": true,
		}}})
	}
}
