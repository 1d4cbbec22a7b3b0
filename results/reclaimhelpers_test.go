package results

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

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
