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

// FreeAgents gives the first n agents of the share that are not in use: the
// plan's, each group's in the proportion that the plan has them in, and then those
// beyond it.
func (p *Plan) FreeAgents(n int, inUse func(agent int) bool) []int {
	var free []int
	for agent := p.Share.Index; agent < p.Agents; agent += p.Share.Count {
		if !inUse(agent) {
			free = append(free, agent)
		}
	}
	slices.SortStableFunc(free, func(a, b int) int { return cmp.Compare(p.depth(a), p.depth(b)) })
	for agent := p.FirstBeyond(); len(free) < n; agent += p.Share.Count {
		if !inUse(agent) {
			free = append(free, agent)
		}
	}
	return free[:n]
}

// FirstBeyond is the first agent of the share, or the account for it, that the
// plan leaves unused. The others follow at distances of Share.Count.
func (p *Plan) FirstBeyond() int {
	behind := p.Agents - p.Share.Index + p.Share.Count - 1
	return p.Share.Index + behind/p.Share.Count*p.Share.Count
}

// Part is how many of n agents of the whole swarm fall to the share when somebody
// asks for so many: of the first n that FreeAgents gives, its own. The parts of
// all shares add up to n.
func (p *Plan) Part(n int) (part int) {
	for _, agent := range p.Whole().FreeAgents(n, func(int) bool { return false }) {
		if p.Share.Has(agent) {
			part++
		}
	}
	return part
}

// depth is how far down in its group an agent of the plan stands, from 0 to 1.
func (p *Plan) depth(agent int) float64 {
	g := p.groupOf(agent)
	return float64(agent-g.first) / float64(max(g.agents, 1))
}
