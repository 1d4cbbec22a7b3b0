package agent

import (
	"time"

	"github.com/slload/slload/circuit"
)

// A simulator says EnableSimulator once of each neighbour. Said again, of one to
// which there is a circuit, it may mean that the neighbour has forgotten the
// agent: it was restarted, say. The circuit is dead then, which would show only
// after its timeout of a minute.

// doubt is whether a neighbour's circuit still lives.
type doubt struct {
	since circuit.Instant
	at    destination // where the grid said that the neighbour is; its seed comes later
	check circuit.Timer
}

const (
	// deadAfter is the silence of a circuit that is dead, when in doubt: both
	// sides ask each other every 5 s, and a ping may be lost.
	deadAfter = 2*circuit.DefaultPing + time.Second

	doubtEvery = time.Second
)

var errForgotten = &failure{"forgotten", "the neighbour's simulator has forgotten the agent"}

// suspect begins to doubt that a neighbour's circuit lives.
func (r *region) suspect(now circuit.Instant, at destination) {
	a := r.agent
	if r == a.root || a.goesTo(r) || r.doubt != nil {
		return
	}
	r.doubt = &doubt{since: now, at: at}
	r.doubt.check.Fire = r.settleDoubt
	r.settleDoubt(now)
}

// trust ends a doubt.
func (r *region) trust() {
	if r.doubt != nil {
		r.agent.loop.Stop(&r.doubt.check)
		r.doubt = nil
	}
}

// settleDoubt looks whether the neighbour has said anything since, or has been
// silent for so long that its circuit is replaced.
func (r *region) settleDoubt(now circuit.Instant) {
	a, d := r.agent, r.doubt
	heard := r.circuit.LastHeard()
	switch {
	case heard > d.since || a.root == r || a.goesTo(r):
		r.trust()
		r.connect(d.at.seed)
	case now.Sub(heard) >= deadAfter:
		r.lost(now, errForgotten)
		a.enable(now, d.at)
		if fresh := a.at(d.at.simulator); fresh != nil {
			fresh.connect(d.at.seed)
		}
	default:
		a.loop.ScheduleLoose(&d.check, now.Add(doubtEvery))
	}
}
