package compare

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// WriteText writes the comparison for a terminal: a verdict line for each
// primary operation, the figures behind them, and the differences of the other
// operations.
func (c *Comparison) WriteText(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s, %s: %s of base against %d of new\n", c.Profile, plural(int64(c.Agents), "agent"),
		plural(int64(len(c.Base)), "run"), len(c.New))
	fmt.Fprintf(&b, "base  %s\n", side(c.Base))
	fmt.Fprintf(&b, "new   %s\n", side(c.New))
	for _, m := range c.Mismatches {
		fmt.Fprintf(&b, "FORCED though %s\n", m)
	}
	c.writeVerdicts(&b)
	c.writeFigures(&b)
	c.writeOthers(&b)
	b.WriteByte('\n')
	for _, line := range c.footnotes() {
		fmt.Fprintln(&b, line)
	}
	fmt.Fprintf(&b, "Verdict  %s\n", c.conclusion())
	_, err := w.Write(b.Bytes())
	return err
}

// side is where the runs of a side are, and the tags that all of them have.
func side(runs []Run) string {
	words := runs[0].Dir
	if n := len(runs); n > 1 {
		words += " ... " + runs[n-1].Dir
	}
	for _, name := range slices.Sorted(maps.Keys(runs[0].Tags)) {
		value := runs[0].Tags[name]
		if !slices.ContainsFunc(runs, func(r Run) bool { v, ok := r.Tags[name]; return !ok || v != value }) {
			words += ", " + name + "=" + value
		}
	}
	return words
}

// conclusion is the verdict over all, in words.
func (c *Comparison) conclusion() string {
	words := string(c.Verdict)
	if c.Verdict == None {
		words += ": one run a side is a difference, several are evidence"
	}
	if len(c.Mismatches) > 0 {
		words += " (FORCED)"
	}
	return words
}

// split parts the operations that are judged from the others, which follow.
func (c *Comparison) split() (primary, others []*Operation) {
	n := slices.IndexFunc(c.Operations, func(o *Operation) bool { return !o.Primary })
	if n < 0 {
		n = len(c.Operations)
	}
	return c.Operations[:n], c.Operations[n:]
}

func (c *Comparison) writeVerdicts(b *bytes.Buffer) {
	primary, _ := c.split()
	width := nameWidth(primary)
	b.WriteByte('\n')
	for _, o := range primary {
		fmt.Fprintf(b, "%-12s  %s  %s\n", o.Verdict, pad(o.Name, width), o.Why)
		for _, n := range o.Notes {
			fmt.Fprintf(b, "%-12s  %-*s  %s\n", "", width, "", n)
		}
	}
}

func (c *Comparison) writeFigures(b *bytes.Buffer) {
	primary, _ := c.split()
	width := nameWidth(primary)
	fmt.Fprintf(b, "\n%-*s  %-6s %10s %10s %12s  %-17s %7s\n", width, "operation", "", "base", "new", "change", " 95 % interval", "p")
	for _, o := range primary {
		name := o.Name
		for _, m := range o.Measures {
			f := m.figures()
			row := fmt.Sprintf("%s  %-6s %s %s %s   %s%s", pad(name, width), m.Name, left(f[0], 10), left(f[1], 10),
				left(f[2], 12), pad(f[3], 16), left(f[4], 8))
			b.WriteString(strings.TrimRight(row, " ") + "\n")
			name = ""
		}
	}
}

// figures are a row's: base, new, change, interval and p, empty where there is
// none.
func (m *Measure) figures() [5]string {
	f := [5]string{m.value(m.Base), m.value(m.New), "-", m.sayInterval(), ""}
	if m.base != nil {
		f[2] = m.say(m.Change)
	}
	if m.P != nil {
		f[4] = sayP(*m.P)
	}
	return f
}

// writeOthers tells the differences of what is not judged.
func (c *Comparison) writeOthers(b *bytes.Buffer) {
	_, others := c.split()
	if len(others) == 0 {
		return
	}
	width := nameWidth(others)
	fmt.Fprintf(b, "\n%-*s  %10s %10s %10s %10s %10s\n", width, "not judged", "p50 base", "p50 new", "p50", "p95", "p99")
	for _, o := range others {
		m := map[string]*Measure{}
		for _, measure := range o.Measures {
			m[measure.Name] = measure
		}
		fmt.Fprintf(b, "%s  %s %s", pad(o.Name, width), left(m["p50"].value(m["p50"].Base), 10), left(m["p50"].value(m["p50"].New), 10))
		for _, name := range []string{"p50", "p95", "p99"} {
			fmt.Fprintf(b, " %s", left(m[name].say(m[name].Change), 10))
		}
		b.WriteByte('\n')
	}
}

// footnotes say how the figures came about.
func (c *Comparison) footnotes() []string {
	primary, _ := c.split()
	lines := []string{"Figures: geometric means over runs, of the steady state; logins and logouts of the whole run."}
	if c.Labellings > 0 {
		kind := "all"
		if !c.Exact {
			kind = "by"
		}
		lines = append(lines, fmt.Sprintf("p: permutation test, %s %s labellings; corrected for the measures and for %s (Holm).",
			kind, plural(int64(c.Labellings), ""), plural(int64(len(primary)), "operation")))
	}
	for _, n := range c.Notes {
		lines = append(lines, "Note: "+n)
	}
	return lines
}

// maxNameWidth keeps the tables within 100 columns.
const maxNameWidth = 28

func nameWidth(operations []*Operation) int {
	width := len("operation ")
	for _, o := range operations {
		width = max(width, utf8.RuneCountInString(o.Name))
	}
	return min(width, maxNameWidth)
}

// pad brings s to width columns.
func pad(s string, width int) string {
	if n := utf8.RuneCountInString(s); n <= width {
		return s + strings.Repeat(" ", width-n)
	}
	return string([]rune(s)[:width-1]) + "…"
}

// left brings s to width columns by blanks on its left.
func left(s string, width int) string {
	return strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s))) + s
}
