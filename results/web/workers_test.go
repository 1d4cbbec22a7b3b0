package web

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/slload/slload/results"
)

// clustered is a state with those segments.
func clustered(list ...results.WorkerSample) *State {
	return &State{Summary: &results.Summary{Verdict: results.Verdict{Generator: results.Valid}}, Workers: list}
}

// segment is one with figures that tell its number.
func segment(n, epoch int, worker, state string) results.WorkerSample {
	w := results.WorkerSample{Segment: n, Of: 4, Epoch: epoch, Worker: worker, State: state, InWorld: 10 + n, Lag: time.Duration(n+1) * time.Second}
	w.Generator.CPUSeconds, w.Generator.RSSBytes = float64(100+n), int64(1000+n)
	w.InPhase.TickLagP99NS = int64(time.Duration(n+1) * time.Millisecond)
	return w
}

func TestMetricsTellTheWorkers(t *testing.T) {
	families := gathered(t, clustered(
		segment(0, 1, "scree:1", results.WorkerRunning),
		segment(1, 1, "fell:2", results.WorkerLost),
		segment(2, 1, "tarn:3", results.WorkerTakenOver),
		segment(2, 2, "scree:1", results.WorkerRunning),
		segment(3, 1, "beck:4", results.WorkerEnded),
	))
	for _, test := range []struct {
		name   string
		labels []string // segment before worker, as they are sorted
		want   float64
	}{
		{"slload_worker_segments", []string{"running"}, 2},
		{"slload_worker_segments", []string{"lost"}, 1},
		{"slload_worker_segments", []string{"ended"}, 1},
		{"slload_worker_up", []string{"0", "scree:1"}, 1},
		{"slload_worker_up", []string{"1", "fell:2"}, 0},
		{"slload_worker_up", []string{"2", "scree:1"}, 1},
		{"slload_worker_agents_in_world", []string{"2", "scree:1"}, 12},
		{"slload_worker_frame_lag_seconds", []string{"1", "fell:2"}, 2},
		{"slload_worker_timer_lag_seconds", []string{"0", "scree:1"}, 0.001},
		{"slload_worker_cpu_seconds_total", []string{"scree:1"}, 102}, // of one process, told twice
		{"slload_worker_cpu_seconds_total", []string{"fell:2"}, 101},
		{"slload_worker_resident_memory_bytes", []string{"scree:1"}, 1002},
	} {
		if got := value(t, families, test.name, test.labels...); got != test.want {
			t.Errorf("%s%v is %v, want %v", test.name, test.labels, got, test.want)
		}
	}
	for name, series := range map[string]int{
		"slload_worker_up": 4, "slload_worker_timer_lag_seconds": 3, "slload_worker_cpu_seconds_total": 3,
		"slload_worker_resident_memory_bytes": 2, "slload_worker_segments": 3,
	} {
		if n := len(families[name].GetMetric()); n != series {
			t.Errorf("%s has %d series, want %d: %v", name, n, series, families[name])
		}
	}
}

func TestOneMachineHasNoWorkers(t *testing.T) {
	for name := range gathered(t, clustered()) {
		if strings.HasPrefix(name, "slload_worker") {
			t.Errorf("there is %s", name)
		}
	}
}

// TestSeriesOfWorkersAreBounded has names that look the same once they are cut, too.
func TestSeriesOfWorkersAreBounded(t *testing.T) {
	var list []results.WorkerSample
	for i := range 3 * maxWorkers {
		list = append(list, segment(i/2, 1, fmt.Sprintf("%0100d", i), results.WorkerRunning))
	}
	families := gathered(t, clustered(list...))
	if n := len(families["slload_worker_up"].GetMetric()); n != maxWorkers {
		t.Errorf("%d series of segments, want %d", n, maxWorkers)
	}
	if got := value(t, families, "slload_worker_segments", "running"); got != 3*maxWorkers {
		t.Errorf("%v segments run, want all %d", got, 3*maxWorkers)
	}
}
