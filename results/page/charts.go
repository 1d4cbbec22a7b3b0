package page

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
	"github.com/slload/slload/results"
	"gonum.org/v1/plot/plotter"
)

// maxOps is of how many operations a page has charts; its table has all.
const maxOps = 24

// Load are the charts of what was asked of the grid, and of what it took.
func (r *Run) Load() []*Figure {
	return figures(
		r.counted("Agents", "",
			r.state("intended", func(l *results.Line) float64 { return float64(l.Agents.Target) }),
			r.state("in world", func(l *results.Line) float64 { return float64(l.Agents.InWorld) })),
		r.counted("Actions per second", "",
			r.rate("intended", func(l *results.Line) float64 { return float64(l.Actions.Intended) }),
			r.rate("started", func(l *results.Line) float64 { return float64(l.Actions.Started) }),
			r.rate("dropped", func(l *results.Line) float64 { return float64(l.Actions.Dropped) }),
			r.rate("failed", func(l *results.Line) float64 { return float64(l.Actions.Failed) })),
	)
}

// OpCharts are the charts of one operation.
type OpCharts struct {
	Name    string
	Figures []*Figure
}

// Latencies are the charts of the operations, in the order of an agent's life;
// of more than maxOps those that came up least often are left out.
func (r *Run) Latencies() []OpCharts {
	names := r.foremost()
	names = names[:min(len(names), maxOps)]
	slices.SortFunc(names, results.CompareOps)
	var list []OpCharts
	for _, name := range names {
		if f := figures(r.overTime(name), r.percentiles(name)); len(f) > 0 {
			list = append(list, OpCharts{name, f})
		}
	}
	return list
}

// foremost are the operations: the profile's primary ones first, then those that
// came up most often.
func (r *Run) foremost() []string {
	return slices.SortedFunc(maps.Keys(r.Summary.Ops), func(a, b string) int {
		return cmp.Or(cmp.Compare(r.rank(a), r.rank(b)), cmp.Compare(r.Summary.Ops[b].Count, r.Summary.Ops[a].Count), cmp.Compare(a, b))
	})
}

// rank puts the profile's primary operations first.
func (r *Run) rank(op string) int {
	if slices.Contains(r.Manifest.Primary, op) {
		return 0
	}
	return 1
}

// overTime is the chart of op's response time.
func (r *Run) overTime(op string) *Figure {
	return r.timed("Response time",
		r.quantile("p50", op, func(o results.LineOp) int64 { return o.P50 }),
		r.quantile("p95", op, func(o results.LineOp) int64 { return o.P95 }),
		r.quantile("p99", op, func(o results.LineOp) int64 { return o.P99 }))
}

// quantile is a series of one quantile of op, with gaps where it didn't finish.
func (r *Run) quantile(name, op string, at func(results.LineOp) int64) line {
	return r.series(name, func(_, l *results.Line) (float64, bool) {
		o := l.Ops[op]
		return float64(at(o)), o.Count > 0 && at(o) > 0
	})
}

// percentiles is the chart of op's percentile curves over the whole run.
func (r *Run) percentiles(op string) *Figure {
	t, ok := r.Times[op]
	if !ok {
		return nil
	}
	n := t.Response.TotalCount()
	c := chart{title: "Percentiles of the whole run", x: percentileAxis(n)}
	c.lines = []line{curve("response", t.Response, c.x.max), curve("service", t.Service, c.x.max)}
	least, most, ok := bounds(c.lines)
	if !ok {
		return nil
	}
	c.y = latencyAxis(least, most)
	return c.figure()
}

// curvePoints is how many points a percentile curve has.
const curvePoints = 120

// curve is the percentile curve of h up to the place end of the axis.
func curve(name string, h *hdr.PackedHistogram, end float64) line {
	if h == nil || h.TotalCount() == 0 {
		return line{name: name}
	}
	var percents []float64
	for i := 1; i < curvePoints; i++ {
		percents = append(percents, 100*(1-math.Pow(10, -end*float64(i)/curvePoints)))
	}
	piece := plotter.XYs{{X: 0, Y: float64(h.Min())}}
	for i, v := range h.ValueAtPercentilesSlice(percents) {
		piece = append(piece, plotter.XY{X: end * float64(i+1) / curvePoints, Y: float64(v)})
	}
	last := float64(h.Max())
	if math.Log10(float64(h.TotalCount())) > end+1e-9 { // the axis ends before the samples do
		last = float64(h.ValueAtPercentile(100 * (1 - math.Pow(10, -end))))
	}
	piece = append(piece, plotter.XY{X: end, Y: last})
	for i := range piece {
		piece[i].Y = math.Max(piece[i].Y, 1) // the axis is logarithmic
	}
	return line{name: name, pieces: []plotter.XYs{piece}}
}

// Failures is the chart of the errors, by operation and reason, the most
// frequent first.
func (r *Run) Failures() []*Figure {
	var lines []line
	kinds := r.ErrorCounts()
	for _, e := range kinds[:min(len(kinds), len(strokes))] {
		l := r.series(plain(e.Op+": "+e.Reason), func(_, l *results.Line) (float64, bool) {
			return float64(l.Ops[e.Op].Reasons[e.Reason]) / l.Seconds, l.Seconds > 0
		})
		lines = append(lines, l)
	}
	return figures(r.counted("Errors per second", leftOut(len(kinds), "kinds of error"), lines...))
}

// leftOut says how many of n were left out of a chart.
func leftOut(n int, what string) string {
	if n <= len(strokes) {
		return ""
	}
	return fmt.Sprintf("%d of %d %s; the table has all.", len(strokes), n, what)
}

// Regions are the charts of what the simulators said of themselves, those that
// came down furthest first.
func (r *Run) Regions() []*Figure {
	worst := slices.Clone(r.Summary.Simulators)
	slices.SortStableFunc(worst, func(a, b results.SimulatorSummary) int {
		return cmp.Or(cmp.Compare(a.TimeDilation.Min, b.TimeDilation.Min), cmp.Compare(a.FPS.Min, b.FPS.Min))
	})
	note := leftOut(len(worst), "regions, the slowest")
	var fps, dilation, agents, scripts []line
	for _, s := range worst[:min(len(worst), len(strokes))] {
		of := func(value func(results.Simulator) float64) line { return r.region(s.Region, value) }
		fps = append(fps, of(func(s results.Simulator) float64 { return s.FPS }))
		dilation = append(dilation, of(func(s results.Simulator) float64 { return s.TimeDilation }))
		agents = append(agents, of(func(s results.Simulator) float64 { return float64(s.Agents) }))
		scripts = append(scripts, of(func(s results.Simulator) float64 { return float64(s.Scripts) }))
	}
	return figures(r.slowness(),
		r.counted("Simulator frames per second", note, fps...), r.counted("Time dilation", note, dilation...),
		r.counted("Agents in the region, as the simulator counts them", note, agents...), r.counted("Running scripts", note, scripts...))
}

// maxSlow is how many operations stand in a chart where the profile calls none
// primary.
const maxSlow = 4

// slowness is the chart of the operations that matter, to be held against what
// simulators said at the same moment: those that the profile calls primary, or
// those that came up most often.
func (r *Run) slowness() *Figure {
	names := r.foremost()
	if primary := slices.IndexFunc(names, func(op string) bool { return r.rank(op) > 0 }); primary > 0 {
		names = names[:min(primary, len(strokes))]
	}
	names = names[:min(len(names), max(maxSlow, len(r.Manifest.Primary)), len(strokes))]
	slices.SortFunc(names, results.CompareOps)
	var lines []line
	for _, name := range names {
		lines = append(lines, r.quantile(name, name, func(o results.LineOp) int64 { return o.P95 }))
	}
	return r.timed("Response time, p95", lines...)
}

// StaleAfter is for how many seconds what a simulator said of itself holds:
// they say it every few seconds, not for every line.
const StaleAfter = 10

// region is a series of what one region said of itself.
func (r *Run) region(name string, value func(results.Simulator) float64) line {
	return r.told(name, func(l *results.Line) (v float64, ok bool) {
		i := slices.IndexFunc(l.Simulators, func(s results.Simulator) bool { return s.Region == name })
		if i < 0 {
			return 0, false
		}
		return value(l.Simulators[i]), true
	})
}

// told is a series of what a simulator tells now and then; ok false: not in this
// line.
func (r *Run) told(name string, value func(*results.Line) (v float64, ok bool)) line {
	last, since := 0.0, math.Inf(-1)
	return r.series(plain(name), func(_, l *results.Line) (float64, bool) {
		if v, ok := value(l); ok {
			last, since = v, l.T
		}
		return last, last < 1e6 && l.T-since <= StaleAfter
	})
}

// Packets are the charts of the traffic over UDP.
func (r *Run) Packets() []*Figure {
	return figures(
		r.counted("Packets per second", "",
			r.rate("sent", func(l *results.Line) float64 { return float64(l.Transport.PacketsSent) }),
			r.rate("received", func(l *results.Line) float64 { return float64(l.Transport.PacketsReceived) })),
		r.counted("Bytes per second", "",
			r.rate("sent", func(l *results.Line) float64 { return float64(l.Transport.BytesSent) }),
			r.rate("received", func(l *results.Line) float64 { return float64(l.Transport.BytesReceived) })),
		r.counted("Trouble, packets per second", "",
			r.rate("resent", func(l *results.Line) float64 { return float64(l.Transport.Resent) }),
			r.rate("lost", func(l *results.Line) float64 { return float64(l.Transport.Lost) }),
			r.rate("dropped by the kernel", func(l *results.Line) float64 { return float64(l.Transport.KernelDrops) }),
			r.rate("malformed", func(l *results.Line) float64 { return float64(l.Transport.Malformed) })),
	)
}

// Health are the charts of the generator.
func (r *Run) Health() []*Figure {
	cpu := []line{r.rate("generator", func(l *results.Line) float64 { return l.Generator.CPUSeconds })}
	if r.Summary.Generator.GridCPUSeconds > 0 {
		cpu = append(cpu, r.rate("embedded grid", func(l *results.Line) float64 { return l.Generator.GridCPUSeconds }))
	}
	if r.Summary.Generator.MachineCores > 0 {
		cpu = append(cpu, r.rate("whole machine", func(l *results.Line) float64 { return l.Generator.MachineCPUSeconds }))
	}
	delay := func(name string, ns func(results.Delays) int64) line {
		return r.series(name, func(_, l *results.Line) (float64, bool) {
			return math.Max(float64(ns(l.InPhase)), float64(time.Microsecond)), ns(l.InPhase) > 0
		})
	}
	memory := func(name string, bytes func(results.Memory) int64) line {
		return r.series(name, func(_, l *results.Line) (float64, bool) {
			n := bytes(l.Generator.Memory)
			return float64(n) / 1e6, n > 0
		})
	}
	return figures(
		r.counted("Cores used", "", cpu...),
		r.counted("Memory of the generator, MB", "",
			memory("resident", func(m results.Memory) int64 { return m.RSSBytes }),
			memory("heap", func(m results.Memory) int64 { return m.HeapBytes })),
		r.timed("How late the generator was, since its phase began",
			delay("timers, p99", func(d results.Delays) int64 { return d.TickLagP99NS }),
			delay("pauses of garbage collection, p99", func(d results.Delays) int64 { return d.GCPauseP99NS })),
	)
}

// figures are those that there was something to draw in.
func figures(list ...*Figure) []*Figure {
	return slices.DeleteFunc(list, func(f *Figure) bool { return f == nil })
}
