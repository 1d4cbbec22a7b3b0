package web

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/slload/slload/results"
)

// What Prometheus gets of a run on several machines beside the whole. What a
// segment has tells of it by worker and segment; what a process has, which may
// have several segments, by worker alone, so that sums are true. A series ends
// when its segment is taken over.
var (
	descSegments      = describe("worker_segments", "Segments by what has become of them.", "state")
	descWorkerUp      = describe("worker_up", "Whether the segment's worker is heard of: 1, or 0 when it is lost.", "worker", "segment")
	descWorkerInWorld = describe("worker_agents_in_world", "Agents of the segment in world now.", "worker", "segment")
	descWorkerFrames  = describe("worker_frame_lag_seconds", "How old the segment's newest figures are.", "worker", "segment")
	descWorkerLag     = describe("worker_timer_lag_seconds", "How late the segment's timers fire at p99, since the phase began.", "worker", "segment")
	descWorkerCPU     = describe("worker_cpu_seconds_total", "CPU time of the worker's process.", "worker")
	descWorkerMemory  = describe("worker_resident_memory_bytes", "Resident memory of the worker's process.", "worker")
)

// maxWorkers bounds the segments that have series of their own; those that are
// counted by state are all.
const maxWorkers = 1000

func describeWorkers(c chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{
		descSegments, descWorkerUp, descWorkerInWorld, descWorkerFrames, descWorkerLag, descWorkerCPU, descWorkerMemory,
	} {
		c <- d
	}
}

// workers tells of each worker, where the run has any.
func (m collector) workers(out, sum sink) {
	if len(m.Workers) == 0 {
		return
	}
	states := map[string]int64{results.WorkerRunning: 0, results.WorkerLost: 0, results.WorkerEnded: 0}
	cpu, memory := map[string]float64{}, map[string]float64{} // by process
	told := map[[2]string]bool{}                              // two names may look the same once they are cut
	for i := range m.Workers {
		w := &m.Workers[i]
		if w.State == results.WorkerTakenOver {
			continue // its successor is told of
		}
		states[w.State]++
		labels := [2]string{label(w.Worker), strconv.Itoa(w.Segment)}
		if told[labels] || len(told) == maxWorkers {
			continue
		}
		told[labels] = true
		out.segment(w, labels[:])
		cpu[labels[0]] = max(cpu[labels[0]], w.Generator.CPUSeconds) // each counts from its own beginning
		if rss := float64(w.Generator.RSSBytes); rss > 0 && w.State != results.WorkerLost {
			memory[labels[0]] = max(memory[labels[0]], rss)
		}
	}
	out.each(descSegments, states)
	for name, v := range cpu {
		sum.put(descWorkerCPU, v, name)
	}
	for name, v := range memory {
		out.put(descWorkerMemory, v, name)
	}
}

// segment tells of one. Of who is lost nobody knows how late its timers fire.
func (s sink) segment(w *results.WorkerSample, labels []string) {
	up := 1.0
	if w.State == results.WorkerLost {
		up = 0
	} else {
		s.put(descWorkerLag, float64(w.InPhase.TickLagP99NS)/1e9, labels...)
	}
	s.put(descWorkerUp, up, labels...)
	s.put(descWorkerInWorld, float64(w.InWorld), labels...)
	s.put(descWorkerFrames, w.Lag.Seconds(), labels...)
}
