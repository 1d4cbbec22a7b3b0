package testgrid

import (
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

func (g *Grid) dispatchTouch(d *circuit.Dispatch) {
	d.On(message.IDObjectGrab, g.onGrab)
	d.On(message.IDObjectGrabUpdate, g.onGrabUpdate)
	d.On(message.IDObjectDeGrab, g.onDeGrab)
}

// onGrab is a touch that begins: scripts of the prim hear it, or those of the
// root where it has none that do.
func (g *Grid) onGrab(ev *circuit.Event) {
	m := ev.Message.(*message.ObjectGrab)
	if c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID); c != nil {
		c.touch(ev.Now, m.ObjectData.LocalID, "touch_start")
	}
}

func (g *Grid) onDeGrab(ev *circuit.Event) {
	m := ev.Message.(*message.ObjectDeGrab)
	if c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID); c != nil {
		c.touch(ev.Now, m.ObjectData.LocalID, "touch_end")
	}
}

func (c *client) touch(now circuit.Instant, localID uint32, event string) {
	p := c.region.prims.local(localID)
	if p == nil {
		return
	}
	if !p.touchable() {
		p = p.root
	}
	c.region.trigger(now, p, event)
}

// onGrabUpdate pulls a physical object along, if the client may move it. There
// is no physics: it is where it is pulled to.
func (g *Grid) onGrabUpdate(ev *circuit.Event) {
	m := ev.Message.(*message.ObjectGrabUpdate)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	p := c.region.prims.byID[m.ObjectData.ObjectID]
	to := m.ObjectData.GrabPosition
	if p == nil || !p.root.physical || p.permits(c)&permMove == 0 || !finiteVector(to) {
		return
	}
	c.region.reshape(p.root, changePosition, []message.Vector3{to})
}
