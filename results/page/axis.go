package page

import (
	"math"
	"strconv"
	"time"

	"github.com/slload/slload/results"
	"gonum.org/v1/plot"
)

// axis is a range with the places that are labelled.
type axis struct {
	min, max float64
	log      bool
	ticks    []plot.Tick
}

// timeSteps are by how many seconds the ticks of a time axis may lie apart.
var timeSteps = []float64{
	1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 2 * 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600,
}

// timeAxis goes from 0 to the run's end, in seconds.
func timeAxis(seconds float64) axis {
	a := axis{max: math.Max(seconds, 1)}
	step := timeSteps[len(timeSteps)-1]
	for step*6 < a.max {
		step *= 2 // a run of weeks
	}
	for _, s := range timeSteps {
		if s*6 >= a.max {
			step = s
			break
		}
	}
	unit, name := 1.0, " s"
	switch {
	case step >= 3600:
		unit, name = 3600, " h"
	case step >= 60:
		unit, name = 60, " min"
	}
	for n := 0; float64(n)*step <= a.max; n++ {
		at := float64(n) * step
		label := strconv.FormatFloat(at/unit, 'f', -1, 64)
		if n > 0 {
			label += name
		}
		a.ticks = append(a.ticks, plot.Tick{Value: at, Label: label})
	}
	return a
}

// countAxis goes from 0 to most at least.
func countAxis(most float64) axis {
	if !(most > 1e-9) {
		most = 1
	}
	power := math.Pow(10, math.Floor(math.Log10(most/4)))
	step := 10 * power
	for _, factor := range []float64{1, 2, 5} {
		if factor*power*4.5 >= most {
			step = factor * power
			break
		}
	}
	a := axis{}
	for n := 0; a.max < most || n < 2; n++ {
		a.max = float64(n) * step
		a.ticks = append(a.ticks, plot.Tick{Value: a.max, Label: short(a.max)})
	}
	return a
}

// short writes a count with the letter that suits it: 1,500 is "1.5k".
func short(v float64) string {
	for _, u := range []struct {
		size float64
		name string
	}{{1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if v >= u.size {
			return strconv.FormatFloat(v/u.size, 'g', 4, 64) + u.name
		}
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

// latencyAxis is logarithmic, in nanoseconds, and holds both.
func latencyAxis(least, most float64) axis {
	least = math.Max(least, 1)
	most = math.Max(most, least)
	a := axis{log: true, min: roundDown(least), max: roundUp(most)}
	if a.min == a.max {
		a.max = roundUp(a.max * 1.01)
	}
	fine := a.max/a.min <= 200 // two decades have room for more labels
	for power := math.Pow(10, math.Floor(math.Log10(a.min))); power <= a.max*1.001; power *= 10 {
		for digit := 1.0; digit < 10; digit++ {
			at := digit * power
			if at < a.min*0.999 || at > a.max*1.001 {
				continue
			}
			t := plot.Tick{Value: at}
			if digit == 1 || fine && (digit == 2 || digit == 5) {
				t.Label = latency(at)
			}
			a.ticks = append(a.ticks, t)
		}
	}
	return a
}

// latency writes a tick's nanoseconds: "2 ms".
func latency(ns float64) string {
	d := time.Duration(math.Round(ns))
	for _, u := range []struct {
		size time.Duration
		name string
	}{{time.Second, " s"}, {time.Millisecond, " ms"}, {time.Microsecond, " µs"}} {
		if d >= u.size {
			return strconv.FormatFloat(float64(d)/float64(u.size), 'g', 4, 64) + u.name
		}
	}
	return results.Human(d)
}

// roundDown and roundUp go to the next of 1, 2 and 5 times a power of ten.
func roundDown(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, digit := range []float64{5, 2} {
		if digit*power <= v*1.000001 {
			return digit * power
		}
	}
	return power
}

func roundUp(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, digit := range []float64{1, 2, 5} {
		if digit*power >= v*0.999999 {
			return digit * power
		}
	}
	return 10 * power
}

// nines is where a quantile stands on the axis of a percentile curve, that of
// HdrHistogram's plots: each unit has a tenth of the samples above it that the
// one before had.
func nines(quantile float64) float64 { return -math.Log10(1 - quantile) }

// percentileAxis goes as far as n samples can tell.
func percentileAxis(n int64) axis {
	a := axis{max: math.Min(math.Max(math.Log10(float64(n)), 1), 6)}
	for _, t := range []struct {
		quantile float64
		label    string
	}{{0, "0 %"}, {0.5, "50 %"}, {0.9, "90 %"}, {0.99, "99 %"}, {0.999, "99.9 %"}, {0.9999, "99.99 %"}, {0.99999, "99.999 %"}} {
		if at := nines(t.quantile); at <= a.max+1e-9 && (t.quantile != 0.5 || a.max <= 3) {
			a.ticks = append(a.ticks, plot.Tick{Value: math.Min(at, a.max), Label: t.label})
		}
	}
	return a
}
