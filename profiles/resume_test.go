package profiles

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestAPlanGoesOnFromWhereItBrokeOff(t *testing.T) {
	p := mustParse(t, `
name: long
warmup: 30s
agents:
  executor: ramping-agents
  login_rate: 10/s
  stages: [{over: 100s, to: 100}, {over: 500s, to: 100}, {over: 50s, to: 0}]
`)
	plan, err := NewPlan(p, 1, Share{Count: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		at       time.Duration
		phases   string
		sessions int
	}{
		{50 * time.Second, "[resume 50s-1m0s, stage 1 1m0s-1m40s, warmup 1m40s-2m10s, stage 2 2m10s-10m30s, stage 3 10m30s-11m20s]", 100},
		{300 * time.Second, "[resume 5m0s-5m14.9s, stage 2 5m14.9s-10m30s, stage 3 10m30s-11m20s]", 100},
		{625 * time.Second, "[resume 10m25s-10m39.1s, stage 3 10m39.1s-11m20s]", 92}, // eight would have left by their turn,
		{675 * time.Second, "[resume 11m15s-11m20s]", 9},
	} {
		q := plan.From(test.at)
		var phases []string
		for _, phase := range q.Phases {
			phases = append(phases, fmt.Sprintf("%s %v-%v", phase.Name, phase.From, phase.To))
		}
		if got := "[" + strings.Join(phases, ", ") + "]"; got != test.phases {
			t.Errorf("from %v on: %s, want %s", test.at, got, test.phases)
		}
		if len(q.Sessions) != test.sessions {
			t.Errorf("from %v on: %d sessions, want %d", test.at, len(q.Sessions), test.sessions)
		}
	}
}

// Wherever a plan breaks off: what is later stays, who was there comes back no
// faster than the login rate, and nobody comes who is to have left.
func TestAResumedPlanKeepsTheRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := someProfile(t)
		plan, err := NewPlan(p, 7, Share{Count: 1})
		if err != nil {
			t.Fatal(err)
		}
		at := time.Duration(rapid.Int64Range(0, int64(plan.Length)-1).Draw(t, "at"))
		q := plan.From(at)
		back := map[int]int{}
		last := map[int]time.Duration{}
		before := map[[2]int]Session{} // there may be very many
		for _, s := range plan.Sessions {
			before[[2]int{s.Agent, s.Nth}] = s
		}
		for _, s := range q.Sessions {
			was := before[[2]int{s.Agent, s.Nth}]
			if s.Login < at || s.Leave != was.Leave || s.Leave <= s.Login || was.Login > at && s != was {
				t.Fatalf("from %v on %+v became %+v", at, was, s)
			}
			if was.Login > at {
				continue
			}
			gap := plan.groups[s.Group].Agents.LoginRate.Period()
			if n := back[s.Group]; n > 0 && s.Login-last[s.Group] < gap {
				t.Fatalf("logins at %v and %v, the rate's period is %v", last[s.Group], s.Login, gap)
			}
			back[s.Group]++
			last[s.Group] = s.Login
		}
		if !slices.IsSortedFunc(q.Sessions, func(a, b Session) int { return int(a.Login - b.Login) }) {
			t.Fatal("the sessions are in no order")
		}
		to := at
		for _, phase := range q.Phases {
			if phase.From != to || phase.To <= phase.From {
				t.Fatalf("phases %v", q.Phases)
			}
			to = phase.To
		}
		if to != plan.Length {
			t.Fatalf("the phases end at %v, the plan at %v", to, plan.Length)
		}
	})
}
