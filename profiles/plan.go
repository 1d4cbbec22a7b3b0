package profiles

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Share cuts a swarm: a share has the agents whose index leaves Index when
// divided by Count. Share{0, 1} is the whole swarm.
type Share struct{ Index, Count int }

// String gives index:count, as segments are written.
func (s Share) String() string { return fmt.Sprintf("%d:%d", s.Index, s.Count) }

// Has tells whether an agent, or an account, belongs to the share.
func (s Share) Has(agent int) bool { return agent%s.Count == s.Index }

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
	// Group is the index of the agent's group; 0 in a profile without groups.
	Group int
}

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
	// Peak is the most agents at the same time, over all shares; SharePeak that
	// of this share.
	Peak, SharePeak int
	// Agents is how many different agents there are, over all shares: every
	// Session.Agent is below it, and so many accounts are needed.
	Agents int

	groups []groupPlan
	all    []Session // of all shares, by Login
}

// groupPlan is the part of a plan that a group has.
type groupPlan struct {
	Group
	first  int   // index of its first agent
	agents int   // how many different ones it has, over all shares
	base   int   // index of its first behaviour in Profile.AllBehaviors
	pace   *pace // of behaviours with a rate of the whole swarm; nil: none
}

// groupOf is the group of an agent.
func (p *Plan) groupOf(agent int) *groupPlan { return &p.groups[p.groupIndex(agent)] }

// groupIndex is the index of an agent's group, which has the agents from its
// first to that of the next. Agents beyond the plan fall to the groups in turn.
func (p *Plan) groupIndex(agent int) int {
	if agent >= p.Agents {
		return (agent - p.Agents) % len(p.groups)
	}
	i := len(p.groups) - 1
	for agent < p.groups[i].first {
		i--
	}
	return i
}

// maxShares bounds the shares of a swarm.
const maxShares = 100_000

// NewPlan makes the plan of one share of a resolved profile. It is a pure
// function: the same arguments give the same plan on every machine, and the
// shares of a swarm together give the plan of the whole. It fails with the
// profile's Errors, and on a share that can't be.
func NewPlan(p *Profile, seed uint64, share Share) (*Plan, error) {
	if share.Count < 1 || share.Count > maxShares || share.Index < 0 || share.Index >= share.Count {
		return nil, fmt.Errorf("plan profile %s: no share %d of %d", p.Name, share.Index, share.Count)
	}
	if errs := p.check(); len(errs) > 0 {
		return nil, fmt.Errorf("plan profile %s: %w", p.Name, errs)
	}
	plan := &Plan{Profile: p, Seed: seed, Length: p.Length(), Peak: p.Peak()}
	base := 0
	for _, g := range p.sets() {
		plan.planGroup(groupPlan{Group: g, first: plan.Agents, base: base})
		base += len(g.Behaviors)
	}
	plan.planPhases()
	plan.sort()
	plan.cut(share)
	return plan, nil
}

// planGroup plans the sessions of a group.
func (p *Plan) planGroup(g groupPlan) {
	var all []Session
	if g.Agents.Executor == ArrivalRate {
		all = p.planArrivals(&g)
	} else {
		all = p.planStages(&g)
	}
	if slices.ContainsFunc(g.Behaviors, func(b Behavior) bool { return b.SwarmRate > 0 }) {
		g.pace = newPace(all, p.Length)
	}
	p.Agents += g.agents
	nth := len(p.groups)
	p.groups = append(p.groups, g)
	for _, s := range all {
		s.Group = nth
		s.Agent += g.first
		p.all = append(p.all, s)
	}
}

// planStages follows the stages, with the warm-up after the first of them, when
// all groups are through with theirs. The agent that came last is the first to
// leave. Agents count from 0.
func (p *Plan) planStages(g *groupPlan) (sessions []Session) {
	g.agents = g.Agents.peak()
	logins := make([]time.Duration, g.agents) // of the agents that are in world
	nth := make([]int, g.agents)
	leave := func(agent int, at time.Duration) {
		sessions = append(sessions, Session{Agent: agent, Nth: nth[agent], Login: logins[agent], Leave: at})
		nth[agent]++
	}
	from := 0
	for _, s := range p.pieces(g) {
		for agent := from; agent < s.to; agent++ {
			logins[agent] = s.begin + part(Duration(s.end-s.begin), agent-from, s.to-from)
		}
		for agent := from - 1; agent >= s.to; agent-- {
			leave(agent, s.begin+part(Duration(s.end-s.begin), from-agent, from-s.to))
		}
		from = s.to
	}
	for agent := range from {
		leave(agent, p.Length)
	}
	return sessions
}

// piece is a stage with its times in the run.
type piece struct {
	begin, end time.Duration
	to         int
	ramp       bool
}

// pieces are a group's stages in their order.
func (p *Plan) pieces(g *groupPlan) (list []piece) {
	first, _ := p.Profile.parts()
	after := time.Duration(first + p.Profile.Warmup) // when second stages begin
	if a := &g.Agents; a.Executor == ArrivalRate {
		return []piece{{begin: after, end: after + time.Duration(a.Duration)}}
	}
	var now time.Duration
	from := 0
	for i, s := range g.Agents.stages() {
		end := now + time.Duration(s.Over)
		list = append(list, piece{now, end, s.To, s.To != from})
		if now, from = end, s.To; i == 0 {
			now = after
		}
	}
	return list
}

// part is the part i/n of d.
func part(d Duration, i, n int) time.Duration {
	return time.Duration(mulDiv(d, int64(i), int64(n)))
}

// accountRest is how long an account stays out between two sessions: a grid
// takes a moment to see that an agent has gone, and refuses it until then.
const accountRest = 10 * time.Second

// planArrivals lets sessions arrive evenly, warm-up, cool-down and all, each
// under the account that has rested longest. Agents count from 0.
func (p *Plan) planArrivals(g *groupPlan) (sessions []Session) {
	a := &g.Agents
	stay, rate := time.Duration(a.Stay), float64(a.LoginRate)
	accounts := int(math.Ceil(rate * (stay + accountRest).Seconds()))
	for i := 0; ; i++ {
		login := time.Duration(float64(i) / rate * float64(time.Second))
		if login >= p.Length {
			return sessions
		}
		agent := i % accounts
		g.agents = max(g.agents, agent+1)
		sessions = append(sessions, Session{Agent: agent, Nth: i / accounts, Login: login, Leave: min(login+stay, p.Length)})
	}
}
