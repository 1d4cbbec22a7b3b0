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

// WorkerCharts are the charts of a run on several machines by worker.
type WorkerCharts struct {
	Figures []*Figure
	Note    string // how to read them; "" where they say it themselves
}

// WorkerCharts draws them; nil: there is nothing to draw. A few workers have a line
// each; of many those with the most trouble have, before a band in which all are. A
// cross is where one was lost.
func (r *Run) WorkerCharts() *WorkerCharts {
	courses := r.courses()
	drawn := r.byWorkers(courses)
	if len(drawn) == 0 {
		return nil
	}
	return &WorkerCharts{drawn, workersNote(courses)}
}

func (r *Run) byWorkers(courses map[string]*course) []*Figure {
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
	if many(courses) {
		var median line
		median, c.bands = r.spread(value)
		median.name = "median"
		c.lines = append(c.lines, median)
	}
	shown := map[string]bool{}
	for _, w := range r.Summary.WorstWorkers(len(strokes) - len(c.lines)) {
		if course := courses[w.Worker]; course != nil && (!many(courses) || w.Lost || w.Verdict != results.Valid) {
			shown[w.Worker] = true
			c.lines = append(c.lines, course.line(w.Worker, value))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(courses)) {
		if !shown[name] && len(c.marks) < maxMarks {
			c.marks = append(c.marks, courses[name].line(name, value).marks...)
		}
	}
	least, most, ok := bounds(append([]line{{pieces: append(c.bands, c.marks)}}, c.lines...))
	if !ok {
		return nil
	}
	c.y = y(least, most)
	return c.figure()
}

// many tells that there are more workers than lines that can be told apart.
func many(courses map[string]*course) bool { return len(courses) > len(strokes) }

func workersNote(courses map[string]*course) string {
	var list []string
	if many(courses) {
		list = append(list, fmt.Sprintf("In the wide band are all %s workers, in the narrow one eight in ten; those with the most trouble, %d at most, have lines of their own.",
			count(int64(len(courses))), len(strokes)-1))
	}
	for _, c := range courses {
		if slices.ContainsFunc(c.stretches, func(s stretch) bool { return s.lost }) {
			list = append(list, "✕: here a worker was lost.")
			break
		}
	}
	return strings.Join(list, " ")
}
