package testgrid

import (
	"errors"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

var (
	errUnauthorised = errors.New("no login gave out this circuit code")
	errTwoEndpoints = errors.New("the circuit code came from two endpoints")
)

// onUseCircuitCode binds a new circuit to the login that its code names. Whoever
// doesn't know one gets the ack of that packet and silence. A code that comes from
// a second endpoint ends the agent, as it does on OpenSim.
func (g *Grid) onUseCircuitCode(ev *circuit.Event) {
	r, fresh := ev.Circuit.Owner.(*region)
	if !fresh {
		return // the same code again
	}
	m := &ev.Message.(*message.UseCircuitCode).CircuitCode
	s := g.directory.byCode(m.Code, m.SessionID, m.ID, r)
	if s == nil {
		r.counters.unauthorised++
		ev.Circuit.Close(ev.Now, errUnauthorised)
		return
	}
	if !s.claimed.CompareAndSwap(false, true) {
		if c := r.clients[s.agentID]; c != nil {
			c.circuit.Close(ev.Now, errTwoEndpoints)
		}
		ev.Circuit.Close(ev.Now, errTwoEndpoints)
		return
	}
	c := &client{
		session: s, circuit: ev.Circuit, region: r, slot: noSlot, look: s.entry.look, allowance: allowance{rate: highestRate},
	}
	c.motion.pos = s.entry.pos
	ev.Circuit.Owner = c
	r.clients[s.agentID] = c
	if !s.login {
		// Who looks in is greeted at once, and never asks to be moved in.
		c.tell(ev.Now, r.handshake())
		r.watch(c)
		r.frame.wake(ev.Now)
	}
}

// clientOf gives the client whose message this is; nil when the circuit has
// none, or when the message names another agent or session than the circuit's:
// such messages are dropped in silence.
func clientOf(ev *circuit.Event, agent, session uuid.UUID) *client {
	c, ok := ev.Circuit.Owner.(*client)
	if !ok {
		return nil
	}
	if c.session.agentID != agent || c.session.id != session {
		c.region.counters.mismatched++
		return nil
	}
	return c
}

// present is clientOf for messages that need an avatar in the region.
func present(ev *circuit.Event, agent, session uuid.UUID) *client {
	if c := clientOf(ev, agent, session); c != nil && c.arrived {
		return c
	}
	return nil
}

// onCompleteAgentMovement brings the avatar into the region. A login circuit
// gets its RegionHandshake only now, and all that follows in OpenSim's order.
func (g *Grid) onCompleteAgentMovement(ev *circuit.Event) {
	m := &ev.Message.(*message.CompleteAgentMovement).AgentData
	c := clientOf(ev, m.AgentID, m.SessionID)
	if c == nil || c.arrived || m.CircuitCode != c.session.code || c.region.clients[m.AgentID] != c {
		return
	}
	r := c.region
	if at := r.expected[m.AgentID]; at != nil && at.to == c.session {
		r.admit(ev.Now, c, at)
		return
	}
	if !c.session.login || c.session.stay.spread.Load() {
		return // it may look in, no more
	}
	r.addAvatar(ev.Now, c)
	c.tell(ev.Now, r.handshake())
	c.tell(ev.Now, c.movementComplete(ev.Now))
	c.tell(ev.Now, c.agentData())
	c.sendOverlay(ev.Now)
	r.introduce(ev.Now, c, []int32{c.slot})
	c.view.seen = r.changes
	c.session.events.put("AgentGroupDataUpdate", g.groups.update(c.session.agentID))
	r.tellParcel(c)
	r.enableNeighbours(c)
	if c.session.stay.greeted.CompareAndSwap(false, true) {
		r.greet(ev.Now, c)
	}
}

// cacheEmpty is the flag of RegionHandshakeReply by which a viewer says that it
// has no object of the region.
const cacheEmpty = 0x2

func (g *Grid) onRegionHandshakeReply(ev *circuit.Event) {
	m := ev.Message.(*message.RegionHandshakeReply)
	if c := clientOf(ev, m.AgentData.AgentID, m.AgentData.SessionID); c != nil {
		c.handshaken, c.caches = true, m.RegionInfo.Flags&cacheEmpty == 0
	}
}

// ready tells whether the client gets the scene: OpenSim waits for its answer to
// the handshake and for its seed request.
func (c *client) ready() bool { return c.handshaken && c.session.seeded.Load() }

// tell sends what must arrive. What can't be sent is counted by the circuit or
// ends it; nobody here could mend it.
func (c *client) tell(now circuit.Instant, m message.Message) {
	if err := c.circuit.SendReliable(now, m, nil); err != nil {
		c.region.counters.unsent++
	}
}

func (c *client) movementComplete(now circuit.Instant) message.Message {
	m := &message.AgentMovementComplete{}
	m.AgentData.AgentID, m.AgentData.SessionID = c.session.agentID, c.session.id
	m.Data.Position, m.Data.LookAt = c.motion.pos, c.look
	m.Data.RegionHandle, m.Data.Timestamp = c.region.handle(), uint32(now.Time().Unix())
	m.SimData.ChannelVersion = message.Text("slload testgrid")
	return m
}

func (c *client) agentData() message.Message {
	m := &message.AgentDataUpdate{}
	m.AgentData.AgentID = c.session.agentID
	m.AgentData.FirstName, m.AgentData.LastName = message.Text(c.session.first), message.Text(c.session.last)
	c.region.grid.groups.describe(m)
	return m
}

// tellParcel tells a client of the land that it has come to stand on.
func (r *region) tellParcel(c *client) {
	if p := r.land.at(c.motion.pos.X, c.motion.pos.Y); p != nil {
		c.session.events.put("ParcelProperties", r.properties(p))
	}
}
