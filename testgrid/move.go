package testgrid

import (
	"encoding/binary"
	"math"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// onAgentUpdate takes over what a resident's keys and camera ask for; the next
// frame acts on it. What comes late, with a sequence number below one that was
// seen, is dropped.
func (g *Grid) onAgentUpdate(ev *circuit.Event) {
	m := &ev.Message.(*message.AgentUpdate).AgentData
	c := present(ev, m.AgentID, m.SessionID)
	if c == nil {
		return
	}
	if ev.Sequence <= c.lastUpdate {
		c.region.counters.lateUpdates++
		return
	}
	c.lastUpdate = ev.Sequence
	c.region.counters.updates++
	wasSeated := c.motion.seat != 0
	c.motion.steer(m.ControlFlags, m.BodyRotation)
	if wasSeated && c.motion.seat == 0 {
		c.region.tellForm(c)
	}
}

func (g *Grid) onSetAlwaysRun(ev *circuit.Event) {
	m := &ev.Message.(*message.SetAlwaysRun).AgentData
	if c := present(ev, m.AgentID, m.SessionID); c != nil {
		c.motion.run = m.AlwaysRun
	}
}

// onRequestSit answers whoever wants to sit on something that is there.
func (g *Grid) onRequestSit(ev *circuit.Event) {
	m := ev.Message.(*message.AgentRequestSit)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	p := c.region.prims.byID[m.TargetObject.TargetID]
	if p == nil {
		return
	}
	c.seat = p
	answer := &message.AvatarSitResponse{}
	answer.SitObject.ID = p.id
	answer.SitTransform.AutoPilot = true
	answer.SitTransform.SitPosition = seatOffset
	c.tell(ev.Now, answer)
}

// onSit sits down where onRequestSit allowed it.
func (g *Grid) onSit(ev *circuit.Event) {
	m := &ev.Message.(*message.AgentSit).AgentData
	c := present(ev, m.AgentID, m.SessionID)
	if c == nil || c.seat == nil {
		return
	}
	if c.region.prims.byID[c.seat.id] == c.seat { // it still stands
		c.motion.sitOn(c.seat)
		c.region.tellForm(c)
	}
	c.seat = nil
}

// highestRate is OpenSim's cap on what it sends to one client.
const highestRate = 640_000 // bytes/s

// onThrottle takes over how much the client wants to be sent: seven floats, bits
// per second, whose sum counts here.
func (g *Grid) onThrottle(ev *circuit.Event) {
	m := ev.Message.(*message.AgentThrottle)
	c := clientOf(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil || len(m.Throttle.Throttles) < 7*4 {
		return
	}
	sum := 0.0
	for i := range 7 {
		sum += float64(math.Float32frombits(binary.LittleEndian.Uint32(m.Throttle.Throttles[4*i:])))
	}
	if sum > 0 { // and a number
		c.allowance.rate = min(sum/8, highestRate)
	}
}
