package page

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
)

// Series is a value for each of several builds, in order; NaN where there is
// none.
type Series struct {
	Name   string
	Values []float64
}

// OverBuilds draws a chart of series over builds, which are numbered from 1.
// times tells that the values are in nanoseconds; otherwise they are counts. It
// is nil where there is nothing to draw.
func OverBuilds(title string, times bool, series ...Series) *Figure {
	c := chart{title: title}
	most := 0
	for _, s := range series {
		most = max(most, len(s.Values))
		l := line{name: s.Name}
		var piece plotter.XYs
		for i, v := range s.Values {
			if !math.IsNaN(v) {
				piece = append(piece, plotter.XY{X: float64(i + 1), Y: v})
				continue
			}
			l.pieces, piece = appendPiece(l.pieces, piece), nil
		}
		l.pieces = appendPiece(l.pieces, piece)
		c.lines = append(c.lines, l)
	}
	least, greatest, ok := bounds(c.lines)
	if !ok {
		return nil
	}
	c.x = axis{min: 0.5, max: float64(most) + 0.5}
	for i := 1; i <= most; i += (most + 11) / 12 {
		c.x.ticks = append(c.x.ticks, plot.Tick{Value: float64(i), Label: strconv.Itoa(i)})
	}
	if c.y = countAxis(greatest); times {
		c.y = latencyAxis(least, greatest)
	}
	return c.figure()
}

// appendPiece leaves out a piece without points, and makes one point a short
// line, or else nothing would be seen of it.
func appendPiece(pieces []plotter.XYs, piece plotter.XYs) []plotter.XYs {
	switch len(piece) {
	case 0:
		return pieces
	case 1:
		at := piece[0]
		piece = plotter.XYs{{X: at.X - 0.1, Y: at.Y}, {X: at.X + 0.1, Y: at.Y}}
	}
	return append(pieces, piece)
}
