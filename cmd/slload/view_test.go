package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/slload/slload/results"
	"github.com/slload/slload/swarm"
)

func op(count, p95 int64) results.Op {
	return results.Op{Count: count, ResponseNS: results.Quantiles{P50: p95 / 2, P95: p95, P99: p95}}
}

func TestSlowestIsWhatPeopleWaitFor(t *testing.T) {
	s := &results.Summary{Ops: map[string]results.Op{
		"login": op(1, 100), "login.handshake": op(1, 999), "msg.ack": op(9, 500), "msg.chat": op(3, 50), "msg.im": op(3, 60),
		"caps.seed": op(0, 0),
	}}
	for prefix, want := range map[string]string{"login": "login", "msg.": "msg.im", "caps.": "", "eq.": ""} {
		if got, _ := slowest(s, prefix); got != want {
			t.Errorf("slowest of %q is %q, want %q", prefix, got, want)
		}
	}
	delete(s.Ops, "msg.chat")
	delete(s.Ops, "msg.im")
	if got, _ := slowest(s, "msg."); got != "msg.ack" {
		t.Errorf("without others the slowest message is %q, want msg.ack", got)
	}
}

func progressAt(at time.Duration, started int64) swarm.Progress {
	s := &results.Summary{Ops: map[string]results.Op{"login": op(5, 20_000_000)}, Verdict: results.Verdict{Generator: results.Valid}}
	return swarm.Progress{
		Sample: results.Sample{T: at, Agents: results.Agents{InWorld: 4, Target: 5}, Actions: results.Actions{Started: started}},
		Phase:  "stage 1", Length: time.Minute, Summary: func() *results.Summary { return s },
	}
}

func TestPlainProgressIsALineEachTenSeconds(t *testing.T) {
	var out bytes.Buffer
	v := newView(&out, false)
	for i := range 25 {
		v.progress(progressAt(time.Duration(i+1)*time.Second, int64(i+1)*3))
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 {
		t.Fatalf("%d lines in 25 s:\n%s", len(lines), out.String())
	}
	const want = "0:10/1:00 stage 1: agents 4/5, 3.0 actions/s, login 10.0 ms/20.0 ms/20.0 ms, errors 0, generator VALID"
	if lines[0] != want {
		t.Errorf("line\n%s, want\n%s", lines[0], want)
	}
}

// Other workers go on with a run, and count anew.
func TestActionsThatAreCountedAnewAreNoLoss(t *testing.T) {
	var out bytes.Buffer
	v := newView(&out, false)
	for i := range 20 {
		started := int64(i+1) * 30
		if i >= 10 {
			started = int64(i-9) * 2
		}
		v.progress(progressAt(time.Duration(i+1)*time.Second, started))
	}
	if got := out.String(); !strings.Contains(got, "agents 4/5, 30.0 actions/s") || !strings.Contains(got, "agents 4/5, 2.0 actions/s") {
		t.Errorf("it says\n%s", got)
	}
}
