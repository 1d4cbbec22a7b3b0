package compare

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"github.com/slload/slload/results"
)

// Measure is one figure of an operation over the runs of both sides: a
// quantile of its response time, or its share of errors.
type Measure struct {
	Name string `json:"name"` // p50, p90, p95, p99, errors
	// Base and New are the sides' geometric means in nanoseconds; of errors
	// the means of the share of all outcomes. 0 where a run had no sample.
	Base float64 `json:"base"`
	New  float64 `json:"new"`
	// Change is New/Base - 1; of errors New - Base. Interval is the
	// change's.
	Change   float64   `json:"change"`
	Interval *Interval `json:"interval,omitempty"` // with two runs a side or more
	// Margin is how large a change must be to matter; 0 where none was set.
	Margin float64 `json:"margin,omitempty"`
	// P is the permutation test's, adjusted for the other measures of the
	// operation and, by Holm, for the other operations.
	P *float64 `json:"p,omitempty"` // of those that were tested
	// Skipped says why it was not judged though it has a margin.
	Skipped string `json:"skipped,omitempty"`
	// Of a measure that left its operation INCONCLUSIVE, LeastDetectable is the
	// change that these runs would have shown in 4 of 5 cases; left out where
	// they could show none. Runs is how many a side would show the margin or,
	// where these would and the change lies near the margin, how many would set
	// it apart from that.
	LeastDetectable float64 `json:"least_detectable,omitempty"`
	Runs            int     `json:"runs_needed,omitempty"`

	base, new []float64 // by run; the logarithms of times
	share     bool      // of errors: no logarithms
	planned   int       // the runs a side that show the margin
}

// kind is a measure that is taken of every operation.
type kind struct {
	name     string
	margin   float64
	quantile float64 // 0: the share of errors
	of       func(results.Quantiles) int64
}

var kinds = []kind{
	{"p50", 0.05, 0.50, func(q results.Quantiles) int64 { return q.P50 }},
	{"p90", 0, 0.90, func(q results.Quantiles) int64 { return q.P90 }},
	{"p95", 0.10, 0.95, func(q results.Quantiles) int64 { return q.P95 }},
	{"p99", 0.10, 0.99, func(q results.Quantiles) int64 { return q.P99 }},
	{"errors", 0.01, 0, nil},
}

// measure takes the measure k of op in all runs.
func (k kind) measure(op string, base, new []*results.SteadyState) *Measure {
	m := &Measure{Name: k.name, Margin: k.margin, share: k.of == nil}
	var ok bool
	if m.base, ok = k.values(op, base); ok {
		m.new, ok = k.values(op, new)
	}
	if !ok {
		m.base, m.new = nil, nil
		m.Skipped = "a run has no sample"
		return m
	}
	if m.Base, m.New = stat.Mean(m.base, nil), stat.Mean(m.new, nil); m.share {
		m.Change = m.New - m.Base
	} else {
		m.Change = math.Expm1(m.New - m.Base)
		m.Base, m.New = math.Exp(m.Base), math.Exp(m.New)
	}
	if len(base) > 1 && len(new) > 1 {
		i := welch(m.base, m.new)
		m.Interval = &Interval{m.change(i.Low), m.change(i.High)}
	}
	if m.Margin > 0 {
		m.Skipped = k.tooFew(op, base, new)
	}
	return m
}

// values are the measure's by run; there are none if a run has no sample.
func (k kind) values(op string, runs []*results.SteadyState) ([]float64, bool) {
	var values []float64
	for _, r := range runs {
		o := r.Ops[op]
		switch {
		case k.of == nil && o.Count+o.Errors > 0:
			values = append(values, float64(o.Errors)/float64(o.Count+o.Errors))
		case k.of != nil && o.Count > 0:
			values = append(values, math.Log(float64(k.of(o.ResponseNS))))
		default:
			return nil, false
		}
	}
	return values, true
}

// tooFew says of a quantile that a run had too few samples for it: of fewer
// than 1/(1-q), it is their maximum.
func (k kind) tooFew(op string, base, new []*results.SteadyState) string {
	if k.of == nil {
		return ""
	}
	want := int64(math.Round(1 / (1 - k.quantile)))
	for _, runs := range [][]*results.SteadyState{base, new} {
		for _, r := range runs {
			if n := r.Ops[op].Count; n < want {
				return plural(n, "sample") + " in " + r.Dir + ", want " + plural(want, "")
			}
		}
	}
	return ""
}

// judged tells whether the measure has a part in the verdict.
func (m *Measure) judged() bool { return m.Margin > 0 && m.Skipped == "" }

// change turns a difference of means into a change.
func (m *Measure) change(d float64) float64 {
	if m.share {
		return d
	}
	return math.Expm1(d)
}

// difference is change's inverse.
func (m *Measure) difference(change float64) float64 {
	if m.share {
		return change
	}
	return math.Log1p(change)
}

// spread is how far apart the runs of both sides lie. A share of errors whose
// runs lie closer together than its margin can't have moved by the margin,
// whatever the labels, and stays out of the test: a stray error here and there
// would only blunt it for the times.
func (m *Measure) spread() float64 {
	all := slices.Concat(m.base, m.new)
	return slices.Max(all) - slices.Min(all)
}

// moved is by how many margins the measure moved, up or down.
func (m *Measure) moved() float64 { return m.difference(m.Change) / m.difference(m.Margin) }

// within tells whether the whole interval lies inside the margin.
func (m *Measure) within() bool {
	most := m.difference(m.Margin)
	return m.difference(m.Interval.High) < most && m.difference(m.Interval.Low) > -most
}

// plan fills in what these n runs a side could have shown, and how many it
// takes, where level is what p must stay below.
func (m *Measure) plan(n int, level float64) {
	_, varBase := stat.MeanVariance(m.base, nil)
	_, varNew := stat.MeanVariance(m.new, nil)
	v := (varBase + varNew) / 2
	if d := leastDetectable(n, v, level); !math.IsInf(d, 1) {
		m.LeastDetectable = m.change(d)
	}
	margin := m.difference(m.Margin)
	m.planned = runsToShow(margin, v, level)
	if m.Runs = m.planned; m.planned <= n {
		m.Runs = runsToTell(math.Abs(math.Abs(m.difference(m.Change))-margin), v, n)
	}
}
