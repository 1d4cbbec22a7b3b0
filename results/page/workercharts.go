package page

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/slload/slload/results"
)

// WorkerCharts are the charts of a run on several machines by worker. A few
// workers have a line each; of many those with the most trouble have, before a
// band in which all are. A cross is where one was lost.
func (r *Run) WorkerCharts() []*Figure {
	courses := r.courses()
	if len(courses) == 0 {
		return nil
	}
	return figures(
		r.byWorker("Agents in world, by worker", courses, countedAxis, func(w *results.WorkerLine) (float64, bool) { return float64(w.InWorld), true }),
		r.byWorker("Cores used, by worker", courses, countedAxis, func(w *results.WorkerLine) (float64, bool) { return w.CoresUsed, w.CoresUsed > 0 }),
		r.byWorker("Timers late, p99 since the phase began, by worker", courses, latencyAxis, func(w *results.WorkerLine) (float64, bool) {
			return math.Max(float64(w.TickLagP99NS), float64(time.Microsecond)), w.TickLagP99NS > 0
		}),
		r.byWorker("Memory, MB, by worker", courses, countedAxis, func(w *results.WorkerLine) (float64, bool) { return float64(w.RSSBytes) / 1e6, w.RSSBytes > 0 }),
	)
}

// maxMarks bounds the crosses of workers that have no line.
const maxMarks = 100

// countedAxis begins at 0.
func countedAxis(_, most float64) axis { return countAxis(most) }

// byWorker is the chart of one quantity.
func (r *Run) byWorker(title string, courses map[string]*course, y func(least, most float64) axis, value quantity) *Figure {
	c := chart{title: title, x: timeAxis(r.Summary.Run.Seconds), shades: r.shades()}
	many := len(courses) > len(strokes)
	room := len(strokes)
	if many {
		var median line
		median, c.bands = r.spread(value)
		median.name = "median of all"
		c.lines, room = append(c.lines, median), room-1
	}
	shown := map[string]bool{}
	for _, w := range r.Summary.WorstWorkers(room) {
		if course := courses[w.Worker]; course != nil {
			shown[w.Worker] = true
			c.lines = append(c.lines, course.line(w.Worker, value))
		}
	}
	lost := false
	for _, name := range slices.Sorted(maps.Keys(courses)) {
		marks := courses[name].line(name, value).marks
		lost = lost || len(marks) > 0
		if !shown[name] && len(c.marks) < maxMarks {
			c.marks = append(c.marks, marks...)
		}
	}
	c.note = workersNote(len(courses), many, lost)
	least, most, ok := bounds(append([]line{{pieces: append(c.bands, c.marks)}}, c.lines...))
	if !ok {
		return nil
	}
	c.y = y(least, most)
	return c.figure()
}

// workersNote says what else there is to see in a chart of n workers.
func workersNote(n int, many, lost bool) string {
	var list []string
	if many {
		list = append(list, fmt.Sprintf("Lines: the %d workers with the most trouble; band: from the least to the greatest of all %d.", len(strokes)-1, n))
	}
	if lost {
		list = append(list, "✕: lost.")
	}
	return strings.Join(list, " ")
}
