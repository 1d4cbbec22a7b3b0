package page

import (
	"bytes"
	"html/template"
	"image/color"
	"regexp"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The size of a chart, in SVG's units: it fills a phone's width, and half of a
// desk's. The margins are fixed so that charts below one another share their
// axis.
const (
	chartWidth, chartHeight  = 400, 190
	marginLeft, marginRight  = 52, 26
	fontSize                 = 12
	keyWidth, keyHeight      = 28, 10
	axisWidth, gridLineWidth = 0.6, 0.6
)

// Colours stand for variables of the style sheet: an SVG is drawn with the
// first and shown with the second.
var (
	inkColor   = color.RGBA{1, 1, 1, 255}
	gridColor  = color.RGBA{1, 1, 2, 255}
	shadeColor = color.RGBA{1, 1, 3, 255}
	bandColor  = color.RGBA{1, 1, 4, 255}

	variables = strings.NewReplacer(
		"#010101", "var(--soft)", "#010102", "var(--grid)", "#010103", "var(--shade)", "#010104", "var(--band)",
		"#0101C1", "var(--c1)", "#0101C2", "var(--c2)", "#0101C3", "var(--c3)",
		"#0101C4", "var(--c4)", "#0101C5", "var(--c5)", "#0101C6", "var(--c6)",
	)
)

// strokes are the lines of a chart, in order. Each differs from the others in
// its dashes too, for eyes and printers that know no colours.
var strokes = []draw.LineStyle{
	{Color: color.RGBA{1, 1, 0xc1, 255}, Width: 1.6},
	{Color: color.RGBA{1, 1, 0xc2, 255}, Width: 1.6, Dashes: []vg.Length{6, 2}},
	{Color: color.RGBA{1, 1, 0xc3, 255}, Width: 1.8, Dashes: []vg.Length{2, 2}},
	{Color: color.RGBA{1, 1, 0xc4, 255}, Width: 1.6, Dashes: []vg.Length{8, 2, 2, 2}},
	{Color: color.RGBA{1, 1, 0xc5, 255}, Width: 2.6},
	{Color: color.RGBA{1, 1, 0xc6, 255}, Width: 2.2, Dashes: []vg.Length{12, 4}},
}

// Figure is a chart with its caption.
type Figure struct {
	Title, Note string
	Keys        []Key
	SVG         template.HTML
}

// Key is a line of a chart in its legend. Name may come from a grid.
type Key struct {
	Name string
	SVG  template.HTML
}

// chart is a chart to be drawn: lines over two axes.
type chart struct {
	title, note string
	x, y        axis
	shades      []span        // of the x axis, from side to side
	bands       []plotter.XYs // areas behind the lines
	lines       []line
	marks       plotter.XYs // of no line
}

type span struct{ from, to float64 }

// line is a line of a chart, in pieces: where nothing was measured it has a gap.
// marks are crosses on it.
type line struct {
	name   string
	pieces []plotter.XYs
	marks  plotter.XYs
}

// drawn is the line as plot.Plotter: all pieces make one path.
type drawn struct {
	line
	draw.LineStyle
}

// Plot draws the line.
func (d drawn) Plot(c draw.Canvas, p *plot.Plot) {
	trX, trY := p.Transforms(&c)
	var path vg.Path
	for _, piece := range d.pieces {
		for i, at := range piece {
			to := vg.Point{X: trX(at.X), Y: trY(at.Y)}
			if i == 0 {
				path.Move(to)
			} else {
				path.Line(to)
			}
		}
	}
	if len(path) > 0 {
		c.SetLineStyle(d.LineStyle)
		c.Stroke(path)
	}
	for _, at := range d.marks {
		d.cross(c, vg.Point{X: trX(at.X), Y: trY(at.Y)})
	}
}

// crossSize is half of a cross's width.
const crossSize = 4

// cross marks a point, without dashes.
func (d drawn) cross(c draw.Canvas, at vg.Point) {
	var path vg.Path
	for _, up := range []vg.Length{crossSize, -crossSize} {
		path.Move(vg.Point{X: at.X - crossSize, Y: at.Y - up})
		path.Line(vg.Point{X: at.X + crossSize, Y: at.Y + up})
	}
	c.SetLineStyle(draw.LineStyle{Color: d.Color, Width: 2})
	c.Stroke(path)
}

// figure draws the chart; nil where there is nothing to draw. A chart takes as
// many lines as there are strokes: its maker says what it left out.
func (c *chart) figure() *Figure {
	f := &Figure{Title: c.title, Note: c.note}
	p := c.plot()
	p.Add(drawn{line{marks: c.marks}, draw.LineStyle{Color: inkColor}})
	for _, l := range c.lines {
		if len(l.pieces) == 0 || len(f.Keys) == len(strokes) {
			continue
		}
		stroke := strokes[len(f.Keys)]
		p.Add(drawn{l, stroke})
		f.Keys = append(f.Keys, Key{Name: l.name, SVG: keySVG(stroke)})
	}
	if len(f.Keys) == 0 {
		return nil
	}
	canvas := vgsvg.New(chartWidth, chartHeight)
	all := draw.New(canvas)
	inner := p.DataCanvas(all)
	p.Draw(draw.Crop(all, marginLeft-inner.Min.X, chartWidth-marginRight-inner.Max.X, 0, -c.headroom()))
	f.SVG = inline(canvas)
	return f
}

// headroom is what a cross on the greatest value needs.
func (c *chart) headroom() vg.Length {
	if len(c.marks) > 0 || slices.ContainsFunc(c.lines, func(l line) bool { return len(l.marks) > 0 }) {
		return crossSize + 1
	}
	return 0
}

// plot is the chart without its lines.
func (c *chart) plot() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	c.x.apply(&p.X)
	c.y.apply(&p.Y)
	for _, s := range c.shades {
		box := plotter.XYs{{X: s.from, Y: p.Y.Min}, {X: s.to, Y: p.Y.Min}, {X: s.to, Y: p.Y.Max}, {X: s.from, Y: p.Y.Max}}
		p.Add(&plotter.Polygon{XYs: []plotter.XYs{box}, Color: shadeColor})
	}
	for _, band := range c.bands {
		p.Add(&plotter.Polygon{XYs: []plotter.XYs{band}, Color: bandColor})
	}
	grid := plotter.NewGrid()
	for _, style := range []*draw.LineStyle{&grid.Vertical, &grid.Horizontal} {
		style.Color, style.Width = gridColor, gridLineWidth
	}
	p.Add(grid)
	return p
}

var textFont = font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, fontSize)

// apply makes a the axis of a plot.
func (a *axis) apply(to *plot.Axis) {
	to.Min, to.Max = a.min, a.max
	to.Tick.Marker = plot.ConstantTicks(a.ticks)
	if a.log {
		to.Scale = plot.LogScale{}
	}
	to.Padding = 0
	to.Color, to.Width = inkColor, axisWidth
	to.Tick.Color, to.Tick.Width, to.Tick.Length = inkColor, axisWidth, 4
	to.Tick.Label.Font, to.Tick.Label.Color = textFont, inkColor
	to.Label.TextStyle.Font = textFont
}

// keySVG is a stroke as a legend shows it.
func keySVG(stroke draw.LineStyle) template.HTML {
	canvas := vgsvg.New(keyWidth, keyHeight)
	c := draw.New(canvas)
	c.StrokeLine2(stroke, 0, keyHeight/2, keyWidth, keyHeight/2)
	return inline(canvas)
}

var (
	svgHead   = regexp.MustCompile(`(?s)^.*?<svg [^>]*?(viewBox="[^"]*")[^>]*>`)
	textStyle = regexp.MustCompile(`\n\tstyle="font-family:[^"]*"`)
)

// inline makes of an SVG file what can stand in a page as it is, since it holds
// numbers and words of ours alone. Fonts and colours are the style sheet's.
func inline(canvas *vgsvg.Canvas) template.HTML {
	var b bytes.Buffer
	_, _ = canvas.WriteTo(&b) // a buffer takes everything
	svg := svgHead.ReplaceAllString(b.String(), `<svg $1 aria-hidden="true">`)
	svg = textStyle.ReplaceAllString(svg, "")
	return template.HTML(variables.Replace(svg))
}
