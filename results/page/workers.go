package page

import (
	"maps"
	"math"
	"slices"

	"github.com/slload/slload/results"
	"gonum.org/v1/plot/plotter"
)

// course is one worker of a run on several machines over time, in the stretches
// in which it ran.
type course struct {
	stretches []stretch
	open      bool // the last stretch goes on
}

// stretch is what was told of a worker, until it was lost or ended.
type stretch struct {
	points []point
	lost   bool
}

// point is what a line of the timeline tells of a worker at its end.
type point struct {
	from, to float64 // of the line
	*results.WorkerLine
}

// courses are the run's workers over time, by name.
func (r *Run) courses() map[string]*course {
	all := map[string]*course{}
	r.eachLine(func(l *results.Line, from, to float64) {
		for i := range l.Workers {
			name := l.Workers[i].Worker
			if all[name] == nil {
				all[name] = &course{}
			}
			all[name].add(point{from, to, &l.Workers[i]})
		}
	}, func() {
		for _, c := range all {
			c.open = false
		}
	})
	return all
}

// eachLine calls each for the lines of the timeline, and gap before one that
// comes after a time in which nothing was measured.
func (r *Run) eachLine(each func(l *results.Line, from, to float64), gap func()) {
	var before float64
	for i := range r.Lines {
		l := &r.Lines[i]
		if l.Seconds > 0 && l.T-l.Seconds > before+gapFrom {
			gap()
		}
		before = l.T
		to := math.Min(l.T, r.Summary.Run.Seconds)
		each(l, math.Max(0, to-l.Seconds), to)
	}
}

func (c *course) add(p point) {
	if p.State != results.WorkerRunning {
		if c.open {
			c.stretches[len(c.stretches)-1].lost = p.State != results.WorkerEnded
		}
		c.open = false
		return
	}
	if !c.open {
		c.stretches, c.open = append(c.stretches, stretch{}), true
	}
	last := &c.stretches[len(c.stretches)-1]
	last.points = append(last.points, p)
}

// quantity is what a chart shows of a worker; ok false: it isn't known.
type quantity func(*results.WorkerLine) (v float64, ok bool)

// of is the quantity where a run can have measured it.
func (q quantity) of(w *results.WorkerLine) (v float64, ok bool) {
	v, ok = q(w)
	return v, ok && v >= 0 && v <= greatest
}

// line draws the course, and marks where the worker was lost, and its name.
func (c *course) line(name string, value quantity) line {
	l := line{name: plain(name)}
	for _, s := range c.stretches {
		var piece plotter.XYs
		var since float64
		for _, p := range s.points {
			if v, ok := value.of(p.WorkerLine); ok {
				if len(piece) == 0 {
					since = p.from
				}
				piece = append(piece, plotter.XY{X: p.to, Y: v})
			}
		}
		if len(piece) == 0 {
			continue
		}
		if s.lost {
			l.marks = append(l.marks, piece[len(piece)-1])
		}
		if len(piece) == 1 {
			piece = append(plotter.XYs{{X: since, Y: piece[0].Y}}, piece...)
		}
		l.pieces = append(l.pieces, piece)
	}
	if len(l.marks) > 0 {
		l.name += " ✕"
	}
	return l
}

// spread is the median of all workers, and two bands: in one are all of them, in
// the other eight in ten. Of those that a line doesn't tell of, what was told last
// holds.
func (r *Run) spread(value quantity) (median line, bands []plotter.XYs) {
	now := map[string]float64{}
	var list []float64
	var at [5]plotter.XYs // the least, a tenth, the half, nine tenths, the greatest
	end := func() {
		clear(now)
		if len(at[0]) > 1 {
			median.pieces = append(median.pieces, at[2])
			bands = append(bands, between(at[0], at[4]), between(at[1], at[3]))
		}
		at = [5]plotter.XYs{}
	}
	r.eachLine(func(l *results.Line, _, to float64) {
		for i := range l.Workers {
			w := &l.Workers[i]
			if v, ok := value.of(w); w.State != results.WorkerRunning {
				delete(now, w.Worker)
			} else if ok {
				now[w.Worker] = v
			}
		}
		if len(now) == 0 {
			return
		}
		list = slices.AppendSeq(list[:0], maps.Values(now))
		slices.Sort(list)
		for i, share := range []float64{0, 0.1, 0.5, 0.9, 1} {
			at[i] = append(at[i], plotter.XY{X: to, Y: list[int(math.Round(share*float64(len(list)-1)))]})
		}
	}, end)
	end()
	return median, bands
}

// between is the area from one line to another.
func between(low, high plotter.XYs) plotter.XYs {
	area := slices.Clone(low)
	for _, p := range slices.Backward(high) {
		area = append(area, p)
	}
	return area
}
