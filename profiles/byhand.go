package profiles

import (
	"cmp"
	"slices"
	"time"
)

// SessionByHand is a session that no plan has: somebody asked for more agents
// while the run went on. It is agent's nth, from login to the run's end. The
// agent may be one beyond the plan's.
func (p *Plan) SessionByHand(agent, nth int, login time.Duration) Session {
	return Session{Agent: agent, Nth: nth, Login: login, Leave: p.Length, Group: p.groupIndex(agent)}
}

// LoginRate is the most logins a second by plan, of all groups together.
func (p *Plan) LoginRate() Rate {
	var sum Rate
	for i := range p.groups {
		sum += p.groups[i].Agents.LoginRate
	}
	return sum
}

// FreeAgents gives the first n agents that are not in use: the plan's, each
// group's in the proportion that the plan has them in, and then those beyond it.
func (p *Plan) FreeAgents(n int, inUse func(agent int) bool) []int {
	var free []int
	for agent := range p.Agents {
		if !inUse(agent) {
			free = append(free, agent)
		}
	}
	slices.SortStableFunc(free, func(a, b int) int { return cmp.Compare(p.depth(a), p.depth(b)) })
	for agent := p.Agents; len(free) < n; agent++ {
		if !inUse(agent) {
			free = append(free, agent)
		}
	}
	return free[:n]
}

// depth is how far down in its group an agent of the plan stands, from 0 to 1.
func (p *Plan) depth(agent int) float64 {
	g := p.groupOf(agent)
	return float64(agent-g.first) / float64(max(g.agents, 1))
}
