package agent

import (
	"errors"
	"net/netip"
	"time"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/reason"
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

// handshakeRetry is how often CompleteAgentMovement is sent again by an agent
// that waits: OpenSim acks what comes before a circuit is authorised and then
// forgets it.
const handshakeRetry = 5 * time.Second

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
	scene   scene // here, because its beginning is looked at as often as the two above
	info    RegionInfo
	queue   *queue       // nil without one
	caps    capabilities // what its seed gave

	began      circuit.Instant // UseCircuitCode sent
	moved      circuit.Instant // AgentMovementComplete came
	handshaken circuit.Instant // RegionHandshake came for the first time
	authorised bool            // UseCircuitCode was acked
	entered    chan<- entry    // of a login: has room for the one entry; nil once told
	retry      circuit.Timer   // of CompleteAgentMovement
	doubt      *doubt          // whether its simulator still knows the agent; nil: none
}

// open begins to enter the region that a login chose: UseCircuitCode, and when
// it is acked CompleteAgentMovement. If it gives no error, entered tells what
// came of it.
func (r *region) open(now circuit.Instant, simulator netip.AddrPort) error {
	a := r.agent
	if err := r.dial(simulator); err != nil {
		return err
	}
	a.root = r
	err := r.use(now)
	if err != nil {
		a.leave(now, err)
	}
	return err
}

// dial opens the agent's circuit to the region's simulator: from the endpoint
// that the agent has at the others, as viewers do, or another where that one
// is taken.
func (r *region) dial(simulator netip.AddrPort) error {
	a := r.agent
	cfg := circuit.CircuitConfig{
		Peer: simulator, Code: a.code, Owner: r, Seed: a.opt.Seed,
		OnClose: func(now circuit.Instant, _ *circuit.Circuit, err error) { r.closed(now, err) },
	}
	switch {
	case a.root != nil:
		cfg.Endpoint, cfg.HasEndpoint = a.root.circuit.Endpoint(), true
	case a.opt.Endpoint != nil:
		cfg.Endpoint, cfg.HasEndpoint = *a.opt.Endpoint, true
	}
	c, err := a.loop.Open(cfg)
	if cfg.HasEndpoint && errors.Is(err, circuit.ErrInUse) {
		cfg.HasEndpoint = false
		c, err = a.loop.Open(cfg)
	}
	r.circuit = c
	if err == nil {
		c.Prompt(true) // until the region lets it in: what comes is for the next step
	}
	return err
}

// use sends UseCircuitCode.
func (r *region) use(now circuit.Instant) error {
	a := r.agent
	r.began = now
	use := message.UseCircuitCode{CircuitCode: message.UseCircuitCodeCircuitCode{
		Code: a.code, SessionID: a.session, ID: a.ID,
	}}
	return r.circuit.SendWith(now, &use, circuit.SendOptions{Reliable: true, Sent: &r.began, Done: func(now circuit.Instant, err error) {
		if err == nil {
			r.authorised = true
			r.complete(now)
		}
	}})
}

// complete asks to be moved in, and again for as long as nothing comes of it.
// Neighbours are only looked at.
func (r *region) complete(now circuit.Instant) {
	a := r.agent
	if r.moved != 0 || !r.authorised || a.root != r && !a.goesTo(r) {
		return
	}
	move := message.CompleteAgentMovement{AgentData: message.CompleteAgentMovementAgentData{
		AgentID: a.ID, SessionID: a.session, CircuitCode: a.code,
	}}
	if err := r.circuit.SendReliable(now, &move, nil); err != nil {
		r.lost(now, err)
		return
	}
	r.retry.Fire = r.complete
	a.loop.Schedule(&r.retry, now.Add(handshakeRetry))
}

// movementComplete is half of being in world.
func (r *region) movementComplete(ev *circuit.Event, m *message.AgentMovementComplete) {
	a := r.agent
	if m.AgentData.AgentID != a.ID || m.AgentData.SessionID != a.session || a.root != r && !a.goesTo(r) {
		return
	}
	a.loop.Stop(&r.retry)
	r.info.X, r.info.Y = uint32(m.Data.RegionHandle>>32), uint32(m.Data.RegionHandle)
	r.scene.moveTo(m.Data.Position)
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
	r.tell(ev.Now, &reply)
	if r.handshaken == 0 {
		r.handshaken = ev.At
		if a.root != r {
			r.circuit.Prompt(false)
			r.seen(ev)
		}
	}
	r.inWorld(ev.Now)
}

func (r *region) inWorld(now circuit.Instant) {
	a := r.agent
	switch {
	case r.moved == 0 || r.handshaken == 0:
		return
	}
	r.circuit.Prompt(false)
	switch {
	case a.goesTo(r):
		a.arrive(now)
		return
	case r.entered == nil:
		return
	}
	at := max(r.moved, r.handshaken)
	a.opt.Observer.Done(OpHandshake, r.began, r.began, max(at, r.began), "")
	r.entered <- entry{at: at}
	r.entered = nil
	a.entered = true
	a.startUpdates(now)
}

// leave gives the region up, entered or not.
func (r *region) leave(now circuit.Instant, cause error) {
	a := r.agent
	a.loop.Stop(&r.retry)
	r.trust()
	if r.entered != nil {
		a.opt.Observer.Done(OpHandshake, r.began, r.began, max(now, r.began), reason.Of(cause))
		r.entered <- entry{err: cause}
		r.entered = nil
	}
	if r.queue != nil {
		r.queue.stop()
	}
	r.circuit.Close(now, cause)
	r.lookAway(now)
}

// closed is told by the circuit, whoever closed it.
func (r *region) closed(now circuit.Instant, err error) {
	if err == nil {
		err = circuit.ErrClosed
	}
	r.lost(now, err)
}

// tell sends what the simulator must get. What can't be sent is counted: the
// simulator acknowledges nothing, and the circuit will time out.
func (r *region) tell(now circuit.Instant, m message.Message) {
	if err := r.circuit.SendReliable(now, m, nil); err != nil {
		r.agent.opt.Observer.Count(countUnsent, 1)
	}
}

// countUnsent counts what an agent should have told its simulator and
// couldn't.
const countUnsent = "agent.unsent"
