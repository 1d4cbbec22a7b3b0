package results

import (
	"cmp"
	"slices"
	"time"
)

// worker is what the ledger has of one worker process. Its health stands in the
// phases.
type worker struct {
	name     string
	segments []WorkerSegment
	inWorld  int // now; while agents log out, as it was before
	present  int // now
	lag      time.Duration
	told     workerTold
	last     Sample // of its segments together
	before   Sample // that before the run was resumed the last time
	next     Sample // while it is gathered
}

// WorkerSegment is a segment that a worker had.
type WorkerSegment struct {
	Segment int    `json:"segment"`
	Of      int    `json:"of"`
	Epoch   int    `json:"epoch"` // how many times it had been handed out then
	State   string `json:"state"` // WorkerRunning and so on
}

// WorkerSummary is one worker process of a run on several machines, judged by
// the rules for one that is alone.
type WorkerSummary struct {
	Worker   string          `json:"worker"` // host:pid
	Segments []WorkerSegment `json:"segments"`
	// Lost tells that nothing more was heard of it, at some time.
	Lost       bool      `json:"lost"`
	Verdict    Validity  `json:"verdict"`
	Reasons    []string  `json:"reasons"`
	InWorld    int       `json:"in_world"` // now; of a run that ends, before its agents log out
	Actions    Actions   `json:"actions"`
	Transport  Transport `json:"transport"`
	Generator  Generator `json:"generator"`
	FrameLagNS int64     `json:"frame_lag_ns"` // how old its newest figures are
}

// observeWorkers takes the state of the segments, before the run's own is taken.
func (l *ledger) observeWorkers(list []WorkerSample) {
	for _, w := range l.gather(list) {
		known := w.last.T > 0
		next := w.next.after(&w.before)
		if !known {
			w.begins(min(l.last.T, next.T)) // since the last tick
		}
		if next.T <= w.last.T {
			continue // nothing new has come
		}
		busy, full := strainBetween(&w.last, &next)
		next.Generator.BusySeconds = sum(w.last.Generator.BusySeconds, busy)
		next.Generator.MachineFullSeconds = sum(w.last.Generator.MachineFullSeconds, full)
		l.current().workerHealth(w.name).add(&w.last, &next)
		w.last = next
	}
}

// gather puts together the segments of each process.
func (l *ledger) gather(list []WorkerSample) []*worker {
	var workers []*worker
	known := make(map[string]bool, len(list))
	for i := range list {
		s := &list[i]
		w := l.worker(Plain(cutText(s.Worker)))
		if !known[w.name] {
			known[w.name] = true
			workers = append(workers, w)
			w.begin()
			if !l.leaving() {
				w.inWorld = 0
			}
		}
		w.take(s)
		w.present += s.InWorld
		if !l.leaving() {
			w.inWorld += s.InWorld
		}
	}
	return workers
}

func (l *ledger) worker(name string) *worker {
	w := l.workers[name]
	if w == nil {
		w = &worker{name: name}
		l.workers[name] = w
	}
	return w
}

func (w *worker) begin() {
	w.segments, w.lag, w.present, w.next = w.segments[:0], 0, 0, Sample{}
}

// take takes one of the worker's segments.
func (w *worker) take(s *WorkerSample) {
	w.segments = append(w.segments, WorkerSegment{Segment: s.Segment, Of: s.Of, Epoch: s.Epoch, State: s.State})
	n := &w.next
	n.T = max(n.T, s.T.Round(time.Millisecond))
	n.Actions = s.Actions.after(&n.Actions)
	n.Transport = s.Transport.after(&n.Transport)
	n.Generator = n.Generator.same(&s.Generator)
	w.lag = max(w.lag, s.Lag)
	if s.State == WorkerRunning { // what others have is of a phase that is over
		n.InPhase = n.InPhase.worse(s.InPhase)
	}
}

// leave ends what the workers had in the run before it is resumed at the time t.
func (l *ledger) leaveWorkers(t time.Duration) {
	for _, w := range l.workers {
		w.before = w.last
		w.begins(t)
		w.inWorld, w.present = 0, 0
		for i := range w.segments {
			if w.segments[i].State == WorkerRunning {
				w.segments[i].State = WorkerEnded
			}
		}
	}
}

func (p *phase) workerHealth(name string) *Health {
	if p.workers == nil {
		p.workers = make(map[string]*Health)
	}
	h := p.workers[name]
	if h == nil {
		h = &Health{}
		p.workers[name] = h
	}
	return h
}

// workerSummaries judges all workers, in the order of their segments.
func (l *ledger) workerSummaries(m *Manifest) []WorkerSummary {
	var list []WorkerSummary
	for _, w := range l.workers {
		list = append(list, l.workerSummary(m, w))
	}
	slices.SortFunc(list, func(a, b WorkerSummary) int {
		return cmp.Or(slices.CompareFunc(a.Segments, b.Segments, bySegment), cmp.Compare(a.Worker, b.Worker))
	})
	return list
}

func (l *ledger) workerSummary(m *Manifest, w *worker) WorkerSummary {
	s := WorkerSummary{
		Worker: w.name, Segments: slices.Clone(w.segments), InWorld: w.inWorld, FrameLagNS: int64(w.lag),
		Actions: w.last.Actions, Transport: w.last.Transport, Generator: w.last.Generator,
	}
	for _, g := range s.Segments {
		s.Lost = s.Lost || g.State == WorkerLost || g.State == WorkerTakenOver
	}
	s.Verdict, s.Reasons = l.judgeBy(m, func(p *phase) *Health { return p.workers[w.name] })
	return s
}

func bySegment(a, b WorkerSegment) int {
	return cmp.Or(cmp.Compare(a.Segment, b.Segment), cmp.Compare(a.Epoch, b.Epoch))
}

// maxReasons bounds what the verdict says of workers.
const maxReasons = 20

// worst is the verdict of a run over its workers: the worst of theirs, and why,
// the worst first.
func worst(workers []WorkerSummary) (Validity, []string) {
	verdict, reasons := Valid, []string{}
	for _, v := range []Validity{Invalid, Suspect} {
		for i := range workers {
			w := &workers[i]
			if w.Verdict != v {
				continue
			}
			if verdict == Valid {
				verdict = v
			}
			for _, reason := range w.Reasons {
				reasons = append(reasons, w.Worker+": "+reason)
			}
		}
	}
	if n := len(reasons) - maxReasons; n > 0 {
		reasons = append(reasons[:maxReasons], thousands(int64(n))+" more reasons stand with the workers in summary.json")
	}
	return verdict, reasons
}
