package profiles

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// executorKeys are the keys of agents that each executor takes, beside
// executor and login_rate; it needs all of them.
var executorKeys = map[Executor][]string{
	ConstantAgents: {"count", "duration"},
	RampingAgents:  {"stages"},
	Stairs:         {"count", "step", "every"},
	ArrivalRate:    {"duration", "stay"},
}

func (a *Agents) check(e *Errors) {
	before := len(*e)
	oneOf(e, "agents.executor", a.Executor, ConstantAgents, RampingAgents, Stairs, ArrivalRate)
	checkRate(e, "agents.login_rate", a.LoginRate)
	checkDuration(e, "agents.duration", a.Duration)
	checkDuration(e, "agents.every", a.Every)
	checkDuration(e, "agents.stay", a.Stay)
	checkCount(e, "agents.count", a.Count)
	checkCount(e, "agents.step", a.Step)
	if len(*e) > before {
		return
	}
	given := a.present()
	want := executorKeys[a.Executor]
	var missing []string
	for _, key := range []string{"count", "duration", "stages", "step", "every", "stay"} {
		switch needed := slices.Contains(want, key); {
		case given[key] && !needed:
			e.failf("agents."+key, "has no place in %s: its keys are %s", a.Executor, strings.Join(want, ", "))
		case !given[key] && needed:
			missing = append(missing, key)
		}
	}
	if len(missing) > 0 {
		e.failf("agents", "%s missing or 0: %s needs %s", strings.Join(missing, ", "), a.Executor, strings.Join(want, ", "))
	}
	if len(*e) > before {
		return
	}
	switch a.Executor {
	case RampingAgents:
		a.checkStages(e)
	case Stairs:
		a.checkStairs(e)
	case ArrivalRate:
		if agents := float64(a.LoginRate) * time.Duration(a.Stay).Seconds(); agents > maxAgents {
			e.failf("agents.stay", "makes %.0f agents at the same time, at most %d are allowed", agents, maxAgents)
		}
	}
}

// checkLength checks what only shows once the keys of agents are sound.
func (p *Profile) checkLength(e *Errors) {
	length := p.Length()
	if Duration(length) > maxDuration {
		e.failf("agents", "the whole plan takes longer than 8760h")
		return
	}
	agents, phases := 0, 0
	for prefix, g := range p.sets() {
		if g.Agents.Executor == ArrivalRate {
			checkSessions(e, prefix+"agents", int(float64(g.Agents.LoginRate)*length.Seconds()))
		}
		agents += g.Agents.peak()
		phases += len(g.Agents.stages())
	}
	if agents > maxAgents {
		e.failf("groups", "have %d agents together, at most %d are allowed", agents, maxAgents)
	}
	if len(p.Groups) > 0 && phases > maxStages {
		e.failf("groups", "have %d stages together, at most %d are allowed", phases, maxStages)
	}
}

func (a *Agents) checkStages(e *Errors) {
	if len(a.Stages) > maxStages {
		e.failf("agents.stages", "has %d entries, at most %d are allowed", len(a.Stages), maxStages)
		return
	}
	from, peak, sessions := 0, 0, 0
	var length Duration
	for i, s := range a.Stages {
		key := fmt.Sprintf("agents.stages[%d]", i)
		before := len(*e)
		checkDuration(e, key+".over", s.Over)
		checkCount(e, key+".to", s.To)
		if len(*e) > before {
			return
		}
		if rise := s.To - from; rise > 0 {
			sessions += rise
			if !a.canClimb(rise, s.Over) {
				e.failf(key, "brings %d agents in %v, login_rate %v takes %v: raise one of the two", rise, s.Over, a.LoginRate, a.climb(rise))
			}
		}
		from, peak = s.To, max(peak, s.To)
		if length += s.Over; length > maxDuration {
			return // whose length is said with that of the whole plan
		}
	}
	if peak == 0 {
		e.failf("agents.stages", "no stage goes to more than 0 agents")
	} else if length == 0 {
		e.failf("agents.stages", "take no time: want a stage that lasts")
	}
	checkSessions(e, "agents.stages", sessions)
}

// canClimb tells whether the login rate brings n agents in d; rounding of a
// rate that was made to fit is forgiven.
func (a *Agents) canClimb(n int, d Duration) bool {
	return float64(n) <= float64(a.LoginRate)*time.Duration(d).Seconds()*(1+1e-6)+1e-6
}

func (a *Agents) checkStairs(e *Errors) {
	if step := min(a.Step, a.Count); !a.canClimb(step, a.Every) {
		e.failf("agents.every", "%v is too short for %d logins, login_rate %v takes %v: raise one of the two",
			a.Every, step, a.LoginRate, a.climb(step))
	}
	if steps := (a.Count + a.Step - 1) / a.Step; steps > maxStages {
		e.failf("agents.step", "makes %d steps, at most %d are allowed", steps, maxStages)
	} else if a.Every > maxDuration/Duration(steps) {
		e.failf("agents.every", "%d steps of %v take longer than 8760h", steps, a.Every)
	}
}

func checkCount(e *Errors, key string, n int) {
	if n < 0 || n > maxAgents {
		e.failf(key, "%d is out of range: want 0 to %d agents", n, maxAgents)
	}
}

func checkSessions(e *Errors, key string, n int) {
	if n > maxSessions {
		e.failf(key, "makes %d logins, at most %d are allowed", n, maxSessions)
	}
}
