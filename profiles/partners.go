package profiles

import (
	"fmt"
	"iter"
	"math/rand/v2"
)

// Partners yields the other agents of the share that agent belongs to, each
// once, in an order drawn by seed (an action's, say). Whoever needs partners
// takes the first that are in world, so that the choice is the plan's as far
// as the grid lets it. The order is one of many, not any: a walk with a drawn
// step costs no memory, where a shuffle of ten thousand agents would.
func (p *Plan) Partners(agent int, seed uint64) iter.Seq[int] {
	return p.PartnersAmong(agent, p.Agents, seed)
}

// PartnersAmong is Partners in a swarm of so many agents, which somebody made
// larger than the plan's.
func (p *Plan) PartnersAmong(agent, agents int, seed uint64) iter.Seq[int] {
	size := (agents - p.Share.Index + p.Share.Count - 1) / p.Share.Count
	self, others := agent/p.Share.Count, size-1
	return func(yield func(int) bool) {
		if others < 1 {
			return
		}
		var pcg rand.PCG
		pcg.Seed(mix(seed), mix(uint64(agent)))
		rng := rand.New(&pcg)
		at, step := rng.IntN(others), 1+rng.IntN(others)
		for gcd(step, others) != 1 { // a step that meets every one of them
			step++
		}
		for range others {
			place := (self + 1 + at) % size
			if !yield(p.Share.Index + place*p.Share.Count) {
				return
			}
			at = (at + step) % others
		}
	}
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// margin keeps agents that are spread away from a region's border, in metres.
const margin = 8

// Start is the start location that an agent asks for at login: last, home, or
// uri:Region&x&y&z in whole metres, as the placement says.
func (p *Plan) Start(agent int) string {
	g := p.groupOf(agent)
	pl := &g.Placement
	if len(pl.Regions) == 0 {
		return p.Profile.Grid.Start
	}
	x, y, z := pl.Spot[0], pl.Spot[1], pl.Spot[2]
	if pl.Layout == Spread {
		var pcg rand.PCG
		pcg.Seed(mix(p.Seed, uint64(agent)), mix(uint64(agent)))
		rng := rand.New(&pcg)
		x, y = float64(margin+rng.IntN(256-2*margin)), float64(margin+rng.IntN(256-2*margin))
	}
	return fmt.Sprintf("uri:%s&%.0f&%.0f&%.0f", pl.Regions[(agent-g.first)%len(pl.Regions)], x, y, z)
}
