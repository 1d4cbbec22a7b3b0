package results

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/slload/slload/profiles"
)

// playSteady plays a run in which each phase has chats and pings of a time of
// its own, and logins that are still coming in when the ramp is over.
func playSteady(t *testing.T, m Manifest, first string, further ...string) *testRun {
	r := begin(t, m)
	if first != "stage 1" {
		if err := r.BeginPhase(first, r.advance(0)); err != nil {
			t.Fatal(err)
		}
	}
	for i, phase := range append([]string{first}, further...) {
		if i > 0 {
			r.phase(phase)
		}
		r.ticks(3, func() {
			r.ok("msg.chat", 10, 20*ms<<i)
			r.ok("login", 1, 100*ms<<i)
		})
		if phase == PhaseLogout {
			r.ticks(1, func() { r.ok("logout", 5, 5*ms) })
		}
		r.fail("msg.chat", "timeout", i)
		r.fail("login", "presence", 1)
	}
	r.finish()
	return r
}

func TestSteadyState(t *testing.T) {
	for _, test := range []struct {
		name          string
		steady        []string
		phases        []string
		chats, failed int64 // of msg.chat
		p50           int64 // in ms
		logins        int64 // succeeded
	}{
		{"a ramp, a warm-up and a stage that stands", []string{"stage 2"},
			[]string{"stage 1", "warmup", "stage 2", PhaseLogout}, 30, 2, 80, 12},
		{"a cool-down after it", []string{"stage 2"},
			[]string{"stage 1", "warmup", "stage 2", profiles.CooldownPhase, PhaseLogout}, 30, 2, 80, 12},
		{"two that stand", []string{"stage 2", "stage 4"},
			[]string{"stage 1", "stage 2", "stage 3", "stage 4", PhaseLogout}, 60, 4, 40, 15},
		{"none is named", nil,
			[]string{"stage 1", "warmup", "stage 2", PhaseLogout}, 60, 2, 20, 12},
		{"a warm-up that the run begins with", []string{"stage 1"},
			[]string{"warmup", "stage 1", PhaseLogout}, 30, 1, 40, 6},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := playSteady(t, Manifest{Measured: test.steady}, test.phases[0], test.phases[1:]...)
			got, err := ReadSteadyState(r.Dir())
			if err != nil {
				t.Fatal(err)
			}
			chat := got.Ops["msg.chat"]
			if chat.Count != test.chats || chat.Errors != test.failed || chat.ResponseNS.P50/1e6 != test.p50 {
				t.Errorf("%d chats, %d failed, %d ms at p50; want %d, %d, %d", chat.Count, chat.Errors,
					chat.ResponseNS.P50/1e6, test.chats, test.failed, test.p50)
			}
			if n := got.Ops["login"].Count; n != test.logins {
				t.Errorf("%d logins, want %d", n, test.logins)
			}
			if n := got.Ops["logout"].Count; n != 5 {
				t.Errorf("%d logouts, want 5", n)
			}
		})
	}
}

// TestSteadyStateTakesTheRunsOwnVerdict: the limits may have changed since.
func TestSteadyStateTakesTheRunsOwnVerdict(t *testing.T) {
	r := playSteady(t, Manifest{}, "stage 1")
	path := filepath.Join(r.Dir(), fileSummary)
	said := strings.Replace(string(readFile(t, path)), `"VALID"`, `"SUSPECT"`, 1)
	if err := os.WriteFile(path, []byte(said), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, want := range []Validity{Suspect, Valid} {
		got, err := ReadSteadyState(r.Dir())
		if err != nil {
			t.Fatal(err)
		}
		if got.Summary.Verdict.Generator != want {
			t.Errorf("%s, want %s", got.Summary.Verdict.Generator, want)
		}
		_ = os.Remove(path) // then it is judged anew
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("reading the steady state wrote summary.json")
	}
}

func TestReadSummary(t *testing.T) {
	r := playCrowd(t, Manifest{})
	torn := snapshot(t, r.Dir())
	want := r.finish()
	got, err := ReadSummary(r.Dir())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the summary of a finished run", got, want)
	got, err = ReadSummary(torn)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Run.CutOff {
		t.Error("of a run that was cut off, the summary doesn't say so")
	}
	if again, err := ReadSummary(torn); err != nil {
		t.Error(err)
	} else {
		same(t, "the summary that was written", again, got)
	}
	path := filepath.Join(r.Dir(), fileSummary)
	for _, bad := range []string{"{", `{"schema": "slload/summary/9"}`} {
		if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadSummary(r.Dir()); err == nil || !strings.Contains(err.Error(), "summary.json") {
			t.Errorf("summary.json is %q: error %v", bad, err)
		}
	}
}

// A run that came through its plan counts; time that was not the plan's doesn't
// make up for what is missing.
func TestEndedEarly(t *testing.T) {
	for what, tt := range map[string]struct {
		run  Run
		want bool
	}{
		"whole":                  {Run{Seconds: 100}, false},
		"a moment short":         {Run{Seconds: 98.1}, false},
		"too short":              {Run{Seconds: 97.9}, true},
		"whole, with a gap":      {Run{Seconds: 160, GapSeconds: 60}, false},
		"short but for a gap":    {Run{Seconds: 150, GapSeconds: 60}, true},
		"whole, with a pause":    {Run{Seconds: 130, PausedSeconds: 30}, false},
		"short but for a pause":  {Run{Seconds: 120, PausedSeconds: 30}, true},
		"short but for the both": {Run{Seconds: 185, GapSeconds: 60, PausedSeconds: 30}, true},
	} {
		s := &SteadyState{Manifest: &Manifest{PlannedSeconds: 100}, Summary: &Summary{Run: tt.run}}
		if got := s.EndedEarly(); got != tt.want {
			t.Errorf("%s: %v, want %v", what, got, tt.want)
		}
	}
}
