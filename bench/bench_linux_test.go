package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// small is a plan that is done in a second, with the test binary as floor and
// echo. What runs is real but for these: sockets, processes, logins, agents.
func small(t *testing.T) plan {
	p := plan{
		floor: link(t, "floor"), echo: link(t, "echo"), endpoints: 20, rate: 10,
		window: 300 * time.Millisecond, warmUp: 100 * time.Millisecond, rounds: 1,
	}
	if err := p.choose(kindNames()); err != nil {
		t.Fatal(err)
	}
	return p
}

// TestWholeMeasurement gives a machine that is busy two more tries, each with
// a longer window: what is tested is what was measured, not how fast.
func TestWholeMeasurement(t *testing.T) {
	self := link(t, "bench")
	for _, window := range []time.Duration{300 * time.Millisecond, time.Second, 5 * time.Second} {
		var out, progress bytes.Buffer
		p := small(t)
		p.window, p.profiles = window, t.TempDir()
		err := measure(t.Context(), p, self, "json", &out, &progress)
		res := readResult(t, out.Bytes())
		if err != nil && len(res.Runs) == 0 {
			t.Fatalf("%v\n%s", err, progress.String())
		}
		if err != nil {
			t.Logf("with a window of %v: %v", window, err)
			continue
		}
		checkWhole(t, res)
		for _, name := range []string{"shared-1.pprof", "agent-1.pprof", "epoll-1.pprof"} {
			if info, err := os.Stat(filepath.Join(p.profiles, name)); err != nil || info.Size() == 0 {
				t.Errorf("profile %s: %v", name, err)
			}
		}
		if got := progress.String(); !strings.Contains(got, "round 1 of 1: agent ... ") {
			t.Errorf("progress is %q", got)
		}
		return
	}
	t.Error("no try delivered a packet a second")
}

func readResult(t *testing.T, text []byte) (res result) {
	t.Helper()
	if len(text) > 0 {
		if err := json.Unmarshal(text, &res); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
	}
	return res
}

// checkWhole looks at a result all of whose runs count.
func checkWhole(t *testing.T, res result) {
	t.Helper()
	var names []string
	for _, r := range res.Runs {
		names = append(names, r.Name)
		if !r.Counts || r.Cost <= 0 || r.Sent <= 0 || r.Received <= 0 {
			t.Errorf("%s did nothing, or doesn't count: %+v", r.Name, r)
		}
		if heard := r.Agent != nil && r.Agent.Chats > 0; heard != (r.Name == "agent") {
			t.Errorf("%s: heard lines of chat: %v; figures %+v", r.Name, heard, r.Agent)
		}
	}
	if diff := cmp.Diff([]string{"floor pkt", "shared", "agent", "floor epoll", "epoll"}, names); diff != "" {
		t.Errorf("runs (-want +got):\n%s", diff)
	}
	if res.Ratio.Shared == nil || res.Ratio.Epoll == nil || res.Ratio.Agent == nil {
		t.Errorf("ratios are missing: %+v", res.Ratio)
	}
}

func TestMeasurementThatFailsSaysWhere(t *testing.T) {
	self := link(t, "bench")
	for _, test := range []struct {
		name   string
		spoil  func(*plan)
		within time.Duration
		want   string
	}{
		{"the floor is another program", func(p *plan) { p.floor = p.echo }, time.Minute, "floor pkt: "},
		{"the echo is another program", func(p *plan) { p.echo = p.floor }, 200 * time.Millisecond, "floor pkt: "},
		{"nowhere to write profiles", func(p *plan) { p.profiles = "/nowhere/at/all" }, time.Minute, "shared: exit status 1: bench: make the profile"},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), test.within)
			defer cancel()
			var out, progress bytes.Buffer
			p := small(t)
			test.spoil(&p)
			err := measure(ctx, p, self, "json", &out, &progress)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
			if out.Len() > 0 {
				t.Errorf("half a result is printed: %s", out.String())
			}
		})
	}
}

func TestPinnedProgramHasOneCPU(t *testing.T) {
	generator, other, err := cpus()
	if err != nil {
		t.Fatal(err)
	}
	for _, cpu := range []int{generator, other} {
		b := bench{self: link(t, "bench")}
		out, err := b.command(t.Context(), cpu, "/bin/sh", "-c", "grep Cpus_allowed_list /proc/self/status").Output()
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Fields(string(out)); len(got) != 2 || got[1] != strconv.Itoa(cpu) {
			t.Errorf("a program pinned to CPU %d may use %v", cpu, got)
		}
	}
	if runtime.NumCPU() > 1 && generator == other {
		t.Errorf("generator and peer are both on CPU %d of %d", other, runtime.NumCPU())
	}
}
