package page

import (
	"maps"
	"math"
	"slices"

	"github.com/slload/slload/results"
)

// maxLines is to how many lines a timeline is thinned: more points than that
// no chart has room for, and the page of a night's run stays small.
const maxLines = 300

// thinner merges the lines of each of maxLines equal parts of a run.
type thinner struct {
	every float64 // seconds in a part
	lines []results.Line
	part  float64 // that the last line is of
}

func newThinner(runSeconds float64) *thinner {
	return &thinner{every: runSeconds / maxLines, part: -1}
}

// add takes the next line of the timeline.
func (t *thinner) add(l results.Line) {
	part := l.T
	if t.every > 0 {
		part = math.Ceil(l.T / t.every)
	}
	if n := len(t.lines); n > 0 && part == t.part {
		t.lines[n-1] = merged(t.lines[n-1], l)
		return
	}
	if len(t.lines) > maxLines+1 {
		return // a timeline that goes on after the run's end, or backwards
	}
	t.part, t.lines = part, append(t.lines, l)
}

// Timeline thins the lines of a run whose length nobody knows yet: whenever it
// has twice as many as a page shows, neighbours are merged.
type Timeline struct{ lines []results.Line }

// Add takes the next line.
func (t *Timeline) Add(l results.Line) {
	t.lines = append(t.lines, l)
	if len(t.lines) < 2*maxLines {
		return
	}
	for i := range maxLines {
		t.lines[i] = merged(t.lines[2*i], t.lines[2*i+1])
	}
	clear(t.lines[maxLines:]) // lets go of their maps
	t.lines = t.lines[:maxLines]
}

// Lines are the lines so far, for the caller to keep.
func (t *Timeline) Lines() []results.Line { return slices.Clone(t.lines) }

// merged is the line over the time of both, b being the later. What counts from
// the run's start is b's, what finished is summed, and states are the worse of
// the two: percentiles can't be averaged, and a bad second must not drown in a
// good minute.
func merged(a, b results.Line) results.Line {
	b.Seconds += a.Seconds
	b.Agents.InWorld = min(a.Agents.InWorld, b.Agents.InWorld)
	b.InPhase.TickLagP99NS = max(a.InPhase.TickLagP99NS, b.InPhase.TickLagP99NS)
	b.InPhase.GCPauseP99NS = max(a.InPhase.GCPauseP99NS, b.InPhase.GCPauseP99NS)
	b.InPhase.GCPauseMaxNS = max(a.InPhase.GCPauseMaxNS, b.InPhase.GCPauseMaxNS)
	b.Ops = mergedOps(a.Ops, b.Ops)
	b.Counters = summed(a.Counters, b.Counters)
	b.Simulators = mergedSimulators(a.Simulators, b.Simulators)
	b.Reports = mergedReports(a.Reports, b.Reports)
	b.Workers = mergedWorkers(a.Workers, b.Workers)
	return b
}

func mergedOps(a, b map[string]results.LineOp) map[string]results.LineOp {
	ops := maps.Clone(a)
	if ops == nil {
		ops = make(map[string]results.LineOp, len(b))
	}
	for op, y := range b {
		x := ops[op]
		ops[op] = results.LineOp{
			Count: x.Count + y.Count, Errors: x.Errors + y.Errors,
			P50: max(x.P50, y.P50), P95: max(x.P95, y.P95), P99: max(x.P99, y.P99),
			Reasons: summed(x.Reasons, y.Reasons), Clamped: x.Clamped + y.Clamped,
		}
	}
	return ops
}

func summed(a, b map[string]int64) map[string]int64 {
	if len(a) == 0 {
		return b
	}
	sum := maps.Clone(a)
	for name, n := range b {
		sum[name] += n
	}
	return sum
}

func mergedSimulators(a, b []results.Simulator) []results.Simulator {
	list := slices.Clone(b)
	for _, x := range a {
		i := slices.IndexFunc(list, func(y results.Simulator) bool { return y.Region == x.Region })
		if i < 0 {
			list = append(list, x)
			continue
		}
		list[i].FPS = min(list[i].FPS, x.FPS)
		list[i].TimeDilation = min(list[i].TimeDilation, x.TimeDilation)
		list[i].Agents, list[i].Scripts = max(list[i].Agents, x.Agents), max(list[i].Scripts, x.Scripts)
	}
	return list
}

// mergedReports has of each region the later counts, and the worse frames.
func mergedReports(a, b []results.SimReport) []results.SimReport {
	list := slices.Clone(b)
	for _, x := range a {
		i := slices.IndexFunc(list, func(y results.SimReport) bool { return y.Region == x.Region })
		switch {
		case i < 0:
			list = append(list, x)
		case list[i].Frames == nil:
			list[i].Frames = x.Frames
		case x.Frames != nil:
			worse := *list[i].Frames
			worse.FPS, worse.TimeDilation = min(worse.FPS, x.Frames.FPS), min(worse.TimeDilation, x.Frames.TimeDilation)
			worse.FrameMS = max(worse.FrameMS, x.Frames.FrameMS)
			list[i].Frames = &worse
		}
	}
	return list
}

// mergedWorkers has of each worker the worse; who ran in the one and was lost in
// the other was lost.
func mergedWorkers(a, b []results.WorkerLine) []results.WorkerLine {
	if len(a) == 0 {
		return b
	}
	list, at := slices.Clone(b), make(map[string]int, len(b))
	for i := range list {
		at[list[i].Worker] = i
	}
	for _, x := range a {
		i, both := at[x.Worker]
		if !both {
			list = append(list, x)
			continue
		}
		y := &list[i]
		if x.State != results.WorkerRunning {
			y.State = x.State
		}
		y.InWorld = min(x.InWorld, y.InWorld)
		y.CoresUsed, y.RSSBytes = max(x.CoresUsed, y.CoresUsed), max(x.RSSBytes, y.RSSBytes)
		y.TickLagP99NS, y.FrameLagNS = max(x.TickLagP99NS, y.TickLagP99NS), max(x.FrameLagNS, y.FrameLagNS)
	}
	return list
}
