package results

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/slload/slload/internal/wholefile"
	"github.com/slload/slload/profiles"
)

const (
	µs = time.Microsecond
	ms = time.Millisecond
	s  = time.Second
)

var update = flag.Bool("update", false, "write the golden files anew")

var started = time.Date(2026, 11, 22, 17, 56, 33, 250e6, time.UTC)

// TestMain leaves fsync out: the tests' files need not outlive a power cut.
func TestMain(m *testing.M) {
	wholefile.Sync = func(*os.File) error { return nil }
	os.Exit(m.Run())
}

// testRun plays swarm: two loops that record, and a clock that only ticks move.
type testRun struct {
	*Collector
	t     testing.TB
	loops [2]*Recorder
	spare [2]*Interval
	state Sample
}

// begin begins a run in a fresh directory, in the phase "stage 1".
func begin(t testing.TB, m Manifest) *testRun {
	t.Helper()
	m.ID, m.Profile, m.Started, m.Seed = "20261122-175633-crowd-3f2a", "crowd", started, 42
	c, err := NewCollector(Config{
		Parent: filepath.Join(t.TempDir(), "runs"), Manifest: m, Profile: []byte("name: crowd\n"), Phase: "stage 1",
	})
	if err != nil {
		t.Fatal(err)
	}
	r := &testRun{Collector: c, t: t, loops: [2]*Recorder{NewRecorder(), NewRecorder()}}
	r.state.Generator.Cores = 2
	t.Cleanup(func() { c.files.close() })
	return r
}

// ok records n successes on both loops by turns.
func (r *testRun) ok(op string, n int, response time.Duration) {
	for i := range n {
		r.loops[i%2].Record(op, response, response/2, "")
	}
}

func (r *testRun) fail(op, reason string, n int) {
	for i := range n {
		r.loops[i%2].Record(op, time.Minute, time.Minute, reason)
	}
}

// advance moves the clock and what the state counts by d, and merges.
func (r *testRun) advance(d time.Duration) Sample {
	r.state.T += d
	r.state.Generator.CPUSeconds += d.Seconds() / 8
	r.state.Transport.PacketsReceived += int64(d / ms)
	r.state.Actions.Intended += int64(d / (100 * ms))
	for i, l := range r.loops {
		iv := l.Swap(r.spare[i])
		r.Merge(iv)
		r.spare[i] = iv
	}
	return r.state
}

func (r *testRun) tick(d time.Duration) {
	r.t.Helper()
	if err := r.Tick(r.advance(d)); err != nil {
		r.t.Fatal(err)
	}
}

// ticks lets n seconds pass, in each of which each runs.
func (r *testRun) ticks(n int, each func()) {
	r.t.Helper()
	for range n {
		each()
		r.tick(s)
	}
}

func (r *testRun) phase(name string) {
	r.t.Helper()
	if err := r.BeginPhase(name, r.advance(0)); err != nil {
		r.t.Fatal(err)
	}
}

func (r *testRun) finish() *Summary {
	r.t.Helper()
	summary, err := r.Finish(r.advance(0))
	if err != nil {
		r.t.Fatal(err)
	}
	return summary
}

// rebuilt is what Rebuild makes of dir, without writing it.
func rebuilt(t *testing.T, dir string) *Summary {
	t.Helper()
	summary, err := recall(dir)
	if err != nil {
		t.Fatal(err)
	}
	return summary
}

// snapshot copies a run directory as a kill -9 at this moment leaves it.
func snapshot(t testing.TB, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

func readFile(t testing.TB, path ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func same[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// golden compares got with a file in testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	same(t, path+"; after a wanted change, run the test with -update", string(got), string(readFile(t, path)))
}

func threshold(t *testing.T, text string) profiles.Threshold {
	t.Helper()
	var th profiles.Threshold
	if err := th.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return th
}

// fewerChecks makes rapid's default of 100 runs 20 for this test, whose runs
// are long.
func fewerChecks(t *testing.T) {
	f := flag.Lookup("rapid.checks")
	if f.Value.String() == f.DefValue {
		flag.Set(f.Name, "20")
		t.Cleanup(func() { flag.Set(f.Name, f.DefValue) })
	}
}
