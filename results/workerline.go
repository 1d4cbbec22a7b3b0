package results

import (
	"cmp"
	"slices"
	"time"
)

// maxLineWorkers is of how many workers a line of the timeline tells at most. A
// run of two hours fits into timeline.jsonl with it, a line a second.
const maxLineWorkers = 16

// WorkerLine is how one worker of a run on several machines does, in a line of
// the timeline. A line tells of 16 workers at most: first of those whose State
// changed, then, in turn, of those that run; who was lost or has ended is told of
// once. So of 16 workers or fewer each line has all, of 100 each is in every
// seventh line, of 1,000 in every 63rd.
type WorkerLine struct {
	Worker  string `json:"worker"` // host:pid
	State   string `json:"state"`  // WorkerRunning where any of its segments does
	InWorld int    `json:"in_world"`
	// CoresUsed is its CPU time by the second since the line that told of it
	// before; left out where nothing has come from it since then.
	CoresUsed    float64 `json:"cores_used,omitempty"`
	RSSBytes     int64   `json:"rss_bytes"`
	TickLagP99NS int64   `json:"tick_lag_p99_ns"` // since its running phase began
	FrameLagNS   int64   `json:"frame_lag_ns"`    // how old these figures are
}

// workerTold is what the timeline told of a worker last.
type workerTold struct {
	At    float64 `json:"at"` // the line's time
	State string  `json:"state,omitempty"`
	// What it had used up to T of its figures.
	T          float64 `json:"t"`
	CPUSeconds float64 `json:"cpu_seconds"`
}

// workerLines are the workers whose turn it is in the timeline's line at the
// ledger's time.
func (l *ledger) workerLines() []WorkerLine {
	type turn struct {
		*worker
		at float64 // of the line that told of it last; -1 where it has changed since
	}
	var due []turn
	for _, w := range l.workers {
		switch state := w.state(); {
		case state != w.told.State:
			due = append(due, turn{w, -1})
		case state == WorkerRunning:
			due = append(due, turn{w, w.told.At})
		}
	}
	slices.SortFunc(due, func(a, b turn) int {
		return cmp.Or(cmp.Compare(a.at, b.at), slices.CompareFunc(a.segments, b.segments, bySegment), cmp.Compare(a.name, b.name))
	})
	var lines []WorkerLine
	for _, d := range due[:min(len(due), maxLineWorkers)] {
		lines = append(lines, l.workerLine(d.worker))
	}
	slices.SortFunc(lines, func(a, b WorkerLine) int { return cmp.Compare(a.Worker, b.Worker) })
	return lines
}

// workerLine tells of w.
func (l *ledger) workerLine(w *worker) WorkerLine {
	line := WorkerLine{Worker: w.name, State: w.state(), FrameLagNS: int64(w.lag)}
	t, g := seconds(w.last.T), &w.last.Generator
	if line.State == WorkerRunning {
		line.InWorld, line.RSSBytes = w.present, g.RSSBytes
		if h := l.current().workers[w.name]; h != nil {
			line.TickLagP99NS = h.TickLagP99NS
		}
	}
	if dt := t - w.told.T; dt > 0 {
		line.CoresUsed = max(0, sum((g.CPUSeconds-w.told.CPUSeconds)/dt))
	}
	w.told = workerTold{At: seconds(l.last.T), State: line.State, T: t, CPUSeconds: g.CPUSeconds}
	return line
}

// state is that of the worker's segments together: what is best of any.
func (w *worker) state() string {
	state := WorkerTakenOver
	for _, better := range []string{WorkerEnded, WorkerLost, WorkerRunning} {
		if slices.ContainsFunc(w.segments, func(g WorkerSegment) bool { return g.State == better }) {
			state = better
		}
	}
	return state
}

// begins notes from where on the CPU time of a worker counts that is new.
func (w *worker) begins(t time.Duration) {
	w.last.T = t
	w.told.T, w.told.CPUSeconds = seconds(t), w.last.Generator.CPUSeconds
}
