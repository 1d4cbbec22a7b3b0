package profiles

import (
	"cmp"
	"math"
	"time"
)

// Resolve fills in what follows from other keys and checks everything; every
// other function of a profile wants a resolved one. It may be called again
// after a change. Errors are Errors without positions.
func (p *Profile) Resolve() error { return p.resolve().err() }

func (p *Profile) resolve() Errors {
	p.Grid.Start = cmp.Or(p.Grid.Start, "last")
	p.OnLoss = cmp.Or(p.OnLoss, Relogin)
	p.resolveGroups()
	if len(p.Groups) == 0 {
		p.Agents.resolve()
	}
	p.Placement.resolve()
	return p.check()
}

// resolve names the executor that the keys stand for, and the length of stages
// that are as short as the login rate allows.
func (a *Agents) resolve() {
	if a.Executor == "" {
		switch {
		case len(a.Stages) > 0:
			a.Executor = RampingAgents
		case a.Step > 0 || a.Every > 0:
			a.Executor = Stairs
		case a.Stay > 0:
			a.Executor = ArrivalRate
		default:
			a.Executor = ConstantAgents
		}
	}
	from := 0
	for i := range a.Stages {
		s := &a.Stages[i]
		if s.Over == 0 && s.To > from {
			s.Over = a.climb(s.To - from)
		}
		from = s.To
	}
}

// climb is how long n logins take.
func (a *Agents) climb(n int) Duration {
	if a.LoginRate <= 0 {
		return 0 // check refuses it
	}
	ns := math.Ceil(float64(n) / float64(a.LoginRate) * float64(time.Second))
	if ns > float64(maxDuration) {
		return maxDuration
	}
	return Duration(ns)
}

// stages are the plan as linear changes, for every executor that has agents
// rather than sessions.
func (a *Agents) stages() []Stage {
	switch a.Executor {
	case ConstantAgents:
		return []Stage{{a.climb(a.Count), a.Count}, {a.Duration, a.Count}}
	case RampingAgents:
		return a.Stages
	case Stairs:
		var stages []Stage
		for from := 0; from < a.Count; {
			to := min(from+a.Step, a.Count)
			rise := a.climb(to - from)
			stages = append(stages, Stage{rise, to})
			if hold := a.Every - rise; hold > 0 {
				stages = append(stages, Stage{hold, to})
			}
			from = to
		}
		return stages
	}
	return nil
}

// Peak is the most agents at the same time by plan; of groups it is the sum of
// theirs, whether they have them at the same time or not.
func (p *Profile) Peak() (sum int) {
	for _, g := range p.sets() {
		sum += g.Agents.peak()
	}
	return sum
}

func (a *Agents) peak() int {
	if a.Executor == ArrivalRate {
		// Little's law; arrivals are even, so it holds at every moment. The
		// hair's breadth takes back what the product of two floats may add.
		return int(math.Ceil(float64(a.LoginRate)*time.Duration(a.Stay).Seconds() - 1e-6))
	}
	if a.Executor != RampingAgents {
		return a.Count
	}
	peak := 0
	for _, s := range a.Stages {
		peak = max(peak, s.To)
	}
	return peak
}

// Length is how long the run takes by plan, from the first login to the first
// logout at the end.
func (p *Profile) Length() time.Duration {
	first, rest := p.parts()
	return time.Duration(min(first+p.Warmup, maxDuration+1) + min(rest+p.Cooldown, maxDuration+1))
}

// parts are how long the plan takes before and after its warm-up: the longest
// first stage of its sets, and the longest rest.
func (p *Profile) parts() (first, rest Duration) {
	for _, g := range p.sets() {
		f, r := g.Agents.parts()
		first, rest = max(first, f), max(rest, r)
	}
	return first, rest
}

// parts are how long the first stage takes and how long the others do. Arrivals
// have no first stage: they are in their stride at once.
func (a *Agents) parts() (first, rest Duration) {
	if a.Executor == ArrivalRate {
		return 0, a.Duration
	}
	for i, s := range a.stages() {
		if i == 0 {
			first = s.Over
		} else if rest += s.Over; rest > maxDuration {
			break // check refuses it; the rest could overflow
		}
	}
	return first, rest
}

// resolve fills in the layout and the spot of a placement.
func (pl *Placement) resolve() {
	if len(pl.Regions) == 0 {
		return
	}
	pl.Layout = cmp.Or(pl.Layout, Crowd)
	if len(pl.Spot) == 0 {
		pl.Spot = []float64{128, 128, 25}
	}
}
