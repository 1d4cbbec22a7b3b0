package results

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/slload/slload/profiles"
)

// resumed goes on with the run in dir after a gap.
func resumed(t testing.TB, dir string, gap time.Duration) *testRun {
	t.Helper()
	in, err := ReadInterrupted(dir)
	if err != nil {
		t.Fatal(err)
	}
	at := in.Manifest.Started.Add(in.ledger.last.T + gap)
	c, err := Resume(in, profiles.ResumePhase, at)
	if err != nil {
		t.Fatal(err)
	}
	r := &testRun{Collector: c, t: t, loops: [2]*Recorder{NewRecorder(), NewRecorder()}}
	r.state.T = in.Plan // swarm's time is the plan's
	r.state.Generator.Cores = 2
	t.Cleanup(func() { c.files.close() })
	return r
}

// second is what each second of these runs has.
func (r *testRun) second() {
	r.ok("msg.chat", 10, 20*ms+r.state.T/1000)
	r.fail("msg.im", "timeout", 2)
	r.loops[0].Count("objects", 1)
	r.loops[1].Event(Event{T: r.state.T, Name: "agent.lost"})
	r.state.Agents.Logins++
	r.state.Agents.InWorld = 5
	r.state.Actions.Started += 3
}

// sums are what the lines of a timeline come to, and its last totals.
func sums(t testing.TB, dir string) (chat, im, objects int64, last Line) {
	t.Helper()
	err := ReadTimeline(dir, func(l Line) {
		if l.T-l.Seconds < last.T-0.001 {
			t.Errorf("the line at %v s begins at %v s, before the end of the one at %v s", l.T, l.T-l.Seconds, last.T)
		}
		chat += l.Ops["msg.chat"].Count
		im += l.Ops["msg.im"].Errors
		objects += l.Counters["objects"]
		last = l
	})
	if err != nil {
		t.Fatal(err)
	}
	return chat, im, objects, last
}

// However a run breaks off, and whenever, what it had up to its last ten seconds
// and what it has afterwards add up, in the summary and in each file.
func TestSegmentsAddUp(t *testing.T) {
	for _, planned := range []float64{600, 86400} { // lines of 1 s and cuts of 10 s; of 10 s and 240 s
		for _, broke := range []int{0, 7, 13, 20, 24, 31} {
			t.Run(fmt.Sprintf("planned for %v s, broke off at %d s", planned, broke), func(t *testing.T) {
				first := begin(t, Manifest{PlannedSeconds: planned, Measured: []string{"stage 1"}})
				first.ticks(broke, first.second)
				dir := snapshot(t, first.Dir())
				whole := int64(rebuilt(t, dir).Run.Seconds) // what came back
				if int(whole) < broke-10 {
					t.Fatalf("only %d s came back", whole)
				}
				r := resumed(t, dir, time.Hour)
				r.ticks(5, r.second)
				r.phase("stage 1")
				r.ticks(17, r.second)
				got := r.finish()
				seconds := whole + 22
				if chat, im := got.Ops["msg.chat"], got.Ops["msg.im"]; chat.Count != 10*seconds || im.Errors != 2*seconds ||
					got.Counters["objects"] != seconds || got.Agents.Logins != seconds || got.Actions.Started != 3*seconds {
					t.Errorf("%d + 22 s came to %d, %d, %d, %+v, %+v", whole, chat.Count, im.Errors, got.Counters["objects"], got.Agents, got.Actions)
				}
				if got.Run.Seconds != float64(seconds)+3600 || got.Run.GapSeconds != 3600 || got.Run.CutOff {
					t.Errorf("run %+v", got.Run)
				}
				chat, im, objects, last := sums(t, dir)
				if chat != 10*seconds || im != 2*seconds || objects != seconds || last.Agents.Logins != seconds {
					t.Errorf("the timeline has %d, %d, %d and %+v", chat, im, objects, last.Agents)
				}
				if totals := hlogTotals(t, readFile(t, dir, fileHlog)); seconds > 0 && totals["msg.chat.service"].TotalCount() != 10*seconds {
					t.Errorf("the log has %d", totals["msg.chat.service"].TotalCount())
				}
				same(t, "rebuilt", rebuilt(t, dir), got)
			})
		}
	}
}

func TestAGapIsTold(t *testing.T) {
	first := begin(t, Manifest{PlannedSeconds: 600, Measured: []string{"stage 1"}})
	first.ticks(20, first.second)
	dir := snapshot(t, first.Dir())
	r := resumed(t, dir, 90*s)
	r.ticks(3, r.second)
	r.phase("stage 1")
	r.ticks(3, r.second)
	got := r.finish()
	var phases []string
	for _, p := range got.Phases {
		phases = append(phases, fmt.Sprintf("%s %v-%v", p.Name, p.From, p.To))
	}
	same(t, "phases", phases, []string{"stage 1 0-20", "gap 20-110", "resume 110-113", "stage 1 113-116"})
	want := []Segment{{Started: started, To: 20}, {Started: started.Add(110 * s), From: 110, To: 116, Plan: 20}}
	same(t, "segments of the summary", got.Run.Segments, want)
	want[1].To = 0 // which nobody knew when it began
	m, err := ReadManifest(dir)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "segments of the manifest", m.Segments, want)
	if len(got.Notes) != 1 || !strings.Contains(got.Notes[0], "a gap of 90.0 s, from 20.000 s to 110.000 s") {
		t.Errorf("notes %q", got.Notes)
	}
	if events := string(readFile(t, dir, fileEvents)); !strings.Contains(events, `{"t":20,"event":"run.gap","detail":"the run broke off here and was resumed 90.0 s later`) ||
		!strings.Contains(events, `{"t":112,"event":"agent.lost"}`) {
		t.Errorf("events: %s", events)
	}
	// The generator wasn't idle or late in the gap: it wasn't there.
	if h := got.Phases[1].Generator; h != (Health{}) {
		t.Errorf("the generator's health in the gap: %+v", h)
	}
	if h := got.Phases[2].Generator; h.Seconds != 3 || h.CPUSeconds != 0.375 {
		t.Errorf("after it: %+v", h)
	}
}

func TestARunIsResumedAgainAndAgain(t *testing.T) {
	first := begin(t, Manifest{PlannedSeconds: 86400})
	first.ticks(20, first.second)
	dir := snapshot(t, first.Dir())
	for range 3 {
		r := resumed(t, dir, 30*s)
		r.ticks(10, r.second)
		dir = snapshot(t, dir)
	}
	got := rebuilt(t, dir)
	if got.Ops["msg.chat"].Count != 500 || got.Run.GapSeconds != 90 || len(got.Run.Segments) != 4 || !got.Run.CutOff {
		t.Errorf("%+v, %d lines of chat", got.Run, got.Ops["msg.chat"].Count)
	}
	if plan := got.Run.Segments[3].Plan; plan != 40 {
		t.Errorf("the last segment begins at %v s of the plan, want 40", plan)
	}
}

// A run that was ended by a signal has logged out and written its summary. That
// is of the run so far.
// One that breaks off again before anything of it is in the log has lost nothing.
func TestARunIsResumedTwiceAtOnce(t *testing.T) {
	first := begin(t, Manifest{PlannedSeconds: 600, Measured: []string{"stage 1"}})
	first.ticks(20, first.second)
	r := resumed(t, snapshot(t, first.Dir()), time.Hour)
	r.ticks(3, r.second)
	dir := snapshot(t, r.Dir())
	for _, note := range rebuilt(t, dir).Notes {
		if strings.Contains(note, "lost") {
			t.Errorf("the run has the note %q", note)
		}
	}
	got := resumed(t, dir, time.Minute).finish()
	if got.Ops["msg.chat"].Count != 200 || got.Run.GapSeconds != 3660 {
		t.Errorf("%+v, %v s of gaps", got.Ops["msg.chat"], got.Run.GapSeconds)
	}
}

func TestARunThatEndedInOrderIsResumed(t *testing.T) {
	first := begin(t, Manifest{PlannedSeconds: 600})
	first.ticks(20, first.second)
	first.phase(PhaseLogout)
	first.ticks(2, func() { first.ok("logout", 1, ms) })
	first.finish()
	if err := os.WriteFile(filepath.Join(first.Dir(), fileReport), []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := resumed(t, first.Dir(), 10*s)
	for _, name := range []string{fileSummary, fileReport} {
		if _, err := os.Stat(filepath.Join(r.Dir(), name)); !os.IsNotExist(err) {
			t.Errorf("%s of the run so far is still there", name)
		}
	}
	r.ticks(10, r.second)
	r.phase(PhaseLogout)
	got := r.finish()
	if got.Ops["logout"].Count != 2 || got.Ops["msg.chat"].Count != 300 || got.Agents.InWorldAtEnd != 5 || got.Run.Segments[1].Plan != 20 {
		t.Errorf("%+v, agents %+v", got.Run, got.Agents)
	}
}

// A wall clock that was set back while the run lay still makes no line of it go
// backwards.
func TestAWallClockThatWentBackMakesNoNegativeGap(t *testing.T) {
	first := begin(t, Manifest{PlannedSeconds: 600})
	first.ticks(20, first.second)
	dir := snapshot(t, first.Dir())
	r := resumed(t, dir, -2*time.Hour)
	r.ticks(10, r.second)
	got := r.finish()
	if got.Run.Seconds != 30.001 || got.Run.GapSeconds != 0.001 || len(got.Notes) != 1 || got.Ops["msg.chat"].Count != 300 {
		t.Errorf("%+v, notes %q", got.Run, got.Notes)
	}
	sums(t, dir)
}

func TestWhatCannotBeResumed(t *testing.T) {
	whole := begin(t, Manifest{PlannedSeconds: 20})
	whole.ticks(20, whole.second)
	whole.finish()
	going := begin(t, Manifest{PlannedSeconds: 600})
	blind := begin(t, Manifest{PlannedSeconds: 600})
	damaged := snapshot(t, blind.Dir())
	if err := os.WriteFile(filepath.Join(damaged, fileCheckpoint), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]string{
		whole.Dir():  "came to the end of its plan",
		going.Dir():  "a process has it",
		damaged:      "checkpoint.json can't be read",
		t.TempDir():  "is no run directory",
		"/not/there": "is no run directory",
	} {
		in, err := ReadInterrupted(dir)
		if in != nil || err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", dir, err, want)
		}
	}
	var busy *BusyError
	if _, err := ReadInterrupted(going.Dir()); !errors.As(err, &busy) {
		t.Errorf("%v is no BusyError", err)
	}
}

// Whatever a crash leaves of a file, the run can be gone on with, and then
// nothing is counted twice.
func TestResumeAfterTornFiles(t *testing.T) {
	first := begin(t, Manifest{PlannedSeconds: 86400})
	first.ticks(31, first.second)
	rng := rand.New(rand.NewPCG(1, 2))
	for range 25 {
		dir := snapshot(t, first.Dir())
		torn := ""
		for _, name := range []string{fileHlog, fileTimeline, fileEvents, fileLog} {
			data := readFile(t, dir, name)
			if n := rng.IntN(len(data) + 1); rng.IntN(2) == 0 {
				torn += fmt.Sprintf(" %s at %d", name, n)
				if err := os.WriteFile(filepath.Join(dir, name), data[:n], 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
		before := rebuilt(t, dir)
		r := resumed(t, dir, s)
		r.ticks(20, r.second)
		got := r.finish()
		if got.Ops["msg.chat"].Count != before.Ops["msg.chat"].Count+200 || got.Ops["msg.im"].Errors != before.Ops["msg.im"].Errors+40 {
			t.Errorf("%s: %d and %d became %d and %d", torn, before.Ops["msg.chat"].Count, before.Ops["msg.im"].Errors,
				got.Ops["msg.chat"].Count, got.Ops["msg.im"].Errors)
		}
		again := rebuilt(t, dir)
		again.Notes, got.Notes = nil, nil
		same(t, "rebuilt after"+torn, again, got)
		for _, name := range []string{fileTimeline, fileEvents} {
			for line := range bytes.Lines(readFile(t, dir, name)) {
				if !json.Valid(line) {
					t.Errorf("%s: %s has the line %q", torn, name, line)
				}
			}
		}
	}
}
