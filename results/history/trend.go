package history

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/slload/slload/internal/nearest"
	"github.com/slload/slload/results"
)

// Metric is a figure of an operation, in a run's steady state: a response time
// in ns, or the percentage of errors.
type Metric struct{ Op, Stat string }

// stats are the figures of operations, each with its column.
var stats = map[string]string{
	"p50": "p50", "p90": "p90", "p95": "p95", "p99": "p99", "mean": "mean", "max": "max",
	"errors": "100.0 * errors / max(count + errors, 1)",
}

// MetricError is a text that is no metric, or one that no run has.
type MetricError struct{ Text, Problem string }

func (e *MetricError) Error() string { return fmt.Sprintf("%q: %s", e.Text, e.Problem) }

// ParseMetric reads a metric such as login.p95 or msg.chat.errors.
func ParseMetric(text string) (Metric, error) {
	at := strings.LastIndexByte(text, '.')
	if at < 1 || stats[text[at+1:]] == "" {
		return Metric{}, &MetricError{text, "want an operation and one of p50, p90, p95, p99, mean, max and errors, such as login.p95"}
	}
	return Metric{text[:at], text[at+1:]}, nil
}

func (m Metric) String() string { return m.Op + "." + m.Stat }

// Times tells that the metric is a time in ns.
func (m Metric) Times() bool { return m.Stat != "errors" }

// Format writes a value of the metric.
func (m Metric) Format(v float64) string {
	if m.Times() {
		return results.Human(time.Duration(v))
	}
	return fmt.Sprintf("%.3g %%", v)
}

// Build is what the runs of one build came to.
type Build struct {
	Name  string    `json:"name"`
	First time.Time `json:"first"` // when its first run started
	Runs  int       `json:"runs"`
	// Middle is the geometric mean of times, the mean of percentages.
	Middle float64 `json:"middle"`
	Least  float64 `json:"least"`
	Most   float64 `json:"most"`
	// Change is Middle against the build before, in percent of times and in
	// points of percentages; nil for the first.
	Change *float64 `json:"change"`
}

// Trend is a metric over builds, in the order of their first runs.
type Trend struct {
	Metric string   `json:"metric"`
	By     string   `json:"by"` // the tag that names the build
	Builds []Build  `json:"builds"`
	Notes  []string `json:"notes"` // what was left out

	metric Metric
}

// Trend follows a metric over the builds that the tag by names, in the runs that
// f means. Runs that say nothing of the grid are left out: those whose generator
// was INVALID, that were cut off, scaled or paused by hand, or lost load.
func (x *Index) Trend(ctx context.Context, m Metric, by string, f Filter) (*Trend, error) {
	runs, err := x.Runs(ctx, f)
	if err != nil {
		return nil, err
	}
	values, err := x.values(ctx, m)
	if err != nil {
		return nil, err
	}
	t := &Trend{Metric: m.String(), By: by, Builds: []Build{}, Notes: []string{}, metric: m}
	left := map[string]int{}
	byName := map[string][]float64{}
	for _, r := range slices.Backward(runs) { // oldest first
		v, ok := values[r.Dir]
		why := unfit(&r, by, ok)
		if why != "" {
			left[why]++
			continue
		}
		name := r.Tags[by]
		if byName[name] == nil {
			t.Builds = append(t.Builds, Build{Name: name, First: r.Started})
		}
		byName[name] = append(byName[name], v)
	}
	for _, why := range slices.Sorted(maps.Keys(left)) {
		t.Notes = append(t.Notes, fmt.Sprintf("%d of %d runs left out: %s", left[why], len(runs), why))
	}
	if len(t.Builds) == 0 {
		return t, x.hint(ctx, m)
	}
	t.sum(byName)
	return t, nil
}

// unfit tells why a run says nothing about a build.
func unfit(r *Run, by string, measured bool) string {
	switch {
	case r.Generator == string(results.Invalid):
		return "the generator was INVALID"
	case r.CutOff:
		return "cut off, or still going on"
	case r.ByHand:
		return "scaled or paused by hand"
	case r.LostLoad:
		return "a part of the load was lost"
	case r.Tags[by] == "":
		return "no tag " + by
	case !measured:
		return "nothing of the kind was measured"
	}
	return ""
}

// values are the metric's, by directory.
func (x *Index) values(ctx context.Context, m Metric) (map[string]float64, error) {
	query := "SELECT dir, " + stats[m.Stat] + " FROM ops WHERE op = ?"
	if m.Times() {
		query += " AND count > 0"
	}
	rows, err := x.db.QueryContext(ctx, query, m.Op)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // rows.Err has told
	values := map[string]float64{}
	for rows.Next() {
		var dir string
		var v float64
		if err := rows.Scan(&dir, &v); err != nil {
			return nil, err
		}
		values[dir] = v
	}
	return values, rows.Err()
}

// hint is the error of an operation that no run has; nil where some have it.
func (x *Index) hint(ctx context.Context, m Metric) error {
	rows, err := x.db.QueryContext(ctx, "SELECT DISTINCT op FROM ops ORDER BY op")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // rows.Err has told
	var known []string
	for rows.Next() {
		var op string
		if err := rows.Scan(&op); err != nil {
			return err
		}
		known = append(known, op)
	}
	if err := rows.Err(); err != nil || len(known) == 0 || slices.Contains(known, m.Op) {
		return err
	}
	return &MetricError{m.String(), "no run has the operation " + m.Op + nearest.Hint(m.Op, known)}
}

// sum works out what each build's values come to.
func (t *Trend) sum(byName map[string][]float64) {
	for i := range t.Builds {
		b := &t.Builds[i]
		values := byName[b.Name]
		b.Runs, b.Least, b.Most = len(values), slices.Min(values), slices.Max(values)
		b.Middle = middle(values, t.metric.Times())
		if i == 0 {
			continue
		}
		change := b.Middle - t.Builds[i-1].Middle
		if t.metric.Times() {
			change = 100 * (b.Middle/t.Builds[i-1].Middle - 1)
		}
		b.Change = &change
	}
}

func middle(values []float64, times bool) (sum float64) {
	for _, v := range values {
		if times {
			v = math.Log(max(v, 1))
		}
		sum += v / float64(len(values))
	}
	if times {
		return math.Exp(sum)
	}
	return sum
}
