package screen

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/results"
	"github.com/slload/slload/swarm"
)

// State is what is shown of a run at one moment.
type State struct {
	At      time.Duration // in the plan
	Length  time.Duration // of it
	Paused  time.Duration
	Phase   string
	Holding bool // the plan stands still

	Agents    results.Agents
	Actions   results.Actions
	Packets   int64 // sent and received so far
	Errors    int64 // of operations so far
	Generator results.Validity
	Reasons   []string
	Ops       []Op // the worst first
}

// Op are the figures of an operation over the whole run so far.
type Op struct {
	Name string
	results.Op
}

// StateOf takes from a run's progress what is shown, while that is valid.
func StateOf(p *swarm.Progress) State {
	sum := p.Summary()
	s := State{
		At: p.T - p.Paused, Length: p.Length, Paused: p.Paused, Phase: p.Phase, Holding: p.Holding,
		Agents: p.Agents, Actions: p.Actions, Packets: p.Transport.PacketsSent + p.Transport.PacketsReceived,
		Generator: sum.Verdict.Generator, Reasons: sum.Verdict.Reasons,
	}
	for _, e := range sum.Errors {
		s.Errors += e.Count
	}
	for name, op := range sum.Ops {
		s.Ops = append(s.Ops, Op{name, op})
	}
	slices.SortFunc(s.Ops, worse)
	return s
}

// worse puts operations with a greater part of errors first, then the slower
// ones. What shows the network alone, and the parts of a login, come last.
func worse(a, b Op) int {
	return cmp.Or(cmp.Compare(rank(a.Name), rank(b.Name)), cmp.Compare(b.errorShare(), a.errorShare()),
		cmp.Compare(b.ResponseNS.P95, a.ResponseNS.P95), cmp.Compare(a.Name, b.Name))
}

func rank(op string) int {
	if op == circuit.OpPing || op == circuit.OpAck || strings.HasPrefix(op, "login.") {
		return 1
	}
	return 0
}

// errorShare is the part of errors, to the percent: less is no reason to come
// first.
func (o Op) errorShare() int64 {
	return 100 * o.Errors / max(o.Count+o.Errors, 1)
}
