package screen

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/results"
	"github.com/slload/slload/swarm"
)

var update = flag.Bool("update", false, "write the golden files anew")

func op(count, errors int64, p95 time.Duration) results.Op {
	return results.Op{Count: count, Errors: errors, ResponseNS: results.Quantiles{P50: int64(p95) / 2, P95: int64(p95), P99: int64(p95) * 3 / 2}}
}

// second is a run's state after n seconds.
func second(n int) State {
	sum := &results.Summary{
		Ops: map[string]results.Op{
			"login": op(20, 0, 300*time.Millisecond), "login.auth": op(20, 0, 200*time.Millisecond), "msg.ping": op(900, 0, time.Second),
			"msg.chat": op(123456, 0, 20*time.Millisecond), "msg.im": op(80, 20, time.Millisecond), "caps.seed": op(20, 1, 5*time.Millisecond),
			"caps.AnUncommonlyLongNameOfACapability": op(1, 0, time.Microsecond),
		},
		Errors:  []results.ErrorCount{{Op: "msg.im", Reason: "timeout", Count: 20}, {Op: "caps.seed", Reason: "http_404", Count: 1}},
		Verdict: results.Verdict{Generator: results.Suspect, Reasons: []string{"timers fired 12.0 ms late at p99 during stage 2"}},
	}
	t := time.Duration(n) * time.Second
	p := swarm.Progress{Sample: results.Sample{
		T: t, Agents: results.Agents{Target: 20, InWorld: min(2*n, 19), Logins: 20, LoginFailures: 2, Lost: 1},
		Actions:   results.Actions{Intended: int64(n * n), Started: int64(n * n), Late: 3, Dropped: 4, Failed: 20},
		Transport: results.Transport{PacketsSent: int64(100 * n), PacketsReceived: int64(200 * n)},
	}, Phase: "stage 2", Length: time.Minute, Summary: func() *results.Summary { return sum }}
	return StateOf(&p)
}

// played is a model after some messages, by which commands are carried out, too.
func played(t *testing.T, keys Keys, messages ...tea.Msg) model {
	t.Helper()
	var m tea.Model = newModel("crowd: 20 agents on the embedded grid for 1m0s, seed 7", keys)
	for _, msg := range messages {
		for msg != nil {
			var cmd tea.Cmd
			m, cmd = m.Update(msg)
			msg = nil
			if cmd != nil {
				msg = cmd()
			}
		}
	}
	return m.(model)
}

func size(width, height int) tea.Msg { return tea.WindowSizeMsg{Width: width, Height: height} }

func key(c rune) tea.Msg { return tea.KeyPressMsg{Code: c, Text: string(c)} }

var allKeys = Keys{
	Pause: func() error { return nil }, Resume: func() error { return nil }, Scale: func(int) error { return nil }, Stop: func() {}, Interrupt: func() {},
}

func TestTheScreenInSeveralSizes(t *testing.T) {
	var course []tea.Msg
	for n := range 12 {
		course = append(course, stateMsg(second(n+1)))
	}
	held := second(13)
	held.Holding, held.Paused = true, 70*time.Second
	for _, test := range []struct {
		name string
		msgs []tea.Msg
	}{
		{"80x24", []tea.Msg{size(80, 24)}},
		{"60x20-narrow", []tea.Msg{size(60, 20)}},
		{"120x16-low", []tea.Msg{size(120, 16)}},
		{"30x8-tiny", []tea.Msg{size(30, 8)}},
		{"80x24-paused", []tea.Msg{stateMsg(held), key('+')}},
		{"80x24-log", []tea.Msg{logMsg("level=WARN msg=\"first\"\n"), logMsg("level=WARN msg=\"a \x1b[2Jtrick\"\nthird\n")}},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := played(t, allKeys, append(append([]tea.Msg{}, course...), test.msgs...)...)
			got := ansi.Strip(m.render()) + "\n"
			lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
			if len(lines) != m.height {
				t.Errorf("%d lines, want %d", len(lines), m.height)
			}
			for _, l := range lines {
				if w := ansi.StringWidth(l); w > m.width {
					t.Errorf("%q is %d columns wide, want %d at most", l, w, m.width)
				}
			}
			golden(t, test.name+".txt", got)
		})
	}
	t.Run("before the first second", func(t *testing.T) {
		if got := ansi.Strip(played(t, allKeys).render()); !strings.Contains(got, "the first agents log in") {
			t.Errorf("it shows\n%s", got)
		}
	})
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func TestTheWorstOperationsComeFirst(t *testing.T) {
	var names []string
	for _, o := range second(1).Ops {
		names = append(names, o.Name)
	}
	want := []string{"msg.im", "caps.seed", "login", "msg.chat", "caps.AnUncommonlyLongNameOfACapability", "msg.ping", "login.auth"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("by errors, then by p95, the network's last (-want +got):\n%s", diff)
	}
}

func TestKeys(t *testing.T) {
	var did []string
	note := func(what string) func() error { return func() error { did = append(did, what); return nil } }
	keys := Keys{
		Pause: note("pause"), Resume: func() error { return errors.New("the run is not paused") },
		Scale: func(n int) error { did = append(did, fmt.Sprint("scale ", n)); return nil },
		Stop:  func() { _ = note("stop")() }, Interrupt: func() { _ = note("interrupt")() },
	}
	m := played(t, keys, key('+'), stateMsg(second(1)), key('p'), key('x'), key('+'), key('+'), key('-'), key('-'), key('-'), key('r'))
	if !strings.Contains(m.render(), "> resumed: the run is not paused") {
		t.Errorf("it doesn't tell what came of the last key:\n%s", m.render())
	}
	played(t, keys, key('q'), tea.KeyPressMsg{Code: 'c', Mod: tea.ModCtrl})
	want := []string{"pause", "scale 22", "scale 24", "scale 22", "scale 20", "scale 18", "stop", "interrupt"}
	if diff := cmp.Diff(want, did); diff != "" {
		t.Errorf("keys did (-want +got):\n%s", diff)
	}
	did = nil
	if m := played(t, Keys{}, stateMsg(second(1)), key('p'), key('+'), key('q')); len(did) > 0 || strings.Contains(m.render(), "pause") {
		t.Errorf("keys that there aren't did %q, or are told of", did)
	}
}

// Keys that come faster than the run answers end in what the last one said.
func TestKeysDontOvertakeOneAnother(t *testing.T) {
	var asked []int
	keys := Keys{Scale: func(n int) error { asked = append(asked, n); return nil }}
	var m tea.Model = newModel("", keys)
	m, _ = m.Update(stateMsg(second(1)))
	m, first := m.Update(key('+'))
	m, second := m.Update(key('+'))
	m, third := m.Update(key('+'))
	if first == nil || second != nil || third != nil {
		t.Fatal("the run is asked while it is being asked")
	}
	m, again := m.Update(first())
	if again == nil {
		t.Fatal("the last keys were forgotten")
	}
	if _, done := m.Update(again()); done != nil || !cmp.Equal(asked, []int{22, 26}) {
		t.Errorf("the run was asked for %v, want [22 26] and nothing after it", asked)
	}
}

func TestSpark(t *testing.T) {
	var s series
	for range kept + 5 {
		s.add(7)
	}
	if len(s) != kept {
		t.Errorf("%d values are kept, want %d", len(s), kept)
	}
	s = nil
	for _, v := range []float64{-1, 0, 5, 10} {
		s.add(v)
	}
	for width, want := range map[int]string{0: "", 2: "▅█", 4: "▁▁▅█", 6: "  ▁▁▅█"} {
		if got := s.spark(width); got != want {
			t.Errorf("%d columns: %q, want %q", width, got, want)
		}
	}
}

// Other workers go on with a run, and count anew.
func TestCountersThatBeginAnewDontFallBelowZero(t *testing.T) {
	for _, tt := range []struct{ now, before, want int64 }{{7, 5, 2}, {5, 5, 0}, {3, 500, 3}} {
		if got := since(tt.now, tt.before); got != tt.want {
			t.Errorf("from %d to %d came %d, want %d", tt.before, tt.now, got, tt.want)
		}
	}
}
