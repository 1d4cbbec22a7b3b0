package agent

import (
	"net/netip"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// RegionInfo is what RegionHandshake and AgentMovementComplete tell of a
// region. X and Y are the south-west corner in metres on the grid's map.
type RegionInfo struct {
	Name         string
	ID           uuid.UUID
	X, Y         uint32
	SizeX, SizeY uint32 // metres
}

// regionSize is a region's width and depth where nobody says otherwise;
// OpenSim's login answer does.
const regionSize = 256

// entry is the end of entering a region.
type entry struct {
	at  circuit.Instant
	err error
}

// region is a simulator's region as one agent sees it, and the agent's
// circuit to it. The loop owns it.
type region struct {
	agent   *Agent
	circuit *circuit.Circuit
	info    RegionInfo
	scene   scene

	began      circuit.Instant // UseCircuitCode sent
	moved      circuit.Instant // AgentMovementComplete came
	handshaken circuit.Instant // RegionHandshake came for the first time
	entered    func(entry)     // called once; nil afterwards
	retry      circuit.Timer
}

// open begins to enter the region: UseCircuitCode, and when it is acked
// CompleteAgentMovement.
func (r *region) open(now circuit.Instant, simulator netip.AddrPort) error {
	a := r.agent
	c, err := a.loop.Open(circuit.CircuitConfig{
		Peer: simulator, Code: a.code, Owner: r,
		OnClose: func(now circuit.Instant, _ *circuit.Circuit, err error) { r.closed(now, err) },
	})
	if err != nil {
		return err
	}
	r.circuit, a.root, r.began = c, r, now
	for _, id := range a.raws {
		c.Want(id, true)
	}
	use := message.UseCircuitCode{CircuitCode: message.UseCircuitCodeCircuitCode{
		Code: a.code, SessionID: a.session, ID: a.ID,
	}}
	err = c.SendReliable(now, &use, func(now circuit.Instant, err error) {
		if err == nil {
			r.complete(now)
		}
	})
	if err != nil {
		r.fail(now, err)
	}
	return nil // from here on the entry tells what came of it
}

// complete asks to be moved in, and again for as long as nothing comes of it.
func (r *region) complete(now circuit.Instant) {
	if r.moved != 0 || r.circuit == nil {
		return
	}
	a := r.agent
	move := message.CompleteAgentMovement{AgentData: message.CompleteAgentMovementAgentData{
		AgentID: a.ID, SessionID: a.session, CircuitCode: a.code,
	}}
	if err := r.circuit.SendReliable(now, &move, nil); err != nil {
		r.fail(now, err)
		return
	}
	r.retry.Fire = r.complete
	a.loop.Schedule(&r.retry, now.Add(handshakeRetry))
}

// movementComplete is half of being in world.
func (r *region) movementComplete(ev *circuit.Event, m *message.AgentMovementComplete) {
	a := r.agent
	if m.AgentData.AgentID != a.ID || m.AgentData.SessionID != a.session {
		return
	}
	a.loop.Stop(&r.retry)
	r.info.X, r.info.Y = uint32(m.Data.RegionHandle>>32), uint32(m.Data.RegionHandle)
	r.scene.position = m.Data.Position
	if r.moved == 0 {
		r.moved = ev.At
		r.introduce(ev.Now)
	}
	r.inWorld(ev.Now)
}

// handshake is the other half. It is answered every time it comes.
func (r *region) handshake(ev *circuit.Event, m *message.RegionHandshake) {
	a := r.agent
	r.info.Name, r.info.ID = message.String(m.RegionInfo.SimName), m.RegionInfo2.RegionID
	// Flags: 1 all cacheable objects, 2 cache empty, 4 self appearance: a
	// client without a cache wants the whole scene.
	reply := message.RegionHandshakeReply{
		AgentData:  message.RegionHandshakeReplyAgentData{AgentID: a.ID, SessionID: a.session},
		RegionInfo: message.RegionHandshakeReplyRegionInfo{Flags: 1 | 2},
	}
	if err := r.circuit.SendReliable(ev.Now, &reply, nil); err != nil {
		a.log.Warn("answer RegionHandshake", "agent", a.String(), "error", err)
	}
	if r.handshaken == 0 {
		r.handshaken = ev.At
	}
	r.inWorld(ev.Now)
}

func (r *region) inWorld(now circuit.Instant) {
	if r.entered == nil || r.moved == 0 || r.handshaken == 0 {
		return
	}
	at := max(r.moved, r.handshaken)
	r.agent.opt.Observer.Done(OpHandshake, r.began, r.began, at, "")
	r.entered(entry{at: at})
	r.entered = nil
	r.agent.startUpdates(now)
	emit(r.agent, RegionEntered{At: at, Region: r.info})
}

// closed is told by the circuit, whoever closed it.
func (r *region) closed(now circuit.Instant, err error) {
	if err == nil {
		err = circuit.ErrClosed
	}
	r.agent.loop.Stop(&r.retry)
	if r.entered != nil {
		r.fail(now, err)
		return
	}
	if r.agent.root == r && !r.agent.leaving {
		r.agent.left(now, err)
	}
}
