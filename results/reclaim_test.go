package results

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/profiles"
)

// frame is what one segment measured in one second, as it came over the wire.
type frame struct {
	data   []byte
	sample Sample
}

// framed makes the frames of a run of n seconds on several machines: by second,
// then by segment.
func framed(n, segments int) [][]frame {
	rng := rand.New(rand.NewPCG(uint64(n), 7))
	list := make([][]frame, n)
	totals := make([]Sample, segments)
	for second := range n {
		for i := range segments {
			r, sum := NewRecorder(), &totals[i]
			for range rng.IntN(30) {
				d := time.Duration(rng.ExpFloat64() * float64(50*ms))
				r.Record("msg.chat", d, d/2, "")
			}
			if rng.IntN(3) == 0 {
				r.Record("msg.im", 0, 0, "timeout")
			}
			r.Count("objects", rng.IntN(4))
			sum.T = time.Duration(second+1) * s
			r.Event(Event{T: sum.T, Name: "agent.lost", Agent: fmt.Sprint(i)})
			sum.Agents = Agents{Target: 10, InWorld: rng.IntN(10), Logins: int64(second)}
			sum.Actions.Intended += 10
			sum.Actions.Started += 9
			sum.Generator.Cores = 2
			sum.Generator.CPUSeconds += rng.Float64()
			sum.InPhase.TickLagP99NS = rng.Int64N(int64(5 * ms))
			sum.Simulators = []Simulator{{Region: "Plaza", FPS: 40 + 10*rng.Float64(), TimeDilation: 1}}
			of := *sum
			of.Workers = []WorkerSample{{Segment: i, Of: segments, Epoch: 1, Worker: fmt.Sprintf("host%d:1", i), State: WorkerRunning}}
			list[second] = append(list[second], frame{AppendInterval(nil, r.Swap(nil)), of})
		}
	}
	return list
}

// cluster plays the controller of a run on several machines.
type cluster struct {
	*Collector
	t      testing.TB
	frames [][]frame // by second
	at     int       // seconds that are merged
	acked  uint64    // the frames that are known to be on disk
}

// gathered begins a run whose frames those are.
func gathered(t testing.TB, planned float64, frames [][]frame) *cluster {
	t.Helper()
	m := Manifest{
		ID: "20261122-175633-crowd-3f2a", Profile: "crowd", Started: started, PlannedSeconds: planned, Measured: []string{"stage 1", "stage 2"},
		Thresholds: []profiles.Threshold{
			{Op: "msg.chat", Stat: profiles.StatQuantile, Quantile: 95, Limit: profiles.Duration(150 * ms), Over: profiles.Duration(7 * s)},
			{Op: "msg.chat", Stat: profiles.StatMax, Limit: profiles.Duration(s), Abort: true},
		},
	}
	for i := range frames[0] {
		m.Workers = append(m.Workers, ManifestWorker{Worker: fmt.Sprintf("host%d:1", i), Segment: i, Of: len(frames[0]), Cores: 2})
	}
	c, err := NewCollector(Config{Dir: filepath.Join(t.TempDir(), "run"), Manifest: m, Profile: []byte("name: crowd\n"), Phase: "stage 1"})
	if err != nil {
		t.Fatal(err)
	}
	return attach(&cluster{Collector: c, t: t, frames: frames})
}

func attach(c *cluster) *cluster {
	c.OnFlushed = func(positions map[string]uint64) { c.acked = positions["0.1"] }
	c.t.Cleanup(func() { _ = c.files.close() })
	return c
}

// reclaimed goes on with the run in dir.
func reclaimed(t testing.TB, dir string, frames [][]frame) *cluster {
	t.Helper()
	c, m, profile, positions, err := Reclaim(dir)
	if err != nil {
		t.Fatal(err)
	}
	if m.Profile != "crowd" || string(profile) != "name: crowd\n" {
		t.Errorf("it was reclaimed with the manifest %+v and the profile %q", m, profile)
	}
	return attach(&cluster{Collector: c, t: t, frames: frames, at: int(positions["0.1"]), acked: positions["0.1"]})
}

// sample is the run's state after so many seconds.
func (c *cluster) sample(seconds int) Sample {
	if seconds == 0 {
		return Sample{}
	}
	var parts []Sample
	for _, f := range c.frames[seconds-1] {
		parts = append(parts, f.sample)
	}
	return Combine(parts)
}

// stage2From is after how many seconds the second stage begins.
const stage2From = 17

// second merges the frames of one second, in an order of its own.
func (c *cluster) second() {
	c.t.Helper()
	if c.at == stage2From {
		c.check(c.BeginPhase("stage 2", c.sample(c.at)))
	}
	c.merge(1)
	c.check(c.Tick(c.sample(c.at)))
}

// merge merges the frames of n seconds and doesn't end them.
func (c *cluster) merge(n int) {
	c.t.Helper()
	for range n {
		iv, positions := NewInterval(), map[string]uint64{}
		for i, f := range c.frames[c.at] {
			c.check(ReadInterval(f.data, iv))
			positions[fmt.Sprintf("%d.1", i)] = uint64(c.at + 1)
		}
		c.Merge(iv)
		c.SetPositions(positions)
		c.at++
	}
}

func (c *cluster) check(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// finish merges what is left and ends the run.
func (c *cluster) finish() *Summary {
	c.t.Helper()
	for c.at < len(c.frames) {
		c.second()
	}
	c.check(c.BeginPhase(PhaseLogout, c.sample(c.at)))
	summary, err := c.Finish(c.sample(c.at))
	c.check(err)
	return summary
}

// records are the files of a run that a crash must leave no trace in.
func records(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, name := range []string{fileHlog, fileTimeline, fileEvents, fileSummary, fileManifest} {
		files[name] = string(readFile(t, dir, name))
	}
	return files
}

// whatever makes of the run directory what a crash might: what came after the
// checkpoint is there, or a part of it, or something else.
func whatever(t testing.TB, dir string, rng *rand.Rand) {
	t.Helper()
	r := &rebuild{dir: dir}
	if err := r.readCheckpoint(); err != nil || r.cp == nil {
		t.Fatalf("no checkpoint: %v, %q", err, r.notes)
	}
	for name, size := range map[string]int64{fileHlog: r.cp.HlogBytes, fileTimeline: r.cp.TimelineBytes, fileEvents: r.cp.EventsBytes} {
		data := readFile(t, dir, name)
		switch rng.IntN(3) {
		case 0:
			data = data[:int(size)+rng.IntN(len(data)-int(size)+1)]
		case 1:
			data = append(data, "#[Cut: 0 lines, 0.000 to 1.000, of \"x\" since 0.000]\n{\"t\":1}\nhalf a li"...)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// A controller that dies at any moment, and again, leaves a run that comes to
// the same as one that was never interrupted: in its summary and byte by byte.
func TestReclaimLeavesNoTrace(t *testing.T) {
	for _, planned := range []float64{60, 86400} { // lines of 1 s and cuts of 10 s; of 10 s and 240 s
		frames := framed(42, 3)
		whole := gathered(t, planned, frames)
		want := whole.finish()
		files := records(t, whole.Dir())
		rng := rand.New(rand.NewPCG(3, uint64(planned)))
		for range 7 {
			c, deaths, early := gathered(t, planned, frames), "", false
			for range 1 + rng.IntN(3) {
				lives := rng.IntN(len(frames) - c.at)
				for range lives {
					c.second()
				}
				switch rng.IntN(3) { // in the middle of a second
				case 0:
					c.merge(1)
				case 1:
					c.merge(1)
					c.check(c.flush(false)) // as Steered does
					early = true
				}
				acked := c.acked
				dir := snapshot(t, c.Dir())
				whatever(t, dir, rng)
				c = reclaimed(t, dir, frames)
				deaths += fmt.Sprintf(" %d", c.at)
				if c.acked != acked {
					t.Fatalf("planned for %v s: it goes on at %d, yet %d was told to be on disk", planned, c.acked, acked)
				}
			}
			got := c.finish()
			if diff := cmp.Diff(want, rebuilt(t, c.Dir())); diff != "" {
				t.Fatalf("planned for %v s, died and went on at%s, and made of the files again (-uninterrupted +rebuilt):\n%s", planned, deaths, diff)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("planned for %v s, died and went on at%s (-uninterrupted +reclaimed):\n%s", planned, deaths, diff)
			}
			recorded := records(t, c.Dir())
			if early { // its histograms are cut at other moments; the summary was made of all of them
				recorded[fileHlog] = files[fileHlog]
			}
			if diff := cmp.Diff(files, recorded); diff != "" {
				t.Fatalf("planned for %v s, died and went on at%s: the files differ (-uninterrupted +reclaimed):\n%.3000s", planned, deaths, diff)
			}
		}
	}
}

// Right after it, the reclaimed run has the totals of the checkpoint.
func TestReclaimGivesTheCheckpointsTotals(t *testing.T) {
	c := gathered(t, 60, framed(40, 2))
	for range 23 {
		c.second()
	}
	at20 := gathered(t, 60, c.frames)
	for range 20 {
		at20.second()
	}
	got := reclaimed(t, snapshot(t, c.Dir()), c.frames)
	if got.at != 20 {
		t.Errorf("it goes on after %d s, want 20", got.at)
	}
	same(t, "the summary", got.Summary(), at20.Summary())
	progress := at20.Progress()
	progress.Simulators = nil // which tell of themselves again and again
	same(t, "the progress", got.Progress(), progress)
}

func TestSuspendedRunsGoOnWhereTheyStood(t *testing.T) {
	frames := framed(40, 2)
	want := gathered(t, 60, frames).finish()
	c := gathered(t, 60, frames)
	for range 13 {
		c.second()
	}
	c.merge(1) // of a second that isn't over
	c.check(c.Suspend())
	if c.acked != 13 {
		t.Errorf("%d s are told to be on disk, want 13", c.acked)
	}
	again := reclaimed(t, c.Dir(), frames) // the very directory: its lock is free
	if again.at != 13 {
		t.Errorf("it goes on after %d s, want 13", again.at)
	}
	same(t, "the summary", again.finish(), want)
}

// All that a run has may be taken for delivered when it is over.
func TestFinishTellsTheLastPositions(t *testing.T) {
	c := gathered(t, 60, framed(14, 2))
	c.finish()
	if c.acked != 14 {
		t.Errorf("%d s are told to be on disk, want all 14", c.acked)
	}
}

// Workers that are gone with the controller make a gap; what is after it can be
// reclaimed as what was before.
func TestResumedRunsAreReclaimed(t *testing.T) {
	frames := framed(42, 2)
	play := func(dies bool) (*cluster, *Summary) {
		c := gathered(t, 60, frames)
		for range 13 {
			c.second()
		}
		c.check(c.Suspend())
		in, err := ReadInterrupted(c.Dir())
		if err != nil {
			t.Fatal(err)
		}
		again, err := Resume(in, profiles.ResumePhase, started.Add(time.Minute))
		if err != nil {
			t.Fatal(err)
		}
		c = attach(&cluster{Collector: again, t: t, frames: frames, at: int(again.positions["0.1"])})
		for range 14 {
			c.second()
		}
		if dies {
			c = reclaimed(t, snapshot(t, c.Dir()), frames)
			if c.at != 23 {
				t.Errorf("it goes on after %d s, want 23", c.at)
			}
		}
		return c, c.finish()
	}
	whole, want := play(false)
	c, got := play(true)
	if want.Run.GapSeconds != 47 {
		t.Errorf("the gap is of %v s", want.Run.GapSeconds)
	}
	same(t, "the summary", got, want)
	same(t, "the files", records(t, c.Dir()), records(t, whole.Dir()))
}

// A run of which events.jsonl was set aside after its checkpoint has it back.
func TestReclaimTurnsFilesBack(t *testing.T) {
	c := gathered(t, 60, framed(40, 2))
	for range 12 {
		c.second()
	}
	dir := snapshot(t, c.Dir())
	c.files.events.turns.most = c.files.events.size + 1
	c.second()
	turned := snapshot(t, c.Dir())
	if _, err := os.Stat(filepath.Join(turned, older(fileEvents))); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{dir, turned} {
		_, _, _, _, err := Reclaim(dir)
		if err != nil {
			t.Fatal(err)
		}
	}
	same(t, fileEvents, string(readFile(t, turned, fileEvents)), string(readFile(t, dir, fileEvents)))
}

func TestWhatCannotBeReclaimed(t *testing.T) {
	frames := framed(40, 2)
	over := gathered(t, 60, frames)
	over.finish()
	going := gathered(t, 60, frames)
	for range 12 {
		going.second()
	}
	damaged, short := snapshot(t, going.Dir()), snapshot(t, going.Dir())
	one := begin(t, Manifest{PlannedSeconds: 60})
	one.ticks(12, one.second)
	for path, data := range map[string]string{filepath.Join(damaged, fileCheckpoint): "{", filepath.Join(short, fileTimeline): "{}\n"} {
		if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for dir, want := range map[string]string{
		over.Dir():             "it came to its end",
		going.Dir():            "a process has it",
		damaged:                "checkpoint.json can't be read",
		short:                  "timeline.jsonl has 3 bytes, and had",
		snapshot(t, one.Dir()): "it was made by one process",
		t.TempDir():            "is no run directory",
	} {
		_, _, _, _, err := Reclaim(dir)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want %q", dir, err, want)
		}
	}
	var busy *BusyError
	if _, _, _, _, err := Reclaim(going.Dir()); !errors.As(err, &busy) {
		t.Errorf("%v is no BusyError", err)
	}
}

// Before the first flush a run has positions already: none.
func TestARunThatDiesAtOnceIsReclaimed(t *testing.T) {
	frames := framed(40, 2)
	want := gathered(t, 60, frames).finish()
	c := gathered(t, 60, frames)
	c.second()
	again := reclaimed(t, snapshot(t, c.Dir()), frames)
	if again.at != 0 {
		t.Errorf("it goes on after %d s", again.at)
	}
	same(t, "the summary", again.finish(), want)
}

// Frames may be taken for delivered only when all files have them.
func TestPositionsAreToldOnlyWhenAllIsOnDisk(t *testing.T) {
	c := gathered(t, 60, framed(40, 2))
	for range 12 {
		c.second()
	}
	before, acked := readFile(t, c.Dir(), fileCheckpoint), c.acked
	c.files.timeline.file.Close()
	full := &smallDisk{}
	c.files.timeline.file = full
	for c.at < 34 {
		c.merge(1)
		_ = c.Tick(c.sample(c.at)) // the disk is full
	}
	if c.acked != acked || !bytes.Equal(before, readFile(t, c.Dir(), fileCheckpoint)) {
		t.Errorf("%d s are told to be on disk, want %d", c.acked, acked)
	}
	full.room = 1 << 20
	for c.at < 40 {
		c.second()
	}
	if c.acked != 40 {
		t.Errorf("with room again %d s are told to be on disk, want 40", c.acked)
	}
}
