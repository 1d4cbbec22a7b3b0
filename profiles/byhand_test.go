package profiles

import (
	"slices"
	"testing"
	"time"
)

const twoGroups = `
name: two
groups:
  - {name: many, agents: {executor: constant-agents, count: 6, login_rate: 20/s, duration: 10s}, behaviors: [{do: chat, rate: 1/s}]}
  - {name: few, agents: {executor: constant-agents, count: 2, login_rate: 5/s, duration: 10s}, behaviors: [{do: look, rate: 1/s}]}
`

func planOf(t *testing.T, yaml string) *Plan {
	t.Helper()
	p, err := Parse([]byte(yaml), "test.yaml")
	if err == nil {
		err = p.Resolve()
	}
	if err != nil {
		t.Fatal(err)
	}
	plan, err := NewPlan(p, 1, Share{Count: 1})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func TestFreeAgentsKeepTheGroupsProportion(t *testing.T) {
	plan := planOf(t, twoGroups)
	if got, want := plan.FreeAgents(4, func(int) bool { return false }), []int{0, 6, 1, 2}; !slices.Equal(got, want) {
		t.Errorf("of eight the first four free agents are %v, want %v", got, want)
	}
	inUse := func(agent int) bool { return agent < 8 || agent == 9 }
	got := plan.FreeAgents(3, inUse)
	if want := []int{8, 10, 11}; !slices.Equal(got, want) {
		t.Fatalf("beyond the plan the free agents are %v, want %v", got, want)
	}
	for i, want := range []int{0, 0, 1} {
		if s := plan.SessionByHand(got[i], 0, time.Second); s.Group != want || s.Leave != plan.Length || s.Login != time.Second {
			t.Errorf("agent %d has the session %+v, want one of group %d from 1s to the end", got[i], s, want)
		}
	}
	if rate := plan.LoginRate(); rate != 25 {
		t.Errorf("the login rate is %v, want that of both groups", rate)
	}
}

// A session that is made longer goes on with the actions it would have had.
func TestExtendGoesOnWhereTheActionsWere(t *testing.T) {
	plan := planOf(t, twoGroups)
	long := plan.SessionByHand(0, 0, 0)
	short := long
	short.Leave = 3 * time.Second
	var want, got []Action
	for a, more := plan.Actions(long), true; more; {
		var action Action
		if action, more = a.Next(); more {
			want = append(want, action)
		}
	}
	actions := plan.Actions(short)
	for range 2 { // to the short end, and on to the long one
		for {
			action, more := actions.Next()
			if !more {
				break
			}
			got = append(got, action)
		}
		actions.Extend(long.Leave)
	}
	if len(want) < 5 || !slices.Equal(got, want) {
		t.Errorf("extended, the actions are\n%v, want\n%v", got, want)
	}
}
