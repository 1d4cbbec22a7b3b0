package profiles

import (
	"math"
	"math/rand/v2"
	"time"
)

// Action is one start of a behaviour.
type Action struct {
	// At is when it is due, from the session's planned login.
	At time.Duration
	// Behavior is its place in Profile.AllBehaviors.
	Behavior int
	// Seed is for all that the action itself draws: partners, words, ways.
	Seed uint64
}

// Actions is the stream of one session's actions. It takes 48 bytes and 24 for
// each behaviour, so that every agent of a large swarm can keep its own. One
// goroutine may use it.
type Actions struct {
	group   *groupPlan
	login   time.Duration
	end     time.Duration
	streams []stream
}

// stream is one behaviour's next start and the generator of those after it.
type stream struct {
	next time.Duration
	rng  rand.PCG
}

// Actions returns the actions that fall between a session's login and its
// leave. Each behaviour has a generator of its own, so that adding one changes
// nothing about the others.
func (p *Plan) Actions(s Session) *Actions {
	g := &p.groups[s.Group]
	a := &Actions{group: g, login: s.Login, end: s.Leave - s.Login, streams: make([]stream, len(g.Behaviors))}
	for i := range a.streams {
		st := &a.streams[i]
		hi := mix(p.Seed, uint64(s.Agent), uint64(s.Nth), uint64(i))
		st.rng.Seed(hi, mix(hi))
		switch b := &g.Behaviors[i]; {
		case b.Weight > 0:
			st.next = never // it is one of the session's Thoughts
		case b.SwarmRate > 0:
			st.next = a.share(st, b, true)
		case b.Even:
			// Only the phase is drawn: agents that act in step would come to a
			// grid as one burst.
			st.next = time.Duration(rand.New(&st.rng).Float64() * float64(b.Rate.Period()))
		default:
			st.next = gap(st, b.Rate)
		}
	}
	return a
}

// never is past every end.
const never = time.Duration(math.MaxInt64)

// share draws the agent's next start of something that the whole swarm does at
// a rate: it lives in the time in which its own rate is that of the swarm.
func (a *Actions) share(st *stream, b *Behavior, first bool) time.Duration {
	step := 1.0
	switch rng := rand.New(&st.rng); {
	case !b.Even:
		step = rng.ExpFloat64()
	case first:
		step = rng.Float64()
	}
	from := a.login
	if !first {
		from += st.next
	}
	at, ok := a.group.pace.when(a.group.pace.at(from) + step/float64(b.SwarmRate))
	if !ok {
		return never
	}
	return max(at, from+1) - a.login
}

// gap draws the time between two arrivals of a Poisson process. The method of
// math/rand/v2 is a ziggurat, which compares integers: unlike a logarithm it
// gives the same bits on every processor.
func gap(st *stream, rate Rate) time.Duration {
	return time.Duration(rand.New(&st.rng).ExpFloat64() / float64(rate) * float64(time.Second))
}

// Next returns the next action; ok is false after the last. Actions that fall
// due together come in the order of their behaviours.
func (a *Actions) Next() (action Action, ok bool) {
	first, at := -1, a.end
	for i := range a.streams {
		if a.streams[i].next < at {
			first, at = i, a.streams[i].next
		}
	}
	if first < 0 {
		return Action{}, false
	}
	st, b := &a.streams[first], &a.group.Behaviors[first]
	action = Action{At: at, Behavior: a.group.base + first, Seed: st.rng.Uint64()}
	switch {
	case b.SwarmRate > 0:
		st.next = a.share(st, b, false)
	case b.Even:
		st.next += max(1, b.Rate.Period())
	default:
		st.next += gap(st, b.Rate)
	}
	return action, true
}

// Extend moves the session's end to leave, an offset from the run's start: what
// has been drawn goes on where it was.
func (a *Actions) Extend(leave time.Duration) { a.end = max(a.end, leave-a.login) }

// mix hashes words into one by SplitMix64's finalizer (Steele, Lea and Flood,
// "Fast splittable pseudorandom number generators", OOPSLA 2014), so that
// neighbouring seeds and agents give unrelated generators.
func mix(words ...uint64) uint64 {
	var h uint64
	for _, w := range words {
		h += w + 0x9e3779b97f4a7c15
		h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
		h = (h ^ h>>27) * 0x94d049bb133111eb
		h ^= h >> 31
	}
	return h
}

// ExpectedActions is how often each behaviour, in the order of AllBehaviors, is
// started by the sessions of this share on average over all seeds. What agents
// do between thinking takes time that only the grid knows: as if it took none.
func (p *Plan) ExpectedActions() []float64 {
	var expected []float64
	for _, g := range p.groups {
		expected = append(expected, make([]float64, len(g.Behaviors))...)
	}
	for _, s := range p.Sessions {
		g := &p.groups[s.Group]
		stay := (s.Leave - s.Login).Seconds()
		for i, b := range g.Behaviors {
			n := float64(b.Rate) * stay
			switch {
			case b.Weight > 0:
				n = stay / time.Duration(g.Think).Seconds() * float64(b.Weight) / float64(g.weights())
			case b.SwarmRate > 0:
				n = float64(b.SwarmRate) * (g.pace.at(s.Leave) - g.pace.at(s.Login))
			}
			expected[g.base+i] += n
		}
	}
	return expected
}
