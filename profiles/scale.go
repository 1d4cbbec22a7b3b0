package profiles

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strconv"
	"time"
)

// Scale scales the plan to a peak of n agents and marks it as scaled by hand.
// The login rate stays, so stages that would now outrun it take longer; Fit
// sets the length afterwards. On an error the profile is as it was.
func (p *Profile) Scale(n int) error {
	peak := p.Peak()
	if n < 1 || n > maxAgents {
		return Errors{{Key: "agents", Problem: fmt.Sprintf("cannot scale to %d: want 1 to %d agents", n, maxAgents)}}
	}
	if n == peak {
		return nil
	}
	q := p.clone()
	q.HandScaled = true
	if len(q.Groups) == 0 {
		q.Agents.scale(n, peak)
		return p.take(q)
	}
	if n < len(q.Groups) {
		return Errors{{Key: "agents", Problem: fmt.Sprintf("cannot scale to %d: there are %d groups, and each keeps an agent", n, len(q.Groups))}}
	}
	left, of := n, peak
	for i := range q.Groups {
		// Of what is left each group takes its part, rounded, so that the parts
		// add up; one agent stays for each group that follows.
		a := &q.Groups[i].Agents
		was, others := a.peak(), len(q.Groups)-i-1
		part := min(max(1, (left*was+of/2)/of), left-others)
		a.scale(part, was)
		left, of = left-part, of-was
	}
	return p.take(q)
}

func (a *Agents) scale(n, peak int) {
	switch a.Executor {
	case ConstantAgents:
		a.Count = n
	case RampingAgents:
		from := 0
		for i := range a.Stages {
			s := &a.Stages[i]
			if s.To > 0 {
				s.To = max(1, (s.To*n+peak/2)/peak)
			}
			if s.To > from {
				s.Over = max(s.Over, a.climb(s.To-from))
			}
			from = s.To
		}
	case Stairs:
		a.Step, a.Count = (a.Step*n+peak-1)/peak, n
		a.Every = max(a.Every, a.climb(min(a.Step, n)))
	case ArrivalRate:
		a.LoginRate = Rate(float64(n) / time.Duration(a.Stay).Seconds())
	}
}

// minFit is the shortest run that Fit makes.
const minFit = 100 * time.Millisecond

// Fit makes the whole plan last d: the first stage, which is the ramp, and the
// warm-up keep their length or take a third of d each, whichever is less, and
// so does the cool-down with a tenth; the other stages share the rest in
// proportion. A plan that is nothing but a ramp
// stays one. The login rate is raised to what the stages then need. On an
// error the profile is as it was.
func (p *Profile) Fit(d time.Duration) error {
	if d < minFit || d > time.Duration(maxDuration) {
		return Errors{{Key: "agents", Problem: fmt.Sprintf("cannot fit into %v: want a duration from %v to 8760h", d, minFit)}}
	}
	q := p.clone()
	third := Duration(d) / 3
	q.Warmup = min(q.Warmup, third)
	q.Cooldown = min(q.Cooldown, Duration(d)/10)
	q.fit(Duration(d)-q.Warmup-q.Cooldown, third)
	for _, g := range q.sets() {
		if g.Agents.LoginRate > maxRate {
			return Errors{{Key: "agents", Problem: fmt.Sprintf("cannot fit into %v: that takes %.3g logins a second", d, float64(g.Agents.LoginRate))}}
		}
	}
	return p.take(q)
}

// fit makes the sets of agents, without warm-up and cool-down, last d. They
// wait for the longest first stage among them, so that all have the same time
// for theirs and the same for the rest.
func (p *Profile) fit(d, third Duration) {
	list := []*Agents{&p.Agents}
	if len(p.Groups) > 0 {
		list = list[:0]
		for i := range p.Groups {
			list = append(list, &p.Groups[i].Agents)
		}
	}
	first := d
	if slices.ContainsFunc(list, func(a *Agents) bool { return !a.onlyRamps() }) {
		first = 0
		for _, a := range list {
			first = max(first, a.fitFirst(d, third))
		}
	}
	for _, a := range list {
		a.fit(first, d-first)
	}
}

// onlyRamps tells whether the set has a first stage alone.
func (a *Agents) onlyRamps() bool {
	_, rest := a.parts()
	return a.Executor == RampingAgents && rest == 0
}

// stairs are how many steps there are, and the agents of the highest.
func (a *Agents) stairs() (n Duration, step int) {
	return Duration((a.Count + a.Step - 1) / a.Step), min(a.Step, a.Count)
}

// fitFirst is how long the set's first stage takes when it has d for all of
// them: a third of the whole at most for a ramp.
func (a *Agents) fitFirst(d, third Duration) Duration {
	switch a.Executor {
	case ConstantAgents:
		a.raise(a.Count, third)
		return a.climb(a.Count)
	case RampingAgents:
		return min(a.Stages[0].Over, third)
	case Stairs:
		n, step := a.stairs()
		a.raise(step, min(d/n, third))
		return a.climb(step)
	}
	return 0
}

// fit makes the set's first stage, which fitFirst has seen, last first at most
// and the others rest. With no rest all is one ramp, which lasts first.
func (a *Agents) fit(first, rest Duration) {
	switch a.Executor {
	case ConstantAgents:
		a.Duration = rest
	case RampingAgents:
		a.fitStages(first, rest)
	case Stairs:
		n, step := a.stairs()
		if n > 1 { // each step must be climbed within its time
			a.raise(step, rest/(n-1))
		}
		a.Every = (a.climb(step) + rest) / n
	case ArrivalRate:
		a.Duration = rest
	}
}

func (a *Agents) fitStages(first, rest Duration) {
	var others Duration
	for _, s := range a.Stages[1:] {
		others += s.Over
	}
	if ramp := &a.Stages[0].Over; rest > 0 {
		*ramp = min(*ramp, first)
	} else {
		*ramp = first
	}
	if others > 0 {
		// Each end is rounded, not each length, so that no time gets lost.
		var before Duration
		for i := range a.Stages[1:] {
			s := &a.Stages[1+i]
			after := before + s.Over
			s.Over = mulDiv(rest, int64(after), int64(others)) - mulDiv(rest, int64(before), int64(others))
			before = after
		}
	}
	from := 0
	for _, s := range a.Stages {
		a.raise(s.To-from, s.Over)
		from = s.To
	}
}

// raise raises the login rate, if it must, so that n logins take d at most. It
// goes to the next number of three digits or so, for a reader's sake.
func (a *Agents) raise(n int, d Duration) {
	if n <= 0 || a.climb(n) <= d {
		return
	}
	needed := float64(n) / time.Duration(d).Seconds()
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(needed*1.006, 'g', 3, 64), 64)
	if err != nil {
		rounded = math.Inf(1)
	}
	a.LoginRate = Rate(rounded)
}

// mulDiv is d*num/den without overflow on the way; den is above 0, num from 0
// to den.
func mulDiv(d Duration, num, den int64) Duration {
	hi, lo := bits.Mul64(uint64(d), uint64(num))
	q, _ := bits.Div64(hi, lo, uint64(den))
	return Duration(q)
}

// clone copies what scaling changes.
func (p *Profile) clone() *Profile {
	q := *p
	q.Agents.Stages = slices.Clone(p.Agents.Stages)
	q.Groups = slices.Clone(p.Groups)
	for i := range q.Groups {
		q.Groups[i].Agents.Stages = slices.Clone(q.Groups[i].Agents.Stages)
	}
	return &q
}

// take makes p what q is, if q is sound.
func (p *Profile) take(q *Profile) error {
	if err := q.Resolve(); err != nil {
		return err
	}
	*p = *q
	return nil
}
