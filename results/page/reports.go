package page

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"github.com/slload/slload/results"
	"gonum.org/v1/plot/plotter"
)

// Reports are the charts of what simulators told over HTTP; none where nobody
// asked them.
func (r *Run) Reports() []*Figure {
	names := r.reported()
	note := leftOut(len(names), "regions, the slowest")
	var fps, dilation, frame []line
	for _, name := range names[:min(len(names), len(strokes))] {
		of := func(value func(*results.SimFrames) float64) line { return r.frames(name, value) }
		fps = append(fps, of(func(f *results.SimFrames) float64 { return f.FPS }))
		dilation = append(dilation, of(func(f *results.SimFrames) float64 { return f.TimeDilation }))
		frame = append(frame, of(func(f *results.SimFrames) float64 { return f.FrameMS }))
	}
	return figures(
		r.counted("Frames per second, over HTTP", note, fps...),
		r.counted("Time dilation, over HTTP", note, dilation...),
		r.counted("Time of a frame in ms, over HTTP", note, frame...))
}

// reported are the regions that simulators told of, those with the fewest frames
// first.
func (r *Run) reported() []string {
	least := map[string]float64{}
	for i := range r.Lines {
		for _, p := range r.Lines[i].Reports {
			was, known := least[p.Region]
			switch {
			case p.Frames == nil && !known:
				least[p.Region] = math.Inf(1)
			case p.Frames != nil && (!known || p.Frames.FPS < was):
				least[p.Region] = p.Frames.FPS
			}
		}
	}
	return slices.SortedFunc(maps.Keys(least), func(a, b string) int { return cmp.Or(cmp.Compare(least[a], least[b]), cmp.Compare(a, b)) })
}

// frames is a series of what one region told of its frames.
func (r *Run) frames(name string, value func(*results.SimFrames) float64) line {
	return r.told(name, func(l *results.Line) (v float64, ok bool) {
		i := slices.IndexFunc(l.Reports, func(p results.SimReport) bool { return p.Region == name && p.Frames != nil })
		if i < 0 {
			return 0, false
		}
		return value(l.Reports[i].Frames), true
	})
}

// Counted are the charts that hold our count of packets against that of the
// simulators; none where they didn't tell. Theirs is of all their clients.
func (r *Run) Counted() []*Figure {
	received := r.simRate("they received", func(p *results.SimPackets) int64 { return p.Received })
	if len(received.pieces) == 0 {
		return nil
	}
	return figures(
		r.counted("To the simulators, packets per second", "",
			r.rate("we sent", func(l *results.Line) float64 { return float64(l.Transport.PacketsSent) }), received),
		r.counted("From the simulators, packets per second", "",
			r.rate("we received", func(l *results.Line) float64 { return float64(l.Transport.PacketsReceived) }),
			r.simRate("they sent", func(p *results.SimPackets) int64 { return p.Sent })),
		r.counted("Trouble as the simulators count it, packets per second", "",
			r.simRate("resent", func(p *results.SimPackets) int64 { return p.Resent }),
			r.simRate("orphaned", func(p *results.SimPackets) int64 { return p.Orphaned }),
			r.simRate("malformed", func(p *results.SimPackets) int64 { return p.Malformed })))
}

// simRate is a series of how a counter grew from one report to the next, over
// all regions, per second. A simulator that began anew leaves a gap.
func (r *Run) simRate(name string, counter func(*results.SimPackets) int64) line {
	l := line{name: name}
	var piece plotter.XYs
	before, at := map[string]int64{}, math.Inf(-1)
	for i := range r.Lines {
		now := &r.Lines[i]
		counts := map[string]int64{}
		for _, p := range now.Reports {
			if p.Packets != nil {
				counts[p.Region] = counter(p.Packets)
			}
		}
		if len(counts) == 0 {
			continue
		}
		grown, whole := growth(before, counts)
		rate := float64(grown) / (now.T - at)
		if !whole || !(rate >= 0 && rate <= greatest) || now.T-at > 6*StaleAfter+now.Seconds {
			l.pieces, piece = append(l.pieces, piece), nil
		} else {
			if len(piece) == 0 {
				piece = plotter.XYs{{X: at, Y: rate}}
			}
			piece = append(piece, plotter.XY{X: math.Min(now.T, r.Summary.Run.Seconds), Y: rate})
		}
		before, at = counts, now.T
	}
	l.pieces = slices.DeleteFunc(append(l.pieces, piece), func(p plotter.XYs) bool { return len(p) == 0 })
	return l
}

// growth is by how much counts grew; whole is false where they are not of the
// same regions, or went back.
func growth(before, now map[string]int64) (sum int64, whole bool) {
	for region, n := range now {
		was, known := before[region]
		if !known || n < was {
			return 0, false
		}
		sum += n - was
	}
	return sum, len(before) == len(now)
}
