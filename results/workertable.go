package results

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// maxWorkerRows bounds the table of workers; summary.json has them all.
const maxWorkerRows = 20

// maxSegmentWidth keeps that table within its columns.
const maxSegmentWidth = 16

// WorstWorkers are at most n of the run's workers: those that were lost first,
// then those with the worst verdict, then those whose timers were latest. They
// stay in the order of their segments.
func (s *Summary) WorstWorkers(n int) []WorkerSummary {
	if len(s.Workers) <= n {
		return s.Workers
	}
	order := make([]int, len(s.Workers))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, y := &s.Workers[b], &s.Workers[a]
		return cmp.Or(cmp.Compare(x.trouble(), y.trouble()), cmp.Compare(x.Generator.TickLagP99NS, y.Generator.TickLagP99NS))
	})
	order = order[:n]
	slices.Sort(order)
	var list []WorkerSummary
	for _, i := range order {
		list = append(list, s.Workers[i])
	}
	return list
}

// trouble is how much there is to say of a worker.
func (w *WorkerSummary) trouble() int {
	n := severity[w.Verdict]
	if w.Lost {
		n += len(severity)
	}
	return n
}

// Dropped is how many actions it dropped though their agent was in world.
func (w *WorkerSummary) Dropped() int64 { return w.Actions.Dropped - w.Actions.Absent }

// SegmentText tells the worker's segments: "0:3", or "0:3 lost, 2:3".
func (w *WorkerSummary) SegmentText() string {
	var list []string
	for _, g := range w.Segments {
		text := fmt.Sprintf("%d:%d", g.Segment, g.Of)
		if g.State == WorkerLost || g.State == WorkerTakenOver {
			text += " " + g.State
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}

func writeWorkers(b *bytes.Buffer, s *Summary) {
	rows := s.WorstWorkers(maxWorkerRows)
	if len(rows) == 0 {
		return
	}
	var names []string
	segments := len("segments")
	for i := range rows {
		names = append(names, rows[i].Worker)
		segments = max(segments, len(rows[i].SegmentText()))
	}
	width := opWidth(names)
	segments = min(segments, maxSegmentWidth)
	fmt.Fprintf(b, "\n%-*s  %-*s  %-7s %9s %8s %8s%12s\n", width, "worker", segments, "segments", "verdict", "in world", "CPU s", "MB", "timers, p99")
	for i := range rows {
		w := &rows[i]
		g := &w.Generator
		line := fmt.Sprintf("%s  %s  %-7s %9s %8s %8s %s", pad(w.Worker, width), pad(w.SegmentText(), segments), w.Verdict,
			thousands(int64(w.InWorld)), cpuSeconds(g.CPUSeconds), thousands(g.MaxRSSBytes/1e6), timeCell(g.TickLagP99NS, true))
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	if n := len(s.Workers) - len(rows); n > 0 {
		fmt.Fprintf(b, "and %s more\n", thousands(int64(n)))
	}
}

// workersText tells how many workers there were, and how many of them were lost.
func (s *Summary) workersText() string {
	lost := 0
	for i := range s.Workers {
		if s.Workers[i].Lost {
			lost++
		}
	}
	text := thousands(int64(len(s.Workers)))
	if lost > 0 {
		text += fmt.Sprintf(", %s of them lost", thousands(int64(lost)))
	}
	return text
}
