package profiles

import (
	"math/rand/v2"
	"time"
)

// Action is one start of a behaviour.
type Action struct {
	// At is when it is due, from the session's planned login.
	At time.Duration
	// Behavior is the index in Profile.Behaviors.
	Behavior int
	// Seed is for all that the action itself draws: partners, words, ways.
	Seed uint64
}

// Actions is the stream of one session's actions. It takes 40 bytes and 24 for
// each behaviour, so that every agent of a large swarm can keep its own. One
// goroutine may use it.
type Actions struct {
	profile *Profile
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
	a := &Actions{
		profile: p.Profile,
		end:     s.Leave - s.Login,
		streams: make([]stream, len(p.Profile.Behaviors)),
	}
	for i := range a.streams {
		st := &a.streams[i]
		hi := mix(p.Seed, uint64(s.Agent), uint64(s.Nth), uint64(i))
		st.rng.Seed(hi, mix(hi))
		if b := &a.profile.Behaviors[i]; b.Even {
			// Only the phase is drawn: agents that act in step would come to a
			// grid as one burst.
			st.next = time.Duration(rand.New(&st.rng).Float64() * float64(b.Rate.Period()))
		} else {
			st.next = gap(st, b.Rate)
		}
	}
	return a
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
	st, b := &a.streams[first], &a.profile.Behaviors[first]
	action = Action{At: at, Behavior: first, Seed: st.rng.Uint64()}
	if b.Even {
		st.next += max(1, b.Rate.Period())
	} else {
		st.next += gap(st, b.Rate)
	}
	return action, true
}

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
// started by the sessions of this share on average over all seeds.
func (p *Plan) ExpectedActions() []float64 {
	expected := make([]float64, len(p.Profile.Behaviors))
	for _, s := range p.Sessions {
		for i, b := range p.Profile.Behaviors {
			expected[i] += float64(b.Rate) * (s.Leave - s.Login).Seconds()
		}
	}
	return expected
}
