package behaviors_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/agent"
	"github.com/slload/slload/behaviors"
)

// smoke runs checks with accounts of the town, and gives each one's name and
// status.
func (tn *town) smoke(accounts []string, list ...behaviors.Check) (results []behaviors.CheckResult) {
	tn.Helper()
	c := &behaviors.Cast{Rand: rand.New(rand.NewPCG(1, 2)), Narrator: &tn.story}
	for _, last := range accounts {
		c.LoggedOut = append(c.LoggedOut, tn.options(last))
	}
	err := behaviors.RunChecks(tn.Context(), c, list, func(r behaviors.CheckResult) error {
		results = append(results, r)
		return nil
	})
	if err != nil {
		tn.Fatal(err)
	}
	if s := tn.grid.Stats(tn.Context()); s.Agents != 0 {
		tn.Errorf("%d agents are still on the grid", s.Agents)
	}
	return results
}

func statuses(results []behaviors.CheckResult) (list []string) {
	for _, r := range results {
		list = append(list, string(r.Status)+" "+r.Name)
	}
	return list
}

func TestChecksShareTheirAgents(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTown(t)
		got := tn.smoke([]string{"Bot1", "Bot2"},
			behaviors.Check{Name: "login", Behavior: "agent_login"},
			behaviors.Check{Name: "echo", Behavior: "chat"},
			behaviors.Check{Name: "talk", Behavior: "chat_and_instant_messaging"},
			behaviors.Check{Name: "letter", Behavior: "fetch_offline_ims", With: map[string]string{"quiet": "200ms"}},
			behaviors.Check{Name: "echo again", Behavior: "chat", With: map[string]string{"text": "bye"}},
		)
		want := []string{"pass login", "pass echo", "pass talk", "pass letter", "pass echo again"}
		if diff := cmp.Diff(want, statuses(got)); diff != "" {
			t.Errorf("checks (-want +got):\n%s", diff)
		}
		if got[1].Detail != "" || !strings.Contains(got[2].Detail, "Load Bot1 got") || got[2].Took <= 0 {
			t.Errorf("details: %+v", got)
		}
		// The first came in for its login and stayed from the echo on; the second
		// left for the letter, and came and went twice there.
		ins := map[string]int{}
		for _, step := range tn.story.steps {
			if who, in := strings.CutPrefix(step, "log in "); in {
				ins[who]++
			}
		}
		if diff := cmp.Diff(map[string]int{"Load Bot1": 2, "Load Bot2": 3}, ins); diff != "" {
			t.Errorf("logins (-want +got):\n%s", diff)
		}
	})
}

func TestChecksThatFailOrCannotBeMade(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTown(t)
		got := tn.smoke([]string{"Bot1"},
			behaviors.Check{Name: "too far", Behavior: "parse_packets", With: map[string]string{"hex": "00"}},
			behaviors.Check{Name: "two", Behavior: "im"},
			behaviors.Check{Name: "unknown", Behavior: "dance"},
			behaviors.Check{Name: "echo", Behavior: "chat"},
		)
		want := []string{"fail too far", "skip two", "fail unknown", "pass echo"}
		if diff := cmp.Diff(want, statuses(got)); diff != "" {
			t.Errorf("checks (-want +got):\n%s", diff)
		}
		if r := got[0]; r.Err == nil || !strings.HasPrefix(r.Detail, "decode datagram 1: ") {
			t.Errorf("a failure is told as %q, %v", r.Detail, r.Err)
		}
		if r := got[1]; r.Detail != "it takes 2 accounts, and there is 1" {
			t.Errorf("what is skipped is told as %q", r.Detail)
		}
	})
}

// Who was thrown out by one check logs in again for the next.
func TestAnAgentThatIsLostComesBack(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTown(t)
		c := &behaviors.Cast{Rand: rand.New(rand.NewPCG(1, 2)), LoggedOut: []agent.Options{tn.options("Bot1")}}
		var got []behaviors.CheckResult
		list := []behaviors.Check{{Name: "echo", Behavior: "chat"}, {Name: "again", Behavior: "chat"}}
		err := behaviors.RunChecks(t.Context(), c, list, func(r behaviors.CheckResult) error {
			got = append(got, r)
			if len(got) > 1 {
				return nil
			}
			// A second login of the account ends the first one's stay.
			second := tn.login("Bot1")
			return second.Logout(t.Context())
		})
		if diff := cmp.Diff([]string{"pass echo", "pass again"}, statuses(got)); err != nil || diff != "" {
			t.Errorf("%v, checks (-want +got):\n%s\n%+v", err, diff, got)
		}
	})
}

func TestChecksEndWhereTheyAreTold(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTown(t)
		enough := errors.New("enough")
		n := 0
		c := &behaviors.Cast{Rand: rand.New(rand.NewPCG(1, 2))}
		err := behaviors.RunChecks(t.Context(), c, []behaviors.Check{{Behavior: "parse_packets"}, {Behavior: "parse_packets"}},
			func(behaviors.CheckResult) error { n++; return enough })
		if n != 1 || !errors.Is(err, enough) {
			t.Errorf("after %d checks: %v", n, err)
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if err := behaviors.RunChecks(ended, c, []behaviors.Check{{Behavior: "parse_packets"}}, nil); err == nil {
			tn.Error("checks were made for a context that had ended")
		}
	})
}

// Each check of the table is a behaviour, with parameters that it has.
func TestTheTableOfChecks(t *testing.T) {
	seen := map[string]bool{}
	for _, check := range behaviors.Checks() {
		b, err := behaviors.Lookup(check.Behavior)
		if err != nil {
			t.Errorf("%s: %v", check.Name, err)
			continue
		}
		if _, err := b.ArgsFromText(check.With); err != nil {
			t.Errorf("%s: %v", check.Name, err)
		}
		if check.Name == "" || seen[check.Name] || b.Endless() || b.Accounts() > 2 {
			t.Errorf("%q has no name, or another's, never ends, or wants more than two accounts", check.Name)
		}
		seen[check.Name] = true
	}
}
