package compare

import (
	"fmt"
	"slices"
	"strings"
)

// judge gives each primary operation its verdict, and the comparison the worst.
// Only primary operations are there yet.
func (c *Comparison) judge() {
	nBase, nNew := len(c.Base), len(c.New)
	if nBase < 2 || nNew < 2 {
		c.Verdict = None
		for _, o := range c.Operations {
			o.Primary, o.Verdict = true, None
			o.Why = "a difference only: a verdict takes several runs a side"
		}
		return
	}
	c.test()
	level := alpha / float64(len(c.Operations))
	c.Verdict = Equivalent
	for _, o := range c.Operations {
		o.Primary = true
		o.judge(nBase, nNew, level)
		if slices.Index(severity, o.Verdict) < slices.Index(severity, c.Verdict) {
			c.Verdict = o.Verdict
		}
	}
}

// test fills in the p values.
func (c *Comparison) test() {
	best := make([]float64, len(c.Operations))
	for i, o := range c.Operations {
		best[i] = 1
		judged := o.tested()
		if len(judged) == 0 {
			continue
		}
		var values [][]float64
		for _, m := range judged {
			values = append(values, slices.Concat(m.base, m.new))
		}
		test := permute(values, len(c.Base))
		c.Labellings, c.Exact = test.labellings, test.exact
		for j, m := range judged {
			m.P = &test.p[j]
		}
		best[i] = slices.Min(test.p)
	}
	corrected, factors := holm(best)
	for i, o := range c.Operations {
		tested := o.tested()
		if len(tested) > 0 {
			o.P = &corrected[i]
		}
		for _, m := range tested {
			*m.P = max(corrected[i], min(1, *m.P*factors[i]))
		}
	}
}

// judged are the measures that have a part in the verdict.
func (o *Operation) judged() (list []*Measure) {
	for _, m := range o.Measures {
		if m.judged() {
			list = append(list, m)
		}
	}
	return list
}

// tested are the measures that the permutation test looks at: of the judged
// ones those that could come to their margin.
func (o *Operation) tested() (list []*Measure) {
	for _, m := range o.judged() {
		if !m.share || m.spread() >= m.Margin {
			list = append(list, m)
		}
	}
	return list
}

// judge decides.
func (o *Operation) judge(nBase, nNew int, level float64) {
	judged := o.judged()
	var worse, better, open []*Measure
	for _, m := range judged {
		switch moved := m.moved(); {
		case m.P != nil && *m.P < alpha && moved >= 1:
			worse = append(worse, m)
		case m.P != nil && *m.P < alpha && moved <= -1:
			better = append(better, m)
		case !m.within():
			open = append(open, m)
		}
	}
	switch {
	case len(worse) > 0:
		o.Verdict, o.Why = Regressed, moves(worse)+" (p "+sayP(*o.P)+")"
		if len(better) > 0 {
			o.Why += ", although " + moves(better)
		}
	case len(judged) == 0:
		o.Verdict, o.Why = Inconclusive, "nothing to judge"
	case len(better) > 0:
		o.Verdict, o.Why = Improved, moves(better)+" (p "+sayP(*o.P)+")"
		for _, m := range open {
			o.Notes = append(o.Notes, m.Name+" is open: "+m.say(m.Change)+" ("+m.sayInterval()+")")
		}
	case len(open) > 0:
		o.Verdict = Inconclusive
		o.undecided(open, nBase, nNew, level)
	default:
		o.Verdict, o.Why = Equivalent, "within "+margins(judged)
	}
	for _, m := range o.Measures {
		if m.Skipped != "" {
			o.Notes = append(o.Notes, m.Name+" not judged: "+m.Skipped)
		}
	}
}

// moves tells how measures moved: p50 +9.8 %, p95 +12.0 %.
func moves(list []*Measure) string {
	var words []string
	for _, m := range list {
		words = append(words, m.Name+" "+m.say(m.Change))
	}
	return strings.Join(words, ", ")
}

// margins tells the measures' margins: 5 % at p50, 10 % at p95, 1 point of
// errors.
func margins(list []*Measure) string {
	var words []string
	for _, m := range list {
		words = append(words, sayMargin(m)+" "+map[bool]string{true: "of", false: "at"}[m.share]+" "+m.Name)
	}
	return strings.Join(words, ", ")
}

// undecided tells, of the open measure that needs most runs, what these would
// have shown and how many it takes.
func (o *Operation) undecided(open []*Measure, nBase, nNew int, level float64) {
	for _, m := range open {
		m.plan(min(nBase, nNew), level)
	}
	m := slices.MaxFunc(open, func(a, b *Measure) int { return a.Runs - b.Runs })
	o.Why = m.Name + " " + m.say(m.Change) + " (" + m.sayInterval() + ")"
	words := fmt.Sprintf("so few runs can't come to p < %.3g", level)
	if leastP(nBase, nNew) < level {
		words = "these runs could show " + strings.TrimPrefix(m.say(m.LeastDetectable), "+") + " at least"
	}
	switch {
	case m.Runs >= maxRuns:
		words += fmt.Sprintf("; not even %d a side would settle it", maxRuns)
	case m.Runs > m.planned:
		words += fmt.Sprintf("; about %d a side would settle it", m.Runs)
	default:
		words += fmt.Sprintf("; about %d a side would show %s", m.Runs, sayMargin(m))
	}
	o.Notes = append(o.Notes, words)
}
