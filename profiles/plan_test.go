package profiles

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// mustPlan plans the whole swarm with seed 1.
func mustPlan(t testing.TB, text string) *Plan {
	t.Helper()
	plan, err := NewPlan(mustParse(t, text), 1, Share{0, 1})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// TestPlanSessions writes times in milliseconds.
func TestPlanSessions(t *testing.T) {
	type session struct{ agent, nth, login, leave int }
	tests := []struct {
		name, profile string
		want          []session
		phases        string
	}{
		{
			"constant: a login each tenth of a second, warm-up, hold",
			"agents: {count: 3, duration: 2s, login_rate: 10/s}\nwarmup: 1s",
			[]session{{0, 0, 0, 3300}, {1, 0, 100, 3300}, {2, 0, 200, 3300}},
			"stage 1 0s 300ms ramp, warmup 300ms 1.3s, stage 2 1.3s 3.3s",
		}, {
			"constant with a cool-down: everybody stays for it",
			"agents: {count: 2, duration: 2s, login_rate: 10/s}\nwarmup: 1s\ncooldown: 3s",
			[]session{{0, 0, 0, 6200}, {1, 0, 100, 6200}},
			"stage 1 0s 200ms ramp, warmup 200ms 1.2s, stage 2 1.2s 3.2s, cooldown 3.2s 6.2s",
		}, {
			"up, hold, down: last in, first out",
			"agents: {login_rate: 10/s, stages: [{over: 1s, to: 4}, {over: 1s, to: 4}, {over: 1s, to: 0}]}",
			[]session{{0, 0, 0, 3000}, {1, 0, 250, 2750}, {2, 0, 500, 2500}, {3, 0, 750, 2250}},
			"stage 1 0s 1s ramp, stage 2 1s 2s, stage 3 2s 3s ramp",
		}, {
			"down and up again: agents come back; nothing but ramps, so they are what is measured",
			"agents: {login_rate: 10/s, stages: [{over: 1s, to: 2}, {over: 1s, to: 1}, {over: 1s, to: 3}]}",
			[]session{{0, 0, 0, 3000}, {1, 0, 500, 2000}, {1, 1, 2000, 3000}, {2, 0, 2500, 3000}},
			"stage 1 0s 1s, stage 2 1s 2s, stage 3 2s 3s",
		}, {
			"down at once",
			"agents: {login_rate: 10/s, stages: [{over: 1s, to: 2}, {over: 0s, to: 1}, {over: 1s, to: 1}]}\nwarmup: 500ms",
			[]session{{0, 0, 0, 2500}, {1, 0, 500, 1500}},
			"stage 1 0s 1s ramp, warmup 1s 1.5s, stage 3 1.5s 2.5s",
		}, {
			"stairs: the last step is what is left",
			"agents: {count: 3, step: 2, every: 1s, login_rate: 10/s}",
			[]session{{0, 0, 0, 2000}, {1, 0, 100, 2000}, {2, 0, 1000, 2000}},
			"stage 1 0s 200ms ramp, stage 2 200ms 1s, stage 3 1s 1.1s ramp, stage 4 1.1s 2s",
		}, {
			"arrivals: one each stays, the next has another account",
			"agents: {login_rate: 1/s, stay: 2s, duration: 3s}\nwarmup: 1s",
			[]session{{0, 0, 0, 2000}, {1, 0, 1000, 3000}, {2, 0, 2000, 4000}, {3, 0, 3000, 4000}},
			"warmup 0s 1s, stage 1 1s 4s",
		}, {
			"arrivals: accounts come again after they rested",
			"agents: {login_rate: 0.125/s, stay: 2s, duration: 25s}",
			[]session{{0, 0, 0, 2000}, {1, 0, 8000, 10000}, {0, 1, 16000, 18000}, {1, 1, 24000, 25000}},
			"stage 1 0s 25s",
		}, {
			"arrivals go on through the cool-down",
			"agents: {login_rate: 1/s, stay: 1s, duration: 1s}\ncooldown: 2s",
			[]session{{0, 0, 0, 1000}, {1, 0, 1000, 2000}, {2, 0, 2000, 3000}},
			"stage 1 0s 1s, cooldown 1s 3s",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			plan := mustPlan(t, tt.profile)
			var got []session
			for _, s := range plan.Sessions {
				got = append(got, session{s.Agent, s.Nth, int(s.Login.Milliseconds()), int(s.Leave.Milliseconds())})
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got  %v\nwant %v", got, tt.want)
			}
			if got := phasesText(plan.Phases); got != tt.phases {
				t.Errorf("got phases  %s\nwant phases %s", got, tt.phases)
			}
		})
	}
}

func phasesText(phases []Phase) string {
	var s string
	for i, p := range phases {
		if i > 0 {
			s += ", "
		}
		s += p.Name + " " + p.From.String() + " " + p.To.String()
		if p.Ramp {
			s += " ramp"
		}
	}
	return s
}

func TestPlanKeepsItsRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := someProfile(t)
		plan, err := NewPlan(p, 1, Share{0, 1})
		if err != nil {
			t.Fatal(err)
		}
		wantPhasesWithoutGaps(t, plan)
		wantSoundSessions(t, plan)
		wantLoginRate(t, plan)
		if p.Agents.Executor != ArrivalRate {
			wantTargets(t, plan)
		}
	})
}

func wantPhasesWithoutGaps(t *rapid.T, plan *Plan) {
	var end time.Duration
	for _, ph := range plan.Phases {
		if ph.From != end || ph.To <= ph.From {
			t.Fatalf("phases %s", phasesText(plan.Phases))
		}
		end = ph.To
	}
	if end != plan.Length {
		t.Fatalf("phases end at %v, the run at %v", end, plan.Length)
	}
}

// wantSoundSessions wants every agent in world once at a time, and never more
// of them than the peak.
func wantSoundSessions(t *rapid.T, plan *Plan) {
	last := make(map[int]Session)
	var moments []time.Duration // of logins and leaves, leaves below zero
	for _, s := range plan.Sessions {
		if s.Login < 0 || s.Login > s.Leave || s.Leave > plan.Length || s.Agent < 0 || s.Agent >= plan.Agents {
			t.Fatalf("%+v in a plan of %v and %d agents", s, plan.Length, plan.Agents)
		}
		before, again := last[s.Agent]
		if again && (s.Login < before.Leave || s.Nth != before.Nth+1) || !again && s.Nth != 0 {
			t.Fatalf("%+v follows %+v", s, before)
		}
		last[s.Agent] = s
		moments = append(moments, s.Login, -s.Leave)
	}
	if len(last) != plan.Agents {
		t.Fatalf("%d agents log in, the plan names %d", len(last), plan.Agents)
	}
	slices.SortFunc(moments, func(a, b time.Duration) int {
		if d := max(a, -a) - max(b, -b); d != 0 {
			return int(d)
		}
		return int(a - b) // leaves before logins
	})
	inWorld := 0
	for _, m := range moments {
		if m < 0 {
			inWorld--
		} else if inWorld++; inWorld > plan.Peak {
			t.Fatalf("%d agents in world at %v, the peak is %d", inWorld, m, plan.Peak)
		}
	}
}

// wantLoginRate wants no two logins closer than the rate allows.
func wantLoginRate(t *rapid.T, plan *Plan) {
	least := time.Duration(float64(time.Second)/float64(plan.Profile.Agents.LoginRate)*(1-2e-6)) - 2
	for i := 1; i < len(plan.Sessions); i++ {
		a, b := plan.Sessions[i-1], plan.Sessions[i]
		if b.Login-a.Login < least {
			t.Fatalf("logins at %v and %v, the rate is %v", a.Login, b.Login, plan.Profile.Agents.LoginRate)
		}
	}
}

// wantTargets wants as many agents in world at the end of a stage as it goes
// to.
func wantTargets(t *rapid.T, plan *Plan) {
	var now time.Duration
	stages := plan.Profile.Agents.stages()
	for i, s := range stages {
		now += time.Duration(s.Over)
		if i+1 == len(stages) {
			break // everybody leaves at its end
		}
		if stages[i+1].Over > 0 || i == 0 && plan.Profile.Warmup > 0 {
			wantInWorld(t, plan, now, s.To)
		}
		if i == 0 {
			now += time.Duration(plan.Profile.Warmup)
			if stages[1].Over > 0 {
				wantInWorld(t, plan, now, s.To)
			}
		}
	}
}

func wantInWorld(t *rapid.T, plan *Plan, at time.Duration, want int) {
	got := 0
	for _, s := range plan.Sessions {
		if s.Login < at && s.Leave > at {
			got++
		}
	}
	if got != want {
		t.Fatalf("%d agents in world at %v, want %d", got, at, want)
	}
}

func TestNewPlanRefuses(t *testing.T) {
	p := mustParse(t, small)
	for _, share := range []Share{{0, 0}, {1, 1}, {-1, 2}, {0, maxShares + 1}} {
		if plan, err := NewPlan(p, 1, share); err == nil {
			t.Errorf("%+v: got %v", share, plan)
		}
	}
	if _, err := NewPlan(New(), 1, Share{0, 1}); err == nil {
		t.Error("a profile that was never resolved was planned")
	}
}

func BenchmarkNewPlan(b *testing.B) {
	p := mustParse(b, "agents: {count: 10000, duration: 5m, login_rate: 100/s}")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := NewPlan(p, 1, Share{0, 1}); err != nil {
			b.Fatal(err)
		}
	}
}

func TestMeasuredPhasesHaveNoRampAndNoWarmup(t *testing.T) {
	for _, test := range []struct {
		agents string
		want   []string
	}{
		{"executor: constant-agents, count: 10, login_rate: 10/s, duration: 20s", []string{"stage 2"}},
		{"executor: ramping-agents, stages: [{over: 5s, to: 10}, {over: 9s, to: 10}, {over: 5s, to: 4}, {over: 9s, to: 4}]", []string{"stage 2", "stage 4"}},
		{"executor: ramping-agents, stages: [{over: 5s, to: 10}, {over: 5s, to: 4}]", []string{"stage 1", "stage 2"}},
		{"executor: arrival-rate, login_rate: 1/s, stay: 5s, duration: 20s", []string{"stage 1"}},
	} {
		p, err := Parse([]byte("name: x\nwarmup: 3s\ncooldown: 2s\nagents: {"+test.agents+"}\n"), "x.yaml")
		if err != nil {
			t.Fatal(err)
		}
		plan, err := NewPlan(p, 1, Share{0, 1})
		if err != nil {
			t.Fatal(err)
		}
		if got := plan.Measured(); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q of %+v", test.agents, got, test.want, plan.Phases)
		}
	}
}
