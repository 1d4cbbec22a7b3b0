package profiles

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const grouped = `
name: grouped
groups:
  - name: walkers
    agents: {count: 3, duration: 2s, login_rate: 10/s}
    behaviors: [{do: wander, rate: 1/s}, {do: look, swarm_rate: 6/s}]
  - name: talkers
    agents: {login_rate: 10/s, stages: [{over: 1s, to: 2}, {over: 1s, to: 2}, {over: 500ms, to: 1}]}
    placement: {regions: [Club], spot: [10, 20, 30]}
    think: 500ms
    behaviors: [{do: chat, weight: 3}, {do: im, weight: 1}]
  - agents: {login_rate: 2/s, stay: 1s, duration: 1s}
placement: {regions: [Welcome, Sandbox]}
warmup: 1s
cooldown: 500ms
`

func TestGroupsShareOneRun(t *testing.T) {
	plan := mustPlan(t, grouped)
	if plan.Length != 4500*time.Millisecond || plan.Peak != 7 {
		t.Errorf("length %v, peak %d", plan.Length, plan.Peak)
	}
	// The walkers wait for the talkers' longer ramp; the stages after the
	// warm-up are cut where any group's begin or end.
	want := "stage 1 0s 300ms ramp, stage 2 300ms 1s ramp, warmup 1s 2s, stage 3 2s 3s, stage 4 3s 3.5s ramp, " +
		"stage 5 3.5s 4s, cooldown 4s 4.5s"
	if got := phasesText(plan.Phases); got != want {
		t.Errorf("got phases  %s\nwant phases %s", got, want)
	}
	counts := map[int]int{}
	for _, s := range plan.Sessions {
		counts[s.Group]++
		if g := plan.groupOf(s.Agent); g != &plan.groups[s.Group] {
			t.Errorf("agent %d is of %s and has a session of group %d", s.Agent, g.Name, s.Group)
		}
		if s.Group == 0 && s.Leave != plan.Length {
			t.Errorf("a walker leaves at %v: it has nowhere to go", s.Leave)
		}
	}
	if counts[0] != 3 || counts[1] != 2 || counts[2] != 9 { // two arrivals a second
		t.Errorf("sessions by group: %v", counts)
	}
	for agent, want := range []string{
		"uri:Welcome&128&128&25", "uri:Sandbox&128&128&25", "uri:Welcome&128&128&25", "uri:Club&10&20&30", "uri:Club&10&20&30",
	} {
		if got := plan.Start(agent); got != want {
			t.Errorf("agent %d starts at %s, want %s", agent, got, want)
		}
	}
}

func TestGroupsKeepTheirBehaviours(t *testing.T) {
	plan := mustPlan(t, grouped)
	var names []string
	for key, b := range plan.Profile.AllBehaviors() {
		names = append(names, key+" "+b.Do)
	}
	want := []string{"groups[0].behaviors[0] wander", "groups[0].behaviors[1] look", "groups[1].behaviors[0] chat", "groups[1].behaviors[1] im"}
	if !slices.Equal(names, want) {
		t.Errorf("got %q", names)
	}
	for _, s := range plan.Sessions {
		for _, a := range all(plan, s) {
			if s.Group != 0 || a.Behavior > 1 {
				t.Fatalf("group %d does %s by the clock", s.Group, names[a.Behavior])
			}
		}
		if thinks := plan.Thoughts(s) != nil; thinks != (s.Group == 1) {
			t.Errorf("group %d thinks: %v", s.Group, thinks)
		}
	}
}

func TestGroupsAreWrittenAndReadBack(t *testing.T) {
	p := mustParse(t, grouped)
	data, err := p.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	back := mustParse(t, string(data))
	if d := diff(p, back); d != "" || p.SHA256() != back.SHA256() {
		t.Errorf("(-want +got)\n%s\n%s", d, data)
	}
	if err := matches(compileSchema(t), data); err != nil {
		t.Errorf("the schema: %v\n%s", err, data)
	}
	back.Groups[1].Name = "other words"
	if p.SHA256() != back.SHA256() {
		t.Error("another name has another hash")
	}
	back.Groups[1].Behaviors[0].Weight++
	if p.SHA256() == back.SHA256() {
		t.Error("another weight has the same hash")
	}
}

// Keys that came later leave the hash of profiles without them as it was.
func TestNewKeysKeepOldHashes(t *testing.T) {
	const want = "33cf932bf2da"
	p, err := Load("crowd")
	if err != nil {
		t.Fatal(err)
	}
	if got := p.SHA256(); !strings.HasPrefix(got, want) {
		t.Errorf("crowd has the hash %s, it was %s...", got, want)
	}
}

func TestGroupsScaleAndFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := New()
		p.Name = "x"
		for range rapid.IntRange(2, 4).Draw(t, "groups") {
			a := someAgents(t)
			if a.Executor == ArrivalRate {
				// Or else scaling, or long groups beside it, make millions of sessions.
				a.Stay, a.LoginRate = a.Stay+Duration(5*time.Second), 1
			}
			p.Groups = append(p.Groups, Group{Agents: a})
		}
		p.Warmup, p.Cooldown = someDuration(t, "warmup", 0, time.Minute), someDuration(t, "cooldown", 0, time.Minute)
		if err := p.Resolve(); err != nil {
			t.Fatal(err)
		}
		n := rapid.IntRange(len(p.Groups), 3000).Draw(t, "n")
		if err := p.Scale(n); err == nil && p.Peak() != n {
			t.Fatalf("scaled to %d, want %d", p.Peak(), n)
		}
		d := time.Duration(someDuration(t, "d", 10*time.Second, time.Minute))
		if err := p.Fit(d); err != nil {
			return // it takes too many logins a second
		} else if p.Length() > d {
			t.Fatalf("fitted to %v, want %v", p.Length(), d)
		}
		plan, err := NewPlan(p, 1, Share{0, 1})
		if err != nil {
			t.Fatal(err)
		}
		wantPhasesWithoutGaps(t, plan)
		// Scaled arrivals may overlap by the nanosecond that their rate is off.
		if !slices.ContainsFunc(p.Groups, func(g Group) bool { return g.Agents.Executor == ArrivalRate }) {
			wantSoundSessions(t, plan)
		}
	})
}

func TestGroupsRefuse(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"groups: [{agents: {count: 1, duration: 1s}}]\nagents: {count: 1, duration: 1s}", "x.yaml:2:10: agents: stands beside groups"},
		{"groups: [{agents: {count: 1, duration: 1s}}]\nbehaviors: [{do: chat, rate: 1/s}]", "x.yaml:2:12: behaviors: stands beside groups"},
		{"groups: [{agents: {count: 1, duration: 1s}}]\nagents: {login_rate: 3/s}", "x.yaml:2:10: agents: stands beside groups"},
		{"groups: [{agents: {count: 1}}]", "x.yaml:1:20: groups[0].agents: duration missing or 0"},
		{"groups: [{agents: {stages: [{over: 1s}]}}]", "groups[0].agents.stages[0]: to is missing"},
		{"groups: [{name: a, agents: {count: 1, duration: 1s}}, {name: a, agents: {count: 1, duration: 1s}}]", `groups[1].name: "a" is no name, or another group's`},
		{"groups: [{agents: {count: 1, duration: 1s}, behaviors: [{do: chat, weight: 1}]}]", "groups[0].behaviors[0].weight: needs think"},
		{"groups: [{agents: {count: 1, duration: 1s}, placement: {layout: spread}}]\nplacement: {regions: [A]}", "x.yaml:1:57: groups[0].placement: regions is missing"},
		{"agents: {count: 1, duration: 1s}\nthink: 1s", "x.yaml:2:8: think: no behaviour has a weight"},
		{"agents: {count: 1, duration: 1s}\nbehaviors: [{do: chat, rate: 1/s, swarm_rate: 1/s}]", "exclude each other"},
		{"agents: {count: 1, duration: 1s}\nthink: 1s\nbehaviors: [{do: chat, weight: 1, even: true}]", "behaviors[0].even: has no place beside weight"},
		{"agents: {count: 1, duration: 1s}\nthink: 1s\nbehaviors: [{do: chat, weight: 1000001}]", "behaviors[0].weight: 1000001 is out of range"},
	} {
		_, err := Parse([]byte(tt.text), "x.yaml")
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
	p := mustParse(t, grouped)
	var e *Error
	if err := p.Scale(2); !errors.As(err, &e) {
		t.Errorf("three groups of two agents: %v", err)
	}
}

// A rate of the swarm is that rate, whatever the number of agents, also while
// they come; and no agent does much more than its part.
func TestSwarmRate(t *testing.T) {
	for _, even := range []string{"false", "true"} {
		plan := mustPlan(t, `
agents: {login_rate: 10/s, stages: [{over: 40s, to: 40}, {over: 60s, to: 40}, {over: 50s, to: 10}, {over: 50s, to: 10}]}
behaviors: [{do: chat, swarm_rate: 20/s, even: `+even+`}]`)
		byPhase := make([]int, len(plan.Phases))
		most, acts := 0, map[int]int{}
		for _, s := range plan.Sessions {
			var before time.Duration = -1
			for _, a := range all(plan, s) {
				if a.At <= before || a.At >= s.Leave-s.Login {
					t.Fatalf("an action at %v after one at %v, of %v", a.At, before, s.Leave-s.Login)
				}
				before = a.At
				at := s.Login + a.At
				byPhase[slices.IndexFunc(plan.Phases, func(p Phase) bool { return at < p.To })]++
				if at > 40*time.Second && at < 100*time.Second {
					acts[s.Agent]++
					most = max(most, acts[s.Agent])
				}
			}
		}
		for i, p := range plan.Phases {
			want := 20 * (p.To - p.From).Seconds()
			if math.Abs(float64(byPhase[i])-want) > 5*math.Sqrt(want) {
				t.Errorf("even %s, %s: %d actions, want some %.0f", even, p.Name, byPhase[i], want)
			}
		}
		if most > 60 { // 30 each
			t.Errorf("even %s: one agent did %d of 1200", even, most)
		}
		if got := plan.ExpectedActions()[0]; math.Abs(got-4000) > 40 {
			t.Errorf("even %s: %.0f actions are expected, want 4000", even, got)
		}
	}
}

func TestThoughts(t *testing.T) {
	plan := mustPlan(t, "agents: {count: 2, duration: 1m}\nthink: 4s\nbehaviors: [{do: look, rate: 1/s}, {do: chat, weight: 3}, {do: im, weight: 1}]")
	first, again, other := plan.Thoughts(plan.Sessions[0]), plan.Thoughts(plan.Sessions[0]), plan.Thoughts(plan.Sessions[1])
	const n = 10_000
	var pauses time.Duration
	chosen := map[int]int{}
	same := 0
	for range n {
		thought := first.Next()
		pauses += thought.Pause
		chosen[thought.Behavior]++
		if thought != again.Next() {
			t.Fatal("the same session thinks otherwise")
		}
		if thought.Seed == other.Next().Seed {
			same++
		}
	}
	if mean := pauses / n; mean < 3800*time.Millisecond || mean > 4200*time.Millisecond {
		t.Errorf("thinks for %v on average, want 4s", mean)
	}
	if chosen[0] > 0 || chosen[1] < n*72/100 || chosen[1] > n*78/100 || chosen[1]+chosen[2] != n {
		t.Errorf("chosen %v, want three chats for each im", chosen)
	}
	if same > 0 {
		t.Errorf("two sessions share %d seeds", same)
	}
	if len(all(plan, plan.Sessions[0])) == 0 {
		t.Error("what has a rate isn't done by the clock")
	}
}

func BenchmarkSwarmRate(b *testing.B) {
	plan := mustPlan(b, "agents: {count: 1000, duration: 1h, login_rate: 100/s}\nbehaviors: [{do: chat, swarm_rate: 1000/s}]")
	stream := plan.Actions(plan.Sessions[0])
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := stream.Next(); !ok {
			stream = plan.Actions(plan.Sessions[0])
		}
	}
}
