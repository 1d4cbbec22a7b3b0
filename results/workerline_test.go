package results

import (
	"encoding/json"
	"fmt"
	"testing"
)

// linesOf are the lines of the timeline in dir.
func linesOf(t testing.TB, dir string) (lines []Line) {
	t.Helper()
	if err := ReadTimeline(dir, func(l Line) { lines = append(lines, l) }); err != nil {
		t.Fatal(err)
	}
	return lines
}

// However many workers there are, a line is short, and each has its turn.
func TestWorkersTakeTurnsInTheTimeline(t *testing.T) {
	for workers, turns := range map[int]int{3: 1, 16: 1, 17: 2, 100: 7, 1000: 63} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			t.Parallel()
			m := machinesOf(t, workers)
			m.seconds(2*turns+1, func() {})
			told := map[string]int{}
			for i, l := range linesOf(t, m.Dir()) {
				data, err := json.Marshal(l.Workers)
				if n := len(l.Workers); err != nil || n != min(workers, maxLineWorkers) || len(data) > 3000 {
					t.Fatalf("line %d tells of %d workers in %d bytes (%v)", i, n, len(data), err)
				}
				for _, w := range l.Workers {
					if w.InWorld != 10 || w.CoresUsed != 0.25 || w.State != WorkerRunning {
						t.Fatalf("line %d has %+v", i, w)
					}
					if i-told[w.Worker] > turns {
						t.Errorf("%s isn't told of from line %d to line %d", w.Worker, told[w.Worker], i)
					}
					told[w.Worker] = i
				}
			}
			if len(told) != workers {
				t.Errorf("the timeline tells of %d", len(told))
			}
		})
	}
}

// Who is lost is told of at once and then no more, who takes over at once.
func TestLossesGoFirstInTheTimeline(t *testing.T) {
	m := machinesOf(t, 40)
	m.seconds(10, func() {})
	m.parts[33].Workers[0].State = WorkerLost
	m.seconds(3, func() {})
	m.parts[33].Workers[0].State = WorkerTakenOver
	m.parts = append(m.parts, Sample{
		Generator: Generator{Cores: 2}, Agents: Agents{InWorld: 10},
		Workers: []WorkerSample{{Segment: 33, Of: 40, Epoch: 2, Worker: "spare:1", State: WorkerRunning}},
	})
	m.seconds(10, func() {})
	var lost, spare []string
	for _, l := range linesOf(t, m.Dir())[10:] {
		for _, w := range l.Workers {
			text := fmt.Sprintf("%v %s %d", l.T, w.State, w.InWorld)
			switch w.Worker {
			case "host33:1":
				lost = append(lost, text)
			case "spare:1":
				spare = append(spare, text)
			}
		}
	}
	same(t, "the lost one", lost, []string{"11 lost 0", "14 taken over 0"})
	same(t, "the other", spare, []string{"14 running 10", "17 running 10", "20 running 10", "23 running 10"})
}

// A worker of a run that is resumed begins there anew; of those before nothing is
// left but their end.
func TestWorkersInTheTimelineOfAResumedRun(t *testing.T) {
	m := machinesOf(t, 2)
	m.seconds(10, func() {})
	r := resumed(t, snapshot(t, m.Dir()), 60*s)
	again := machinesOf(t, 2)
	again.testRun, again.parts = r, again.parts[1:]
	r.state.T = 10 * s
	again.seconds(2, func() {})
	var got []WorkerLine
	for _, l := range linesOf(t, r.Dir())[10:] {
		got = append(got, l.Workers...)
	}
	running := WorkerLine{Worker: "host1:1", State: WorkerRunning, InWorld: 10, CoresUsed: 0.25, TickLagP99NS: int64(ms)}
	same(t, "after the gap", got, []WorkerLine{{Worker: "host0:1", State: WorkerEnded}, running, running})
}

// In the line a worker has who is in world, in the summary who was before the
// logouts.
func TestLogoutsOfWorkersInTheTimeline(t *testing.T) {
	m := machinesOf(t, 2)
	m.seconds(3, func() {})
	m.phase(PhaseLogout)
	m.seconds(1, func() { m.parts[1].Agents.InWorld = 4 })
	lines := linesOf(t, m.Dir())
	if w := lines[len(lines)-1].Workers[1]; w.InWorld != 4 || m.Summary().Workers[1].InWorld != 10 {
		t.Errorf("%d are in world by the timeline, %d by the summary", w.InWorld, m.Summary().Workers[1].InWorld)
	}
}

func TestTimelineLineOfWorkers(t *testing.T) {
	m := machinesOf(t, 2)
	m.parts[0].Generator.RSSBytes = 60e6
	m.parts[1].Workers[0].Lag = 40 * ms
	m.seconds(2, func() {})
	lines := linesOf(t, m.Dir())
	data, err := json.MarshalIndent(lines[1].Workers, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "timeline-workers.json", append(data, '\n'))
}
