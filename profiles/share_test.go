package profiles

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// someSwarm draws one to three groups of any executors that do things of every
// kind: by their own rate, by the swarm's, evenly, and between thinking.
func someSwarm(t *rapid.T) *Profile {
	p := New()
	p.Name = "swarm"
	p.Warmup, p.Cooldown = someDuration(t, "warmup", 0, time.Minute), someDuration(t, "cooldown", 0, time.Minute)
	p.OnLoss = rapid.SampledFrom([]OnLoss{Relogin, Replace, Leave}).Draw(t, "on_loss")
	for i := range rapid.IntRange(1, 3).Draw(t, "groups") {
		g := Group{Agents: someAgentsUpTo(t, 50), Think: Duration(time.Second)}
		if g.Agents.Executor == ArrivalRate {
			g.Agents.LoginRate, g.Agents.Duration = min(g.Agents.LoginRate, 2), g.Agents.Duration/10
		}
		if i == 0 || rapid.Bool().Draw(t, "placed") {
			g.Placement.Regions = []string{"Welcome", "Sandbox", "Club"}[:rapid.IntRange(1, 3).Draw(t, "regions")]
			g.Placement.Layout = rapid.SampledFrom([]Layout{Crowd, Spread}).Draw(t, "layout")
		}
		g.Behaviors = []Behavior{
			{Do: "chat", Rate: someRate(t, "rate")},
			{Do: "look", Rate: someRate(t, "even rate"), Even: true},
			{Do: "wander", SwarmRate: someRate(t, "swarm_rate")},
			{Do: "im", SwarmRate: someRate(t, "even swarm_rate"), Even: true},
			{Do: "teleport", Weight: 3}, {Do: "grab", Weight: 1},
		}
		p.Groups = append(p.Groups, g)
	}
	if err := p.Resolve(); err != nil {
		t.Fatalf("the generator drew an unsound profile: %v", err)
	}
	return p
}

// life is all that the plan says of one session.
type life struct {
	session  Session
	start    string
	actions  [6]Action // the first ones
	thoughts [3]Thought
}

// lives are those of the plan's sessions; no agent may have one twice.
func lives(t *rapid.T, plan *Plan) map[Session]life {
	list := map[Session]life{}
	for _, s := range plan.Sessions {
		if !plan.Share.Has(s.Agent) {
			t.Fatalf("share %v has agent %d", plan.Share, s.Agent)
		}
		l := life{session: s, start: plan.Start(s.Agent)}
		stream, thoughts := plan.Actions(s), plan.Thoughts(s)
		for i := range l.actions {
			l.actions[i], _ = stream.Next()
		}
		for i := range l.thoughts {
			l.thoughts[i] = thoughts.Next()
		}
		list[s] = l
	}
	if len(list) != len(plan.Sessions) {
		t.Fatalf("share %v has a session twice", plan.Share)
	}
	return list
}

// The shares of a swarm together are the swarm: agents, logins, leaves, where they
// start, what they do and when, each once. What is said of the run is the same in
// all. So it is from the beginning, when all go on after a break, and when one is
// taken over.
func TestSharesTogetherAreTheSwarm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := someSwarm(t)
		seed := rapid.Uint64().Draw(t, "seed")
		count := rapid.IntRange(2, 7).Draw(t, "shares")
		of := func(share Share) *Plan {
			plan, err := NewPlan(p, seed, share)
			if err != nil {
				t.Fatal(err)
			}
			return plan
		}
		at := time.Duration(rapid.Int64Range(0, int64(of(Share{0, 1}).Length)-1).Draw(t, "at"))
		turns := map[string]func(*Plan) *Plan{
			"begun":      func(p *Plan) *Plan { return p },
			"resumed":    func(p *Plan) *Plan { return p.From(at) },
			"taken over": func(p *Plan) *Plan { return p.TakeOver(at) },
		}
		turn := turns[rapid.SampledFrom([]string{"begun", "resumed", "taken over"}).Draw(t, "turn")]
		whole := turn(of(Share{0, 1}))
		want := lives(t, whole)
		for i := range count {
			part := turn(of(Share{i, count}))
			if diff(whole.Phases, part.Phases) != "" || part.Peak != whole.Peak || part.Length != whole.Length || part.Agents != whole.Agents {
				t.Fatalf("share %v has another run", part.Share)
			}
			if again := part.Whole(); !slices.Equal(again.Sessions, whole.Sessions) || again.Share != whole.Share {
				t.Fatalf("share %v knows another whole", part.Share)
			}
			for s, got := range lives(t, part) {
				if got != want[s] {
					t.Fatalf("share %v has %+v, the whole %+v", part.Share, got, want[s])
				}
				delete(want, s)
			}
		}
		if len(want) > 0 {
			t.Fatalf("%d shares leave out %d sessions", count, len(want))
		}
	})
}

// Who takes over a share does so in the phases that the others are in.
func TestATakeOverKeepsThePhases(t *testing.T) {
	plan := mustPlan(t, "agents: {count: 20, duration: 1m, login_rate: 10/s}\nwarmup: 10s")
	at := 20 * time.Second
	taken, resumed := plan.TakeOver(at), plan.From(at)
	if diff(plan.Phases, taken.Phases) != "" || diff(resumed.Sessions, taken.Sessions) != "" {
		t.Errorf("phases %v, sessions %v; want %v, %v", taken.Phases, taken.Sessions, plan.Phases, resumed.Sessions)
	}
	for at, want := range map[time.Duration]string{0: "stage 1", 2*time.Second - 1: "stage 1", 2 * time.Second: WarmupPhase, 20 * time.Second: "stage 2", plan.Length: "stage 2"} {
		if got := taken.Phases[taken.PhaseAt(at)].Name; got != want {
			t.Errorf("at %v runs %s, want %s", at, got, want)
		}
	}
}

// Shares that go on together log in no faster than the whole may, and evenly so.
func TestResumedSharesKeepTheLoginRateTogether(t *testing.T) {
	p := mustParse(t, "agents: {count: 9, duration: 1m, login_rate: 10/s}")
	var logins [][]time.Duration
	for i := range 3 {
		plan, err := NewPlan(p, 1, Share{i, 3})
		if err != nil {
			t.Fatal(err)
		}
		logins = append(logins, nil)
		for _, s := range plan.From(30 * time.Second).Sessions {
			logins[i] = append(logins[i], s.Login-30*time.Second)
		}
	}
	if got, want := fmt.Sprint(logins), "[[0s 300ms 600ms] [100ms 400ms 700ms] [200ms 500ms 800ms]]"; got != want {
		t.Errorf("they log in at %s, want %s", got, want)
	}
}

func TestAShareKnowsItsOwnPeak(t *testing.T) {
	for agents, want := range map[string]string{
		"count: 7, duration: 1s": "[3 2 2]",
		"count: 2, duration: 1s": "[1 1 0]",
		"login_rate: 10/s, stages: [{over: 1s, to: 9}, {over: 1s, to: 3}, {over: 1s, to: 6}]": "[3 3 3]",
		// One each second stays for two; at its end the next of the share comes.
		"login_rate: 1/s, stay: 2s, duration: 60s": "[1 1 1]",
		"login_rate: 1/s, stay: 3s, duration: 60s": "[2 2 2]",
	} {
		p := mustParse(t, "agents: {"+agents+"}")
		var got []int
		for i := range 3 {
			plan, err := NewPlan(p, 1, Share{i, 3})
			if err != nil {
				t.Fatal(err)
			}
			if most := plan.SharePeak; plan.Whole().SharePeak != plan.Peak || most > plan.Peak {
				t.Errorf("%s: %d of %d", agents, most, plan.Peak)
			}
			got = append(got, plan.SharePeak)
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%s: got %v, want %s", agents, got, want)
		}
		whole, err := NewPlan(p, 1, Share{0, 1})
		if err != nil {
			t.Fatal(err)
		}
		if all := whole.SharePeaks(3); !slices.Equal(all, got) {
			t.Errorf("%s: the whole knows of %v, its shares of %v", agents, all, got)
		}
	}
}

// Asked for n agents, the shares have n together, those that the whole would take;
// and whatever one of them has used up, it takes its own alone.
func TestPartsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := someSwarm(t)
		count := rapid.IntRange(1, 7).Draw(t, "shares")
		whole, err := NewPlan(p, 1, Share{0, 1})
		if err != nil {
			t.Fatal(err)
		}
		n := rapid.IntRange(0, 2*whole.Agents).Draw(t, "n")
		none := func(int) bool { return false }
		var all []int
		for i := range count {
			part, err := NewPlan(p, 1, Share{i, count})
			if err != nil {
				t.Fatal(err)
			}
			if first := part.FirstBeyond(); first < whole.Agents || first >= whole.Agents+count || !part.Share.Has(first) {
				t.Fatalf("of %d agents share %v begins beyond at %d", whole.Agents, part.Share, first)
			}
			all = append(all, part.FreeAgents(part.Part(n), none)...)
			inUse := func(agent int) bool { return agent/count%3 == 0 }
			for _, agent := range part.FreeAgents(20, inUse) {
				if !part.Share.Has(agent) || inUse(agent) {
					t.Fatalf("share %v takes agent %d", part.Share, agent)
				}
			}
		}
		want := whole.FreeAgents(n, none)
		slices.Sort(want)
		slices.Sort(all)
		if !slices.Equal(all, want) {
			t.Fatalf("%d shares have %v, the whole %v", count, all, want)
		}
	})
}

// What a share calls its number of agents must be that of the swarm, or shares
// would ask for different accounts.
func TestSharesAgreeOnTheAgents(t *testing.T) {
	for _, agents := range []string{"count: 10, duration: 1s", "stay: 2s, duration: 60s, login_rate: 1/s"} {
		p := mustParse(t, "agents: {"+agents+"}")
		for i := range 3 {
			plan, err := NewPlan(p, 1, Share{i, 3})
			if err != nil {
				t.Fatal(err)
			}
			if want := map[Executor]int{ConstantAgents: 10, ArrivalRate: 12}[p.Agents.Executor]; plan.Agents != want {
				t.Errorf("%s, share %d: got %d agents, want %d", agents, i, plan.Agents, want)
			}
		}
	}
}

func BenchmarkNewPlanOfAShare(b *testing.B) {
	p := mustParse(b, "agents: {count: 100000, duration: 5m, login_rate: 1000/s}")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := NewPlan(p, 1, Share{7, 1000}); err != nil {
			b.Fatal(err)
		}
	}
}
