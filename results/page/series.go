package page

import (
	"math"

	"github.com/slload/slload/results"
	"gonum.org/v1/plot/plotter"
)

// greatest is more than any value of a run: in nanoseconds some ten days.
const greatest = 1e15

// gapFrom is from how many seconds on what no line tells of is a gap. Lines tell
// times in milliseconds.
const gapFrom = 0.01

// series makes a line of what value gives for each line of the timeline, at its
// end; ok false leaves a gap, and so does what no run can have measured. A piece
// of one point alone is drawn over the time that it tells of.
func (r *Run) series(name string, value func(before, at *results.Line) (v float64, ok bool)) line {
	l := line{name: name}
	before := &results.Line{}
	var piece plotter.XYs
	var since float64
	end := func() {
		if len(piece) == 1 {
			piece = append(plotter.XYs{{X: since, Y: piece[0].Y}}, piece...)
		}
		if len(piece) > 0 {
			l.pieces = append(l.pieces, piece)
		}
		piece = nil
	}
	for i := range r.Lines {
		at := &r.Lines[i]
		if at.Seconds > 0 && at.T-at.Seconds > before.T+gapFrom { // nothing was measured there
			end()
		}
		v, ok := value(before, at)
		before = at
		if !ok || !(v >= 0 && v <= greatest) {
			end()
			continue
		}
		x := math.Min(at.T, r.Summary.Run.Seconds)
		if len(piece) == 0 {
			since = math.Max(0, x-at.Seconds)
		}
		piece = append(piece, plotter.XY{X: x, Y: v})
	}
	end()
	return l
}

// rate is a series of a counter that grows with the run, per second.
func (r *Run) rate(name string, counter func(*results.Line) float64) line {
	return r.series(name, func(before, at *results.Line) (float64, bool) {
		dt := at.T - before.T
		if at.Seconds > 0 {
			dt = min(dt, at.Seconds) // there may be a gap before it
		}
		return math.Max(0, counter(at)-counter(before)) / dt, dt > 0
	})
}

// state is a series of a value that always is.
func (r *Run) state(name string, value func(*results.Line) float64) line {
	return r.series(name, func(_, at *results.Line) (float64, bool) { return value(at), true })
}

// bounds are the least and the greatest value of the lines; ok is false where
// they have none.
func bounds(lines []line) (least, most float64, ok bool) {
	least, most = math.Inf(1), math.Inf(-1)
	for _, l := range lines {
		for _, piece := range l.pieces {
			for _, at := range piece {
				least, most, ok = math.Min(least, at.Y), math.Max(most, at.Y), true
			}
		}
	}
	return least, most, ok
}

// counted is a chart over the run's time with an axis that begins at 0.
func (r *Run) counted(title, note string, lines ...line) *Figure {
	_, most, ok := bounds(lines)
	if !ok {
		return nil
	}
	c := chart{title: title, note: note, x: timeAxis(r.Summary.Run.Seconds), y: countAxis(most), shades: r.shades(), lines: lines}
	return c.figure()
}

// timed is a chart over the run's time of latencies, in nanoseconds.
func (r *Run) timed(title string, lines ...line) *Figure {
	least, most, ok := bounds(lines)
	if !ok {
		return nil
	}
	c := chart{title: title, x: timeAxis(r.Summary.Run.Seconds), y: latencyAxis(least, most), shades: r.shades(), lines: lines}
	return c.figure()
}

// shades are the phases that the verdict over the generator leaves out.
func (r *Run) shades() []span {
	var list []span
	for _, p := range r.Summary.Phases {
		if !r.Manifest.Measures(p.Name) && p.To > p.From {
			list = append(list, span{p.From, math.Min(p.To, r.Summary.Run.Seconds)})
		}
	}
	return list
}
