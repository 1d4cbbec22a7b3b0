package profiles

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"
)

// Share cuts a swarm: a share has the agents whose index leaves Index when
// divided by Count. Share{0, 1} is the whole swarm.
type Share struct{ Index, Count int }

// has tells whether an agent belongs to the share.
func (s Share) has(agent int) bool { return agent%s.Count == s.Index }

// Session is one stay of one agent in world by plan, from login to logout.
type Session struct {
	// Agent counts from 0 over all shares; it is also the index of the account.
	Agent int
	// Nth counts the agent's sessions from 0: an agent that left when the
	// swarm shrank may come back.
	Nth int
	// Login and Leave are offsets from the run's start. A session that lasts
	// to the end leaves at Plan.Length.
	Login, Leave time.Duration
}

// Phase is a stretch of a run that the summary tells apart.
type Phase struct {
	// Name is WarmupPhase, CooldownPhase, or "stage 1", "stage 2" and so on.
	Name string
	// From and To are offsets from the run's start.
	From, To time.Duration
	// Ramp tells that the number of agents changes, by a plan that also has
	// stages in which it stays.
	Ramp bool
}

// The names of the phases that verdicts leave out.
const (
	WarmupPhase   = "warmup"
	CooldownPhase = "cooldown"
)

// LeftOut tells a phase that is marked and left out of verdicts: warm-up or
// cool-down.
func LeftOut(phase string) bool { return phase == WarmupPhase || phase == CooldownPhase }

// Plan is the schedule of one share of a run. It is read-only, so that all
// loops may use it at once.
type Plan struct {
	Profile *Profile
	Seed    uint64
	Share   Share
	// Sessions are those of this share, by Login.
	Sessions []Session
	// Phases cover the run without gaps; they are the same in every share.
	Phases []Phase
	// Length is when everybody leaves.
	Length time.Duration
	// Peak is the most agents at the same time, over all shares.
	Peak int
	// Agents is how many different agents there are, over all shares: every
	// Session.Agent is below it, and so many accounts are needed.
	Agents int
}

// maxShares bounds the shares of a swarm.
const maxShares = 100_000

// NewPlan makes the plan of one share of a resolved profile. It is a pure
// function: the same arguments give the same plan on every machine, and the
// shares of a swarm together give the plan of the whole.
func NewPlan(p *Profile, seed uint64, share Share) (*Plan, error) {
	if share.Count < 1 || share.Count > maxShares || share.Index < 0 || share.Index >= share.Count {
		return nil, fmt.Errorf("plan profile %s: no share %d of %d", p.Name, share.Index, share.Count)
	}
	if errs := p.check(); len(errs) > 0 {
		return nil, fmt.Errorf("plan profile %s: %w", p.Name, errs)
	}
	plan := &Plan{Profile: p, Seed: seed, Share: share, Length: p.Length(), Peak: p.Peak()}
	if p.Agents.Executor == ArrivalRate {
		plan.planArrivals()
	} else {
		plan.planStages()
	}
	slices.SortFunc(plan.Sessions, func(a, b Session) int {
		return cmp.Or(cmp.Compare(a.Login, b.Login), cmp.Compare(a.Agent, b.Agent))
	})
	return plan, nil
}

// planStages follows the stages, with the warm-up after the first of them. The
// agent that came last is the first to leave.
func (p *Plan) planStages() {
	p.Agents = p.Peak
	logins := make([]time.Duration, p.Agents) // of the agents that are in world
	nth := make([]int, p.Agents)
	leave := func(agent int, at time.Duration) {
		if p.Share.has(agent) {
			p.Sessions = append(p.Sessions, Session{agent, nth[agent], logins[agent], at})
		}
		nth[agent]++
	}
	var now time.Duration
	from := 0
	stages := p.Profile.Agents.stages()
	for i, s := range stages {
		ramp := s.To != from
		for agent := from; agent < s.To; agent++ {
			logins[agent] = now + part(s.Over, agent-from, s.To-from)
		}
		for agent := from - 1; agent >= s.To; agent-- {
			leave(agent, now+part(s.Over, from-agent, from-s.To))
		}
		from = s.To
		now = p.phase("stage "+strconv.Itoa(i+1), now, s.Over, ramp)
		if i == 0 {
			now = p.phase(WarmupPhase, now, p.Profile.Warmup, false)
		}
	}
	p.phase(CooldownPhase, now, p.Profile.Cooldown, false)
	p.keepRamps()
	for agent := range from {
		leave(agent, p.Length)
	}
}

// part is the part i/n of d.
func part(d Duration, i, n int) time.Duration {
	return time.Duration(mulDiv(d, int64(i), int64(n)))
}

// phase adds a phase, unless it takes no time, and returns its end.
func (p *Plan) phase(name string, from time.Duration, length Duration, ramp bool) time.Duration {
	to := from + time.Duration(length)
	if length > 0 {
		p.Phases = append(p.Phases, Phase{name, from, to, ramp})
	}
	return to
}

// keepRamps makes the ramps stages like others where there is nothing else.
func (p *Plan) keepRamps() {
	if len(p.Measured()) > 0 {
		return
	}
	for i := range p.Phases {
		p.Phases[i].Ramp = false
	}
}

// Measured are the names of the phases that are neither ramp nor warm-up nor cool-down.
func (p *Plan) Measured() []string {
	var names []string
	for _, phase := range p.Phases {
		if !phase.Ramp && !LeftOut(phase.Name) {
			names = append(names, phase.Name)
		}
	}
	return names
}

// accountRest is how long an account stays out between two sessions: a grid
// takes a moment to see that an agent has gone, and refuses it until then.
const accountRest = 10 * time.Second

// planArrivals lets sessions arrive evenly, warm-up, cool-down and all, each under the
// account that has rested longest.
func (p *Plan) planArrivals() {
	a := &p.Profile.Agents
	stay, rate := time.Duration(a.Stay), float64(a.LoginRate)
	accounts := int(math.Ceil(rate * (stay + accountRest).Seconds()))
	for i := 0; ; i++ {
		login := time.Duration(float64(i) / rate * float64(time.Second))
		if login >= p.Length {
			break
		}
		agent := i % accounts
		p.Agents = max(p.Agents, agent+1)
		if p.Share.has(agent) {
			p.Sessions = append(p.Sessions, Session{agent, i / accounts, login, min(login+stay, p.Length)})
		}
	}
	now := p.phase(WarmupPhase, 0, p.Profile.Warmup, false)
	now = p.phase("stage 1", now, a.Duration, false)
	p.phase(CooldownPhase, now, p.Profile.Cooldown, false)
}
