package history

import (
	_ "embed" // the page
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"

	"github.com/slload/slload/internal/pagestyle"
	"github.com/slload/slload/results"
	"github.com/slload/slload/results/page"
)

// barWidth is how many columns the greatest value takes.
const barWidth = 30

// WriteText writes the trend for a terminal: a line for each build, with a bar.
func (t *Trend) WriteText(w io.Writer) error {
	fmt.Fprintf(w, "%s by %s\n\n", t.Metric, results.Plain(t.By))
	most := 0.0
	for _, b := range t.Builds {
		most = math.Max(most, b.Middle)
	}
	table := [][]string{{t.By, "runs", "first run (UTC)", t.middleName(), "least", "most", "change", ""}}
	for _, b := range t.Builds {
		table = append(table, []string{
			b.Name, fmt.Sprint(b.Runs), b.First.Format("2006-01-02 15:04"), t.metric.Format(b.Middle), t.metric.Format(b.Least),
			t.metric.Format(b.Most), t.change(&b), bar(b.Middle, most),
		})
	}
	if len(t.Builds) == 0 {
		table = [][]string{{"no run has it"}}
	}
	if err := writeColumns(w, table); err != nil {
		return err
	}
	for _, n := range t.Notes {
		if _, err := fmt.Fprintln(w, results.Plain(n)); err != nil {
			return err
		}
	}
	return nil
}

func (t *Trend) middleName() string {
	if t.metric.Times() {
		return "geo. mean"
	}
	return "mean"
}

func (t *Trend) change(b *Build) string {
	switch {
	case b.Change == nil:
		return "-"
	case t.metric.Times():
		return fmt.Sprintf("%+.1f %%", *b.Change)
	}
	return fmt.Sprintf("%+.2f points", *b.Change)
}

func bar(v, most float64) string {
	if !(most > 0) {
		return ""
	}
	return strings.Repeat("▇", int(math.Round(barWidth*v/most)))
}

//go:embed trend.html.tmpl
var pageText string

var html = template.Must(template.New("trend").Funcs(template.FuncMap{"style": pagestyle.Sheet, "plus": func(i int) int { return i + 1 }}).Parse(pageText))

// row is a build in the page's table.
type row struct {
	Build
	MiddleText, LeastText, MostText, ChangeText string
}

// WriteHTML writes the trend as one page that needs nothing else. Its chart
// numbers the builds as its table does: their names are anybody's.
func (t *Trend) WriteHTML(w io.Writer) error {
	series := []page.Series{{Name: "most"}, {Name: t.middleName()}, {Name: "least"}}
	var rows []row
	for _, b := range t.Builds {
		rows = append(rows, row{b, t.metric.Format(b.Middle), t.metric.Format(b.Least), t.metric.Format(b.Most), t.change(&b)})
		for i, v := range []float64{b.Most, b.Middle, b.Least} {
			series[i].Values = append(series[i].Values, v)
		}
	}
	return html.Execute(w, struct {
		*Trend
		Middle string
		Rows   []row
		Chart  *page.Figure
	}{t, t.middleName(), rows, page.OverBuilds(t.Metric, t.metric.Times(), series...)})
}
