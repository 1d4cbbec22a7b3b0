package profiles

import (
	"fmt"
	"regexp"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestPartnersAreTheRestOfTheShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.IntRange(1, 5).Draw(t, "shares")
		share := Share{rapid.IntRange(0, count-1).Draw(t, "share"), count}
		plan := &Plan{Share: share, Agents: rapid.IntRange(1, 200).Draw(t, "agents")}
		var members []int
		for agent := range plan.Agents {
			if share.Has(agent) {
				members = append(members, agent)
			}
		}
		if len(members) == 0 {
			return
		}
		self := rapid.SampledFrom(members).Draw(t, "agent")
		seed := rapid.Uint64().Draw(t, "seed")
		got := slices.Collect(plan.Partners(self, seed))
		if again := slices.Collect(plan.Partners(self, seed)); !slices.Equal(got, again) {
			t.Fatalf("the same seed gives %v and %v", got, again)
		}
		slices.Sort(got)
		want := slices.DeleteFunc(members, func(agent int) bool { return agent == self })
		if !slices.Equal(got, want) {
			t.Fatalf("agent %d of %d in %+v: got %v, want %v", self, plan.Agents, share, got, want)
		}
	})
}

// Every partner must come first about as often as any other: a crowd in which
// all talk to one would be another load.
func TestPartnersAreDrawnEvenly(t *testing.T) {
	plan := &Plan{Share: Share{0, 1}, Agents: 11}
	first := map[int]int{}
	for seed := range uint64(10_000) {
		for partner := range plan.Partners(3, seed) {
			first[partner]++
			break
		}
	}
	for partner := range plan.Agents {
		n := first[partner]
		if partner == 3 && n > 0 || partner != 3 && (n < 850 || n > 1150) { // 1,000 expected, 5 standard deviations are 150
			t.Errorf("agent %d is drawn %d times of 10000", partner, n)
		}
	}
}

func TestPartnersAllocateNothingToSpeakOf(t *testing.T) {
	plan := &Plan{Share: Share{0, 1}, Agents: 10_000}
	seed := uint64(0)
	allocs := testing.AllocsPerRun(100, func() {
		seed++
		for range plan.Partners(5, seed) {
			break
		}
	})
	if allocs > 4 {
		t.Errorf("a draw of one in ten thousand takes %v allocations", allocs)
	}
}

func TestStart(t *testing.T) {
	const agents = "agents: {count: 100, duration: 1s}\n"
	for placement, want := range map[string]string{
		"":                                  "last",
		"grid: {start: home}":               "home",
		"grid: {start: uri:Welcome&1&2&3}":  "uri:Welcome&1&2&3",
		"placement: {regions: [A, B C, D]}": "uri:B C&128&128&25",
		"placement: {regions: [A], spot: [10, 20.4, 30]}": "uri:A&10&20&30",
	} {
		if got := mustPlan(t, agents+placement).Start(4); got != want {
			t.Errorf("%s: got %s, want %s", placement, got, want)
		}
	}
}

func TestStartSpreads(t *testing.T) {
	plan := mustPlan(t, "agents: {count: 100, duration: 1s}\nplacement: {regions: [A, B], layout: spread, spot: [0, 0, 40]}")
	form := regexp.MustCompile(`^uri:([AB])&(\d+)&(\d+)&40$`)
	spots := map[string]bool{}
	var x, y int
	for agent := range 100 {
		start := plan.Start(agent)
		m := form.FindStringSubmatch(start)
		if m == nil || m[1] != string(rune('A'+agent%2)) {
			t.Fatalf("agent %d starts at %s", agent, start)
		}
		if fmt.Sscan(m[2]+" "+m[3], &x, &y); x < margin || x >= 256-margin || y < margin || y >= 256-margin {
			t.Errorf("agent %d starts at %s, too near to the border", agent, start)
		}
		if again := plan.Start(agent); again != start {
			t.Errorf("agent %d starts at %s and at %s", agent, start, again)
		}
		spots[start] = true
	}
	if len(spots) < 95 {
		t.Errorf("100 agents are spread over %d spots", len(spots))
	}
}
