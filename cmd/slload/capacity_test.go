package main

import (
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
	"github.com/slload/slload/results/capacity"
	"github.com/slload/slload/swarm"
)

func TestAnAbortedTrialHidesNothingElse(t *testing.T) {
	aborted := fmt.Errorf("%w: login.p95 < 2s", swarm.ErrAborted)
	for _, err := range []error{nil, aborted, errors.Join(aborted), errors.Join(errors.Join(aborted, nil), nil)} {
		if got := withoutAbort(err); got != nil {
			t.Errorf("%v leaves %v, want a goal that was missed", err, got)
		}
	}
	for _, err := range []error{
		fs.ErrPermission, errors.Join(aborted, fs.ErrPermission), errors.Join(errors.Join(aborted, fs.ErrPermission), nil),
	} {
		if got := withoutAbort(err); !errors.Is(got, fs.ErrPermission) || errors.Is(got, swarm.ErrAborted) {
			t.Errorf("%v leaves %v, want what else went wrong", err, got)
		}
	}
}

// Only a plan that has too little is told apart from a grid that misses a goal.
func TestGoalsThatATrialSaysNothingOf(t *testing.T) {
	var goals []profiles.Threshold
	for _, text := range []string{"login.p95 < 2s", "msg.chat.p99 < 500ms"} {
		var g profiles.Threshold
		if err := g.UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
		goals = append(goals, g)
	}
	const nothing = "msg.chat.p99 < 500ms: no samples"
	for what, tt := range map[string]struct {
		spoil func(s *results.Summary)
		want  bool
	}{
		"none were due":     {func(*results.Summary) {}, true},
		"all failed":        {func(s *results.Summary) { s.Ops["msg.chat"] = results.Op{Errors: 3} }, false},
		"another is missed": {func(s *results.Summary) { s.Verdict.Failed = append(s.Verdict.Failed, "login.p95 < 2s: was 3 s") }, false},
		"few came in":       {func(s *results.Summary) { s.Agents.Peak = 7 }, false},
		"logins failed":     {func(s *results.Summary) { s.Agents.LoginFailures = 1 }, false},
		"agents were lost":  {func(s *results.Summary) { s.Agents.Lost = 1 }, false},
		"it gave out":       {func(s *results.Summary) { s.Verdict.Generator = results.Invalid }, false},
		"it held":           {func(s *results.Summary) { s.Verdict.Failed = nil }, false},
	} {
		s := &results.Summary{Ops: map[string]results.Op{}, Verdict: results.Verdict{Failed: []string{nothing}}}
		s.Agents.Peak = 8
		tt.spoil(s)
		if got := unseen(goals, s, 8); (got != nil) != tt.want || got != nil && got.Op != "msg.chat" {
			t.Errorf("%s: says nothing of %v", what, got)
		}
	}
}

// What is told of a search is what was shown.
func TestBoundsThatWereShown(t *testing.T) {
	f := capacityFlags{search: capacity.Search{Least: 2}}
	for _, tt := range []struct {
		lower, upper int
		want         string
	}{
		{0, 0, "no trial decided anything"},
		{0, 2, "it holds not even the least, 2"},
		{0, 5, "it doesn't hold 5, and nothing below was shown to hold"},
		{8, 0, "it holds 8 agents"},
		{8, 9, "it holds 8 agents, and not 9"},
	} {
		if got := f.bounds(&capacity.Result{Lower: tt.lower, Upper: tt.upper}); got != tt.want {
			t.Errorf("%d and %d: %q, want %q", tt.lower, tt.upper, got, tt.want)
		}
	}
}
