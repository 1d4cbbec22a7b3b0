package profiles

import (
	"math/rand/v2"
	"time"
)

// Thought is what an agent with a think time does next: it waits, and begins a
// behaviour. When it ends only the grid knows, so that no plan has the time of
// the one after it; which behaviours, pauses and seeds follow one another is the
// plan's.
type Thought struct {
	Pause    time.Duration
	Behavior int    // as Action has it
	Seed     uint64 // as Action has it
}

// Thoughts is the endless stream of one session's thoughts. One goroutine may
// use it.
type Thoughts struct {
	group *groupPlan
	rng   rand.PCG
}

// Thoughts returns a session's thoughts; nil where its group has no think time.
func (p *Plan) Thoughts(s Session) *Thoughts {
	g := &p.groups[s.Group]
	if g.Think == 0 {
		return nil
	}
	t := &Thoughts{group: g}
	hi := mix(p.Seed, uint64(s.Agent), uint64(s.Nth), maxBehaviors)
	t.rng.Seed(hi, mix(hi))
	return t
}

// Next draws the next thought: the pause from an exponential distribution, the
// behaviour by weight.
func (t *Thoughts) Next() Thought {
	rng := rand.New(&t.rng)
	pause := time.Duration(rng.ExpFloat64() * float64(t.group.Think))
	at := rng.IntN(t.group.weights())
	for i, b := range t.group.Behaviors {
		if at -= b.Weight; at < 0 {
			return Thought{pause, t.group.base + i, rng.Uint64()}
		}
	}
	panic("profiles: weights that don't add up")
}

// weights is the sum of the behaviours' weights.
func (g *Group) weights() (sum int) {
	for _, b := range g.Behaviors {
		sum += b.Weight
	}
	return sum
}
