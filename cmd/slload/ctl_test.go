package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/slload/slload/results"
	"github.com/slload/slload/swarm"
)

func TestStatusAsText(t *testing.T) {
	s := &swarm.Status{
		Profile: "crowd", State: swarm.StatePaused, Phase: "paused", PlanSeconds: 72, PlannedSeconds: 300, PausedSeconds: 9, HandScaled: true,
		Agents: results.Agents{InWorld: 19, Target: 20, Logins: 21, LoginFailures: 2, Lost: 1}, Actions: results.Actions{Intended: 7, Started: 6, Late: 5, Dropped: 1, Failed: 3},
		Verdict: results.Verdict{Generator: results.Suspect, Reasons: []string{"timers fired late"}},
	}
	const want = `crowd: paused, 1:12 of 5:00, paused for 0:09, scaled by hand
agents     19 of 20 in world, 21 logins, 2 failed, 1 lost
actions    7 intended, 6 started, 5 late, 1 dropped, 3 failed
generator  SUSPECT, timers fired late
`
	var out bytes.Buffer
	if err := writeStatus(&out, s, "text"); err != nil || out.String() != want {
		t.Errorf("%v\n%s, want\n%s", err, out.String(), want)
	}
}

func TestCtlSaysWhatItWants(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{dir}, "want a run directory and one of pause, resume, scale, stop, status"},
		{[]string{dir, "dance"}, `"dance": want one of pause`},
		{[]string{dir, "scale"}, `want pause, resume, scale N, stop or status, not "scale"`},
		{[]string{dir, "scale", "many"}, `scale "many": want a number of agents`},
		{[]string{dir, "status", "now"}, `not "status now"`},
		{[]string{dir, "status", "--format", "xml"}, `--format "xml": want text or json`},
		{[]string{dir, "status"}, "is no run directory"},
	} {
		var stderr bytes.Buffer
		code := execute(append([]string{"ctl"}, test.args...), &bytes.Buffer{}, &stderr)
		if code != exitUsage || !strings.Contains(stderr.String(), test.want) || strings.Count(stderr.String(), "\n") != 1 {
			t.Errorf("ctl %q: exit code %d, %q; want %q", test.args, code, stderr.String(), test.want)
		}
	}
}
