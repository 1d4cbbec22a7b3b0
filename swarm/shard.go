package swarm

import (
	"context"
	"fmt"
	"time"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/results"
)

// shard is a loop and the sessions that fall to it. The loop's goroutine owns
// all of it but swarm, loop, conn and mode, which never change.
type shard struct {
	swarm *swarm
	loop  *circuit.Loop
	conn  circuit.Transport
	mode  circuit.TransportMode

	recorder *results.Recorder
	spare    *results.Interval // of Run's goroutine, between two swaps

	sessions []*session // by planned login
	nextUp   int        // index of the next one to log in
	logins   circuit.Timer
	stopping bool

	pausedFor   time.Duration   // by how much the plan is behind the run
	pausedAt    circuit.Instant // since when it stands still; 0: it doesn't
	held        []heldTimer     // what came due since it does
	agentsKnown int             // who may be a partner: every agent's index is below it

	agents  results.Agents
	actions results.Actions
	regions map[string]results.Simulator // what each last said of itself
}

func newShard(s *swarm, index int) (*shard, error) {
	open := circuit.NewTransport
	if s.cfg.openUDP != nil {
		open = s.cfg.openUDP
	}
	conn, err := open(circuit.TransportConfig{
		Mode: s.cfg.Transport, Target: targetAddr(s.cfg.LoginURI), Sources: s.cfg.Sources, SourcePorts: s.cfg.SourcePorts,
	})
	if err != nil {
		return nil, fmt.Errorf("open the UDP transport: %w", err)
	}
	sh := &shard{
		swarm: s, conn: conn, mode: conn.Mode(), recorder: results.NewRecorder(),
		regions: map[string]results.Simulator{}, agentsKnown: s.plan.Agents,
	}
	dispatch := circuit.NewDispatch()
	agent.RegisterHandlers(dispatch)
	cfg := circuit.Config{Conn: conn, Dispatch: dispatch, Observer: sh, Permit: s.guard.Permit, Gather: circuit.GatherLimit}
	if s.cfg.PCAP != nil && index == 0 {
		cfg.Tap = capture(s.cfg.PCAP)
	}
	if s.cfg.tap != nil {
		cfg.Tap = s.cfg.tap
	}
	sh.loop = circuit.NewLoop(cfg)
	return sh, nil
}

// Done makes the shard the circuit.Observer of its loop and agents.
func (sh *shard) Done(op string, intended, sent, end circuit.Instant, reason string) {
	sh.recorder.Record(op, end.Sub(intended), end.Sub(sent), reason)
}

// Count makes the shard the circuit.Observer of its loop and agents.
func (sh *shard) Count(name string, n int) { sh.recorder.Count(name, n) }

// call runs f on the loop and waits for it; after the loop's end it does
// nothing.
func (sh *shard) call(f func(now circuit.Instant)) {
	_ = sh.loop.Call(context.Background(), f) // ErrStopped: there is nobody to ask
}

// post runs f on the loop, later.
func (sh *shard) post(f func(now circuit.Instant)) {
	_ = sh.loop.Post(context.Background(), f) // ErrStopped: the run is over
}

// begin starts the plan.
func (sh *shard) begin(now circuit.Instant) {
	sh.logins.Fire = sh.logInDue
	sh.logInDue(now)
}

// at is when an offset of the plan falls due, as far as is known: a pause moves
// it.
func (sh *shard) at(plan time.Duration) circuit.Instant {
	return sh.swarm.start.Add(plan + sh.pausedFor)
}

// logInDue starts the logins that are due and waits for the next.
func (sh *shard) logInDue(now circuit.Instant) {
	if sh.hold(&sh.logins) {
		return
	}
	for ; sh.nextUp < len(sh.sessions) && !sh.stopping; sh.nextUp++ {
		s := sh.sessions[sh.nextUp]
		at := s.planned()
		if at > now {
			sh.loop.Schedule(&sh.logins, at)
			return
		}
		s.begin(now)
	}
}

// stop lets no further login or action begin. What was due until now and
// waits for its timer begins all the same, so that a run which goes to its end
// intends what its plan says, to the last action.
func (sh *shard) stop(now circuit.Instant) {
	for _, s := range sh.sessions[:sh.nextUp] {
		if !s.over {
			s.act(now)
		}
	}
	sh.stopping = true
	sh.loop.Stop(&sh.logins)
	for _, s := range sh.sessions[:sh.nextUp] {
		sh.loop.Stop(&s.next)
		s.mind.stop()
		sh.loop.Stop(&s.leave)
		sh.loop.Stop(&s.again)
	}
}

// event notes something for events.jsonl.
func (sh *shard) event(now circuit.Instant, e results.Event) {
	e.T = now.Sub(sh.swarm.start)
	sh.recorder.Event(e)
}

// heardStats takes a region's word about itself.
func (sh *shard) heardStats(s agent.RegionStats) {
	sh.regions[s.Region] = results.Simulator{
		Region: s.Region, FPS: float64(s.FPS), TimeDilation: float64(s.TimeDilation),
		Agents: s.Agents, Scripts: s.Scripts,
	}
}
