package profiles

import (
	"math"
	"slices"
	"testing"
	"time"
	"unsafe"

	"pgregory.net/rapid"
)

const busy = `
agents: {count: 200, duration: 100s, login_rate: 100/s}
behaviors:
  - {do: wander, rate: 2/s}
  - {do: chat, rate: 0.1/s}
  - {do: look, rate: 0.5/s, even: true}
  - {do: im, rate: 3/m}
`

// all collects a session's actions.
func all(plan *Plan, s Session) []Action {
	var actions []Action
	for stream := plan.Actions(s); ; {
		a, ok := stream.Next()
		if !ok {
			return actions
		}
		actions = append(actions, a)
	}
}

func TestActionsAreWhatTheSeedSays(t *testing.T) {
	p := mustParse(t, busy)
	one, _ := NewPlan(p, 1, Share{0, 1})
	same, _ := NewPlan(p, 1, Share{0, 1})
	other, _ := NewPlan(p, 2, Share{0, 1})
	for i, s := range one.Sessions[:20] {
		if !slices.Equal(all(one, s), all(same, s)) {
			t.Errorf("agent %d does other things with the same seed", i)
		}
		if slices.Equal(all(one, s), all(other, s)) {
			t.Errorf("agent %d does the same with another seed", i)
		}
		if slices.Equal(all(one, s), all(one, one.Sessions[i+1])) {
			t.Errorf("agents %d and %d do the same", i, i+1)
		}
		again := s
		again.Nth++
		if slices.Equal(all(one, s), all(one, again)) {
			t.Errorf("agent %d does the same when it comes back", i)
		}
	}
}

// A run's config.yaml and seed must give the same actions on any machine and
// in any later version: where this fails, hashVersion must change too.
func TestActionsAreStable(t *testing.T) {
	plan := mustPlan(t, busy)
	want := []Action{
		{At: 91880311, Behavior: 0, Seed: 0x4793da3faa85c71c},
		{At: 412002524, Behavior: 1, Seed: 0xb33ba41ba3631100},
		{At: 1251642021, Behavior: 0, Seed: 0xe8d31d719791bc29},
		{At: 1386115383, Behavior: 2, Seed: 0x5689a2224552f567},
		{At: 2066771660, Behavior: 0, Seed: 0x37b6bc4c3cd55c11},
		{At: 2128620618, Behavior: 0, Seed: 0x31f2392ce564c01e},
	}
	got := all(plan, plan.Sessions[7])[:len(want)]
	if !slices.Equal(got, want) {
		t.Errorf("got  %#v\nwant %#v", got, want)
	}
}

func TestActionsKeepTheirRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := someProfile(t)
		for i := range p.Behaviors {
			p.Behaviors[i].Rate = min(p.Behaviors[i].Rate, 1)
		}
		plan, err := NewPlan(p, rapid.Uint64().Draw(t, "seed"), Share{0, 1})
		if err != nil {
			t.Fatal(err)
		}
		s := rapid.SampledFrom(plan.Sessions).Draw(t, "session")
		var last time.Duration
		previous := map[int]time.Duration{}
		for stream := plan.Actions(s); ; {
			a, ok := stream.Next()
			if !ok {
				return
			}
			if a.At < last || a.At >= s.Leave-s.Login {
				t.Fatalf("an action at %v after one at %v, in a session of %v", a.At, last, s.Leave-s.Login)
			}
			b := p.Behaviors[a.Behavior]
			if before, ok := previous[a.Behavior]; b.Even && (ok && a.At-before != b.Rate.Period() || !ok && a.At > b.Rate.Period()) {
				t.Fatalf("%s at %v after %v, its period is %v", b.Do, a.At, before, b.Rate.Period())
			}
			last, previous[a.Behavior] = a.At, a.At
		}
	})
}

// Poisson arrivals have as much variance as mean; five standard deviations of
// a fixed seed are no bound that fails by chance.
func TestActionsArriveAtTheirRates(t *testing.T) {
	plan := mustPlan(t, busy)
	counts := make([][]float64, len(plan.Profile.Behaviors))
	const seconds = 100 // every agent stays at least as long
	for i := range counts {
		counts[i] = make([]float64, len(plan.Sessions))
	}
	for n, s := range plan.Sessions {
		for _, a := range all(plan, s) {
			if a.At < seconds*time.Second {
				counts[a.Behavior][n]++
			}
		}
	}
	for i, b := range plan.Profile.Behaviors {
		expected, agents := float64(b.Rate)*seconds, float64(len(plan.Sessions))
		mean, variance := moments(counts[i])
		if b.Even {
			if mean != expected || variance != 0 {
				t.Errorf("%s: mean %v, variance %v, want exactly %v", b.Do, mean, variance, expected)
			}
			continue
		}
		if d := math.Abs(mean - expected); d > 5*math.Sqrt(expected/agents) {
			t.Errorf("%s: mean %v actions an agent, want about %v", b.Do, mean, expected)
		}
		if ratio := variance / expected; math.Abs(ratio-1) > 5*math.Sqrt(2/agents) {
			t.Errorf("%s: variance %v of a mean of %v: no Poisson process", b.Do, variance, mean)
		}
	}
}

func moments(v []float64) (mean, variance float64) {
	for _, x := range v {
		mean += x / float64(len(v))
	}
	for _, x := range v {
		variance += (x - mean) * (x - mean) / float64(len(v)-1)
	}
	return mean, variance
}

// Agents that log in together must not act together: the phases of even
// arrivals fill their period.
func TestEvenActionsAreOutOfPhase(t *testing.T) {
	plan := mustPlan(t, "agents: {count: 400, duration: 10s, login_rate: 100/s}\nbehaviors: [{do: look, rate: 1/s, even: true}]")
	var tenths [10]int
	for _, s := range plan.Sessions {
		first, ok := plan.Actions(s).Next()
		if !ok || first.At >= time.Second {
			t.Fatalf("agent %d first looks at %v", s.Agent, first.At)
		}
		tenths[first.At/(100*time.Millisecond)]++
	}
	for i, n := range tenths {
		if n < 20 || n > 60 { // 40 expected; 3 standard deviations are 18
			t.Errorf("%d of 400 agents begin in tenth %d of the period", n, i)
		}
	}
}

func TestAddingABehaviorLeavesTheOthersAlone(t *testing.T) {
	few := mustPlan(t, "agents: {count: 1, duration: 60s}\nbehaviors: [{do: chat, rate: 1/s}]")
	more := mustPlan(t, "agents: {count: 1, duration: 60s}\nbehaviors: [{do: chat, rate: 1/s}, {do: im, rate: 1/s}]")
	without := slices.DeleteFunc(all(more, more.Sessions[0]), func(a Action) bool { return a.Behavior == 1 })
	if want := all(few, few.Sessions[0]); !slices.Equal(without, want) {
		t.Errorf("got  %v\nwant %v", without, want)
	}
}

func TestActionSeedsDiffer(t *testing.T) {
	plan := mustPlan(t, busy)
	seen := map[uint64]bool{}
	n := 0
	for _, s := range plan.Sessions[:50] {
		for _, a := range all(plan, s) {
			seen[a.Seed] = true
			n++
		}
	}
	if len(seen) != n {
		t.Errorf("%d actions have %d seeds", n, len(seen))
	}
}

// Ten thousand agents keep a stream each.
func TestActionsAreSmall(t *testing.T) {
	const behaviors = 6
	if size := unsafe.Sizeof(Actions{}) + behaviors*unsafe.Sizeof(stream{}); size >= 200 {
		t.Errorf("a stream of %d behaviours takes %d bytes", behaviors, size)
	}
}

func BenchmarkActionsNext(b *testing.B) {
	plan := mustPlan(b, busy)
	s := plan.Sessions[0]
	s.Leave = math.MaxInt64
	stream := plan.Actions(s)
	b.ReportAllocs()
	for b.Loop() {
		stream.Next()
	}
}

func BenchmarkActions(b *testing.B) {
	plan := mustPlan(b, busy)
	b.ReportAllocs()
	for b.Loop() {
		plan.Actions(plan.Sessions[0])
	}
}
