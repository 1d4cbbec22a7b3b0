package page

import (
	"cmp"
	_ "embed" // the page
	"fmt"
	"html/template"
	"io"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/slload/slload/internal/pagestyle"
	"github.com/slload/slload/results"
)

//go:embed report.html.tmpl
var text string

var page = template.Must(template.New("report").Funcs(template.FuncMap{
	"style":  pagestyle.Sheet,
	"plain":  plain,
	"count":  count,
	"int":    func(n int) int64 { return int64(n) },
	"float":  func(n int64) float64 { return float64(n) },
	"cores":  func(seconds float64, n int) float64 { return seconds * float64(n) },
	"time":   func(ns int64) string { return results.Human(time.Duration(ns)) },
	"long":   func(s float64) string { return results.Human(time.Duration(s * float64(time.Second))) },
	"share":  share,
	"mega":   mega,
	"round":  round,
	"clock":  clock,
	"script": func() template.JS { return template.JS(script) },
	"policy": func() string { return Policy },
}).Parse(text))

// WriteHTML writes the page of the run: one file that needs nothing else.
func (r *Run) WriteHTML(w io.Writer) error { return page.Execute(w, r) }

// Headline is the verdict in a word, and what it is about.
type Headline struct{ Mark, Verdict, Text string }

// Headline says what the run came to. A generator that is INVALID goes before
// the thresholds: what those were held against is not the grid's doing.
func (r *Run) Headline() Headline {
	v := r.Summary.Verdict
	n := len(r.Manifest.Thresholds)
	switch {
	case r.Going():
		return Headline{"▸", "RUNNING", fmt.Sprintf("%s of %s, %s",
			clock(r.Summary.Run.Seconds), clock(r.Live.Planned), r.Live.Phase)}
	case v.Generator == results.Invalid:
		return Headline{"✕", "INVALID", "the generator could not keep up, so these figures are not the grid's"}
	case v.Thresholds == results.ThresholdsFail:
		return Headline{"✕", "FAILED", fmt.Sprintf("%d of %d thresholds", len(v.Failed), n)}
	case v.Thresholds == results.ThresholdsNone:
		return Headline{"·", "MEASURED", "the profile has no thresholds"}
	}
	return Headline{"✓", "PASSED", fmt.Sprintf("%d of %d thresholds", n, n)}
}

// Going tells whether the run goes on.
func (r *Run) Going() bool { return r.Live != nil && r.Live.Going }

// Threshold is one of the profile's thresholds; Was is what failed it, empty
// where it passed.
type Threshold struct{ Text, Was string }

// Open tells that nothing has come yet by which to judge it.
func (t Threshold) Open() bool { return t.Was == results.NoSamples }

// Thresholds are the profile's thresholds with what became of them.
func (r *Run) Thresholds() []Threshold {
	var list []Threshold
	for _, t := range r.Manifest.Thresholds {
		list = append(list, Threshold{t.String(), r.Summary.Verdict.Breach(t)})
	}
	return list
}

// Grid is the grid's address, without a password that stood in it.
func (r *Run) Grid() string {
	if r.Manifest.EmbeddedGrid {
		return "the embedded grid"
	}
	if u, err := url.Parse(r.Manifest.LoginURI); err == nil {
		return u.Redacted()
	}
	return r.Manifest.LoginURI
}

// Tags are the run's tags, in order of name.
func (r *Run) Tags() []string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(r.Summary.Run.Tags)) {
		list = append(list, name+"="+r.Summary.Run.Tags[name])
	}
	return list
}

// maxConfig bounds what is shown of the profile.
const maxConfig = 64 << 10

// Profile is the effective profile as text.
func (r *Run) Profile() string { return string(r.Config[:min(len(r.Config), maxConfig)]) }

// NamedOp is an operation with its name.
type NamedOp struct {
	Name    string
	Primary bool
	results.Op
}

// Ops are the operations, in the order of an agent's life.
func (r *Run) Ops() []NamedOp {
	var list []NamedOp
	for _, name := range slices.SortedFunc(maps.Keys(r.Summary.Ops), results.CompareOps) {
		list = append(list, NamedOp{name, slices.Contains(r.Manifest.Primary, name), r.Summary.Ops[name]})
	}
	return list
}

// ErrorCounts are the errors by operation and reason, the most frequent first.
func (r *Run) ErrorCounts() []results.ErrorCount {
	list := slices.Clone(r.Summary.Errors)
	slices.SortStableFunc(list, func(a, b results.ErrorCount) int { return cmp.Compare(b.Count, a.Count) })
	return list
}

// Phase is a phase of the run, and whether the generator's verdict is about it.
type Phase struct {
	results.PhaseSummary
	Measured bool
}

// Phases are the phases of the run in order.
func (r *Run) Phases() []Phase {
	var list []Phase
	for _, p := range r.Summary.Phases {
		list = append(list, Phase{p, r.Manifest.Measures(p.Name)})
	}
	return list
}

// maxWorkers bounds the table of workers.
const maxWorkers = 50

// Workers are the run's workers; of many those with the most trouble.
func (r *Run) Workers() []results.WorkerSummary { return r.Summary.WorstWorkers(maxWorkers) }

// MoreWorkers is how many more there are.
func (r *Run) MoreWorkers() int { return len(r.Summary.Workers) - len(r.Workers()) }

// maxPlain is how many letters of a grid's text are shown.
const maxPlain = 80

// plain makes of a text of a grid's what can stand in a line: printable, and
// not too long.
func plain(s string) string {
	letters := []rune(results.Plain(s))
	if len(letters) > maxPlain {
		letters = append(letters[:maxPlain-1], '…')
	}
	return string(letters)
}

// count writes n with commas.
func count(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// mega writes bytes in millions.
func mega(bytes int64) string {
	if bytes < 1e7 {
		return strconv.FormatFloat(float64(bytes)/1e6, 'f', 1, 64) + " MB"
	}
	return count(bytes/1e6) + " MB"
}

// share is a part of a whole in percent; of nothing it is a dash.
func share(part, whole float64) string {
	if !(whole > 0) {
		return "-"
	}
	return strconv.FormatFloat(100*part/whole, 'f', 1, 64) + " %"
}

// round writes v with three digits or more.
func round(v float64) string {
	decimals := 0
	switch {
	case v < 0.9995:
		decimals = 3
	case v < 9.995:
		decimals = 2
	case v < 99.95:
		decimals = 1
	}
	return strconv.FormatFloat(v, 'f', decimals, 64)
}
