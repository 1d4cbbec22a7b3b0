package compare

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/slload/slload/results"
)

// say writes a change: +12.3 %, and +0.12 points of errors.
func (m *Measure) say(change float64) string {
	unit := " %"
	if m.share {
		unit = " points"
	}
	return signed(100*change) + unit
}

func (m *Measure) sayInterval() string {
	if m.Interval == nil {
		return ""
	}
	return signed(100*m.Interval.Low) + " to " + signed(100*m.Interval.High)
}

// signed writes v with its sign, and with as many digits as it is worth.
func signed(v float64) string {
	digits := 1
	switch a := math.Abs(v); {
	case a >= 99.95:
		digits = 0
	case a < 0.995:
		digits = 2
	}
	s := strconv.FormatFloat(v, 'f', digits, 64)
	if zero, _ := strconv.ParseFloat(s, 64); zero == 0 {
		return "0.0"
	}
	if v > 0 {
		return "+" + s
	}
	return s
}

// value writes one of the two figures of a measure.
func (m *Measure) value(v float64) string {
	switch {
	case m.share && m.base != nil:
		return strconv.FormatFloat(100*v, 'f', 2, 64) + " %"
	case m.base == nil:
		return "-"
	}
	return results.Human(time.Duration(v))
}

func sayMargin(m *Measure) string {
	if m.share {
		return fmt.Sprintf("%g point", 100*m.Margin)
	}
	return fmt.Sprintf("%g %%", 100*m.Margin)
}

func sayP(p float64) string {
	if p < 0.001 {
		return "< 0.001"
	}
	return strconv.FormatFloat(p, 'f', 3, 64)
}

// plural counts things; an empty name gives the number alone.
func plural(n int64, name string) string {
	s := strconv.FormatInt(n, 10)
	switch {
	case name == "":
		return s
	case n == 1:
		return s + " " + name
	}
	return s + " " + name + "s"
}
