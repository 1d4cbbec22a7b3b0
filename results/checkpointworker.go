package results

import (
	"maps"
	"slices"
	"time"
)

// checkpointTotals are what a Sample counts from the beginning.
type checkpointTotals struct {
	T         float64   `json:"t"`
	Agents    Agents    `json:"agents,omitzero"`
	Actions   Actions   `json:"actions"`
	Transport Transport `json:"transport"`
	Generator Generator `json:"generator"`
}

func totalsOf(s *Sample) checkpointTotals {
	return checkpointTotals{T: seconds(s.T), Agents: s.Agents, Actions: s.Actions, Transport: s.Transport, Generator: s.Generator}
}

// sample is totalsOf's inverse.
func (c *checkpointTotals) sample() Sample {
	return Sample{T: fromSeconds(c.T), Agents: c.Agents, Actions: c.Actions, Transport: c.Transport, Generator: c.Generator}
}

// checkpointWorker is a worker without its health, which stands with the phases.
type checkpointWorker struct {
	Worker   string            `json:"worker"`
	Segments []WorkerSegment   `json:"segments"`
	InWorld  int               `json:"in_world"`
	Present  int               `json:"present"`
	Told     workerTold        `json:"told"`
	LagNS    int64             `json:"lag_ns"`
	Last     checkpointTotals  `json:"last"`
	Before   *checkpointTotals `json:"before,omitempty"`
}

// checkpointWorkers are the ledger's workers, in order of name.
func (l *ledger) checkpointWorkers() (list []checkpointWorker) {
	for _, name := range slices.Sorted(maps.Keys(l.workers)) {
		w := l.workers[name]
		c := checkpointWorker{
			Worker: name, Segments: w.segments, InWorld: w.inWorld, Present: w.present, Told: w.told,
			LagNS: int64(w.lag), Last: totalsOf(&w.last),
		}
		if w.before.T > 0 {
			before := totalsOf(&w.before)
			c.Before = &before
		}
		list = append(list, c)
	}
	return list
}

// takeWorkers is checkpointWorkers' inverse.
func (l *ledger) takeWorkers(list []checkpointWorker) {
	for _, c := range list {
		w := l.worker(c.Worker)
		w.segments, w.inWorld, w.lag, w.last = c.Segments, c.InWorld, time.Duration(c.LagNS), c.Last.sample()
		w.present, w.told = c.Present, c.Told
		if c.Before != nil {
			w.before = c.Before.sample()
		}
	}
}
