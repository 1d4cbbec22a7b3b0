package compare

import (
	_ "embed" // the page
	"html/template"
	"io"

	"github.com/slload/slload/internal/pagestyle"
)

//go:embed comparison.html.tmpl
var pageText string

// marks tell verdicts apart without colour.
var marks = map[Verdict]string{Regressed: "▲", Improved: "▼", Equivalent: "=", Inconclusive: "?", None: "·"}

var page = template.Must(template.New("comparison").Funcs(template.FuncMap{
	"style":   pagestyle.Sheet,
	"mark":    func(v Verdict) string { return marks[v] },
	"figures": func(m *Measure) [5]string { return m.figures() },
}).Parse(pageText))

// WriteHTML writes the comparison as one page that needs nothing else.
func (c *Comparison) WriteHTML(w io.Writer) error {
	primary, _ := c.split()
	return page.Execute(w, struct {
		*Comparison
		Conclusion, SideBase, SideNew string
		Primary                       []*Operation
		Footnotes                     []string
	}{c, c.conclusion(), side(c.Base), side(c.New), primary, c.footnotes()})
}
