package results

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/profiles"
)

// What happens in a pause counts for the run and for no verdict, and the pause
// shows wherever the run is told of.
func TestAPauseIsMarkedAndLeftOut(t *testing.T) {
	limit := profiles.Threshold{Op: "msg.chat", Stat: profiles.StatQuantile, Quantile: 95, Limit: profiles.Duration(s)}
	r := begin(t, Manifest{Measured: []string{"stage 1"}, Thresholds: []profiles.Threshold{limit}})
	r.ticks(2, func() { r.ok("msg.chat", 10, 20*ms) })
	r.phase(profiles.PausedPhase)
	r.state.Generator.CPUSeconds += 100 // more than it has
	r.ticks(3, func() { r.ok("msg.chat", 10, 5*s) })
	r.phase("stage 1")
	r.ticks(1, func() { r.ok("msg.chat", 10, 20*ms) })
	sum := r.finish()
	if sum.Run.PausedSeconds != 3 || sum.Run.HandScaled || sum.Ops["msg.chat"].Count != 60 {
		t.Errorf("paused for %v s, %d chats; want 3 s and all 60", sum.Run.PausedSeconds, sum.Ops["msg.chat"].Count)
	}
	if v := sum.Verdict; v.Thresholds != ThresholdsPass || v.Generator != Valid {
		t.Errorf("the pause was judged: %+v", v)
	}
	steady, err := ReadSteadyState(r.Dir())
	if err != nil || steady.Ops["msg.chat"].Count != 30 {
		t.Errorf("the steady state has %d chats (%v), want the 30 outside of the pause", steady.Ops["msg.chat"].Count, err)
	}
	if diff := cmp.Diff(sum, rebuilt(t, r.Dir())); diff != "" {
		t.Errorf("rebuilt, it is another summary (-want +got):\n%s", diff)
	}
	var table bytes.Buffer
	if err := WriteTable(&table, sum, ""); err != nil || !strings.Contains(table.String(), "paused for 3.00 s") {
		t.Errorf("the table doesn't tell of the pause (%v):\n%s", err, table.String())
	}
}

// A run that was scaled by hand stays marked though it is killed at that moment.
func TestScaledByHandOutlivesAKill(t *testing.T) {
	r := begin(t, Manifest{})
	r.ticks(1, func() { r.ok("login", 1, ms) })
	if err := r.Steered(time.Second, "pause", false); err != nil || r.Summary().Run.HandScaled {
		t.Errorf("a pause scales nothing (%v)", err)
	}
	if err := r.Steered(time.Second, "scale 7", true); err != nil {
		t.Fatal(err)
	}
	if got := rebuilt(t, r.Dir()); !got.Run.HandScaled || !got.Run.CutOff {
		t.Errorf("killed, it is %+v; want it scaled by hand, and cut off", got.Run)
	}
	r.finish()
	events, err := os.ReadFile(filepath.Join(r.Dir(), "events.jsonl"))
	if err != nil || !strings.Contains(string(events), `"event":"run.steered","detail":"scale 7"`) {
		t.Errorf("events.jsonl (%v) doesn't tell of it:\n%s", err, events)
	}
}

// Nor does it lose the mark when it is resumed: who steers it then is told, and
// so is who compares.
func TestScaledByHandOutlivesAResumption(t *testing.T) {
	for what, scale := range map[string]bool{"scaled": true, "paused": false} {
		first := begin(t, Manifest{PlannedSeconds: 600, Measured: []string{"stage 1"}})
		first.ticks(1, first.second)
		if err := first.Steered(time.Second, what, scale); err != nil {
			t.Fatal(err)
		}
		first.ticks(10, first.second)
		dir := snapshot(t, first.Dir())
		in, err := ReadInterrupted(dir)
		if err != nil || in.HandScaled != scale {
			t.Fatalf("%s, it is read as %+v (%v)", what, in, err)
		}
		if err := in.Close(); err != nil {
			t.Fatal(err)
		}
		r := resumed(t, dir, time.Minute)
		r.ticks(2, r.second)
		r.finish()
		steady, err := ReadSteadyState(dir)
		if err != nil || steady.Summary.Run.HandScaled != scale {
			t.Errorf("%s and resumed, the run is %+v (%v)", what, steady.Summary.Run, err)
		}
	}
}
