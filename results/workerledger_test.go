package results

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/slload/slload/profiles"
)

// machines plays workers that have nothing to complain of, a segment each.
type machines struct {
	*testRun
	parts []Sample
}

func machinesOf(t testing.TB, n int) *machines {
	m := &machines{testRun: begin(t, Manifest{PlannedSeconds: 600, Measured: []string{"stage 1", "stage 2"}})}
	for i := range n {
		m.parts = append(m.parts, Sample{
			Generator: Generator{Cores: 2}, Agents: Agents{InWorld: 10},
			Workers: []WorkerSample{{Segment: i, Of: n, Epoch: 1, Worker: fmt.Sprintf("host%d:1", i), State: WorkerRunning}},
		})
	}
	return m
}

// seconds lets n seconds pass, in each of which sick runs.
func (m *machines) seconds(n int, sick func()) {
	m.t.Helper()
	for range n {
		m.state.T += s
		for i := range m.parts {
			p := &m.parts[i]
			if p.Workers[0].gone() {
				continue
			}
			p.T = m.state.T
			p.Actions.Intended += 100
			p.Actions.Started += 100
			p.Transport.PacketsReceived += 1000
			p.Generator.CPUSeconds += 0.25
			p.InPhase.TickLagP99NS = int64(ms)
		}
		sick()
		if err := m.Tick(Combine(m.parts)); err != nil {
			m.t.Fatal(err)
		}
	}
}

func (m *machines) phase(name string) {
	m.t.Helper()
	if err := m.BeginPhase(name, Combine(m.parts)); err != nil {
		m.t.Fatal(err)
	}
}

func (m *machines) finish() *Summary {
	m.t.Helper()
	summary, err := m.Finish(Combine(m.parts))
	if err != nil {
		m.t.Fatal(err)
	}
	return summary
}

// One sick machine among a hundred is found out: what it did is not thinned by
// what the others did.
func TestEachWorkerIsJudgedByItself(t *testing.T) {
	m := machinesOf(t, 100)
	m.seconds(20, func() {
		m.parts[41].Actions.Dropped += 5 // of its 100; of all 10,000 it would be nothing
		m.parts[41].Transport.KernelDrops += 100
		m.parts[7].Generator.CPUSeconds += 1.4 // of two cores; the others idle
	})
	got := m.finish()
	if got.Verdict.Generator != Invalid {
		t.Errorf("the run is %s", got.Verdict.Generator)
	}
	same(t, "reasons", got.Verdict.Reasons, []string{
		"host41:1: 5% of the actions were dropped by the generator during stage 1",
		"host41:1: 9.09% of the datagrams were dropped by the kernel during stage 1",
		"host7:1: the process used 82.5% of its cores during stage 1",
	})
	for i, w := range got.Workers {
		want := map[int]Validity{7: Suspect, 41: Invalid}[i]
		if want == "" {
			want = Valid
		}
		if w.Worker != fmt.Sprintf("host%d:1", i) || w.Verdict != want || w.InWorld != 10 {
			t.Errorf("worker %d is %+v, want %s", i, w, want)
		}
	}
	same(t, "rebuilt", rebuilt(t, m.Dir()), got)
}

func TestAWorkersPhasesAreJudgedAsThoseOfOneMachine(t *testing.T) {
	m := machinesOf(t, 2)
	m.phase(profiles.WarmupPhase) // nobody's figures
	m.seconds(5, func() { m.parts[0].Actions.Dropped += 50 })
	m.phase("stage 1")
	m.seconds(5, func() { m.parts[1].InPhase.TickLagP99NS = int64(30 * ms) })
	m.phase(PhaseLogout) // in which only harm counts that would void a phase
	m.seconds(5, func() { m.parts[1].InPhase.TickLagP99NS = int64(40 * ms) })
	same(t, "verdict", m.finish().Verdict.Reasons, []string{"host1:1: timers fired 30.0 ms late at p99 during stage 1"})
}

// Whose agents log out at the end had them in world.
func TestAWorkersAgentsAreCountedBeforeTheyLogOut(t *testing.T) {
	m := machinesOf(t, 2)
	m.seconds(3, func() {})
	m.phase(PhaseLogout)
	m.seconds(3, func() { m.parts[0].Agents.InWorld, m.parts[1].Agents.InWorld = 4, 0 })
	got := m.finish()
	for _, w := range got.Workers {
		if w.InWorld != 10 {
			t.Errorf("%s had %d in world at its end, want 10", w.Worker, w.InWorld)
		}
	}
	same(t, "rebuilt", rebuilt(t, m.Dir()), got)
}

// A process with two segments has its cores once, and its actions twice.
func TestSegmentsOfOneProcessAreOneWorker(t *testing.T) {
	m := machinesOf(t, 2)
	m.parts[1].Workers[0].Worker = m.parts[0].Workers[0].Worker
	m.seconds(10, func() {})
	got := m.finish()
	if len(got.Workers) != 1 {
		t.Fatalf("%d workers", len(got.Workers))
	}
	w := got.Workers[0]
	if w.Generator.CPUSeconds != 2.5 || w.Generator.Cores != 2 || w.Actions.Intended != 2000 || w.InWorld != 20 || got.Generator.CPUSeconds != 2.5 {
		t.Errorf("the worker is %+v", w)
	}
	same(t, "segments", w.Segments, []WorkerSegment{{0, 2, 1, WorkerRunning}, {1, 2, 1, WorkerRunning}})
}

// A worker that takes over in the middle is judged from then on, the one before
// up to then.
func TestLostWorkersAreJudgedForTheirTime(t *testing.T) {
	m := machinesOf(t, 2)
	m.seconds(10, func() {})
	m.parts[1].Workers[0].State = WorkerLost
	m.parts[1].InPhase.TickLagP99NS = int64(s) // the last that was heard of it was bad
	m.phase("stage 2")
	m.seconds(10, func() {})
	lost := m.Summary().Workers[1]
	if !lost.Lost || lost.Verdict != Valid || lost.InWorld != 0 || lost.Generator.CPUSeconds != 2.5 {
		t.Errorf("lost, it is %+v", lost)
	}
	m.parts[1].Workers[0].State = WorkerTakenOver
	m.parts = append(m.parts, Sample{
		Generator: Generator{Cores: 2}, Workers: []WorkerSample{{Segment: 1, Of: 2, Epoch: 2, Worker: "spare:1", State: WorkerRunning}},
	})
	m.seconds(10, func() {})
	got := m.finish()
	if w := got.Workers[2]; w.Worker != "spare:1" || w.Lost || w.Verdict != Valid {
		t.Errorf("the successor is %+v", w)
	}
	for phase, want := range map[int]map[string]float64{0: {"host0:1": 10, "host1:1": 10}, 1: {"host0:1": 20, "spare:1": 10}} {
		for name, seconds := range want {
			if h := m.ledger.phases[phase].workers[name]; h == nil || h.Seconds != seconds || len(m.ledger.phases[phase].workers) != len(want) {
				t.Errorf("%s has in phase %d %+v, want %v s", name, phase, h, seconds)
			}
		}
	}
	if text := got.Workers[1].SegmentText() + "; " + got.workersText(); text != "1:2 taken over; 3, 1 of them lost" {
		t.Errorf("it is told as %q", text)
	}
}

// What comes late of a worker counts in the phase in which it comes, with the
// time in which it was measured.
func TestFramesThatComeLateAreJudged(t *testing.T) {
	m := machinesOf(t, 2)
	m.seconds(10, func() {
		m.parts[1].T = min(m.parts[1].T, 4*s) // nothing comes after 4 s
		m.parts[1].Workers[0].Lag = m.state.T - m.parts[1].T
	})
	if w := m.Summary().Workers[1]; w.FrameLagNS != int64(6*s) {
		t.Errorf("its figures are %v old", time.Duration(w.FrameLagNS))
	}
	m.seconds(1, func() { m.parts[1].Actions.Dropped += 50 })
	if h := m.ledger.current().workers["host1:1"]; h.Seconds != 11 || h.Intended != 1100 || h.Dropped != 50 {
		t.Errorf("its health is %+v", h)
	}
}

// After a gap the same workers count from zero again.
func TestWorkersOutliveAResumption(t *testing.T) {
	m := machinesOf(t, 2)
	m.seconds(10, func() { m.parts[1].Actions.Dropped++ })
	dir := snapshot(t, m.Dir())
	r := resumed(t, dir, time.Minute)
	again := machinesOf(t, 2)
	again.testRun, again.parts = r, again.parts[1:] // host0 doesn't come back
	r.state.T = 10 * s
	again.seconds(10, func() { again.parts[0].Actions.Dropped++ })
	got := again.finish()
	if len(got.Workers) != 2 || got.Workers[0].Segments[0].State != WorkerEnded || got.Workers[0].InWorld != 0 {
		t.Fatalf("the workers are %+v", got.Workers)
	}
	w := got.Workers[1]
	if w.Actions.Dropped != 20 || w.Actions.Intended != 2000 || w.Generator.CPUSeconds != 5 || w.Verdict != Invalid {
		t.Errorf("the one that came back is %+v", w)
	}
	if h := r.ledger.current().workers["host1:1"]; h.Seconds != 10 || h.Dropped != 10 {
		t.Errorf("its health after the gap is %+v", h)
	}
	same(t, "rebuilt", rebuilt(t, dir), got)
}

func TestReasonsOfManyWorkersAreBounded(t *testing.T) {
	m := machinesOf(t, 60)
	m.seconds(10, func() {
		for i := range m.parts {
			m.parts[i].InPhase.TickLagP99NS = int64(20 * ms)
		}
		m.parts[33].InPhase.TickLagP99NS = int64(200 * ms)
	})
	got := m.finish()
	if n := len(got.Verdict.Reasons); n != maxReasons+1 || !strings.HasPrefix(got.Verdict.Reasons[0], "host33:1: timers fired 200 ms") ||
		got.Verdict.Reasons[n-1] != "40 more reasons stand with the workers in summary.json" {
		t.Errorf("%d reasons: %q", n, got.Verdict.Reasons)
	}
	var names []string
	for _, w := range got.WorstWorkers(2) {
		names = append(names, w.Worker)
	}
	same(t, "the worst", names, []string{"host0:1", "host33:1"})
}

// Scripts read these keys.
func TestWorkersInTheSummary(t *testing.T) {
	m := machinesOf(t, 2)
	m.seconds(10, func() { m.parts[1].Actions.Late += 20 })
	m.parts[1].Workers[0].State = WorkerLost
	if err := m.LostLoad(9*s, 0, "segment 1 of 2 on host1:1"); err != nil {
		t.Fatal(err)
	}
	m.seconds(2, func() {})
	got := m.finish()
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetIndent("", "  ")
	if err := out.Encode(map[string]any{"verdict": got.Verdict, "workers": got.Workers, "run": got.Run, "notes": got.Notes}); err != nil {
		t.Fatal(err)
	}
	golden(t, "summary-workers.json", b.Bytes())
}
