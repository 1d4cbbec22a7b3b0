package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/slload/slload/internal/junit"
)

// WriteJSON writes the comparison as JSON, for scripts.
func (c *Comparison) WriteJSON(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(c)
}

// WriteMarkdown writes the comparison for a pull request.
func (c *Comparison) WriteMarkdown(w io.Writer) error {
	var b bytes.Buffer
	primary, _ := c.split()
	fmt.Fprintf(&b, "### %s\n\n%s, %s: %s of base against %d of new.\n\n", c.conclusion(), c.Profile,
		plural(int64(c.Agents), "agent"), plural(int64(len(c.Base)), "run"), len(c.New))
	fmt.Fprintf(&b, "- base: %s\n- new: %s\n", side(c.Base), side(c.New))
	for _, m := range c.Mismatches {
		fmt.Fprintf(&b, "- **FORCED** though %s\n", m)
	}
	b.WriteString("\n| operation | verdict | why |\n|---|---|---|\n")
	for _, o := range primary {
		fmt.Fprintf(&b, "| %s | **%s** | %s |\n", o.Name, o.Verdict, o.words())
	}
	b.WriteString("\n<details><summary>Figures</summary>\n\n")
	b.WriteString("| operation | measure | base | new | change | 95 % interval | p |\n|---|---|---:|---:|---:|---|---:|\n")
	for _, o := range c.Operations {
		for _, m := range o.Measures {
			f := m.figures()
			fmt.Fprintf(&b, "| %s | %s | %s |\n", o.Name, m.Name, strings.Join(f[:], " | "))
		}
	}
	b.WriteString("\n</details>\n\n")
	for _, line := range c.footnotes() {
		fmt.Fprintf(&b, "%s\n", line)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// words are the reason for the verdict and the notes to it.
func (o *Operation) words() string {
	return strings.Join(append([]string{o.Why}, o.Notes...), "; ")
}

// WriteJUnit writes a case for each primary operation: a regression fails, what
// is inconclusive or has no verdict is skipped.
func (c *Comparison) WriteJUnit(w io.Writer) error {
	suite := junit.Suite{Name: "slload compare " + c.Profile}
	primary, _ := c.split()
	for _, o := range primary {
		k := junit.Case{Class: "slload.compare." + c.Profile, Name: o.Name}
		message := &junit.Message{Message: string(o.Verdict) + ": " + o.words()}
		switch o.Verdict {
		case Regressed:
			k.Failure = message
		case Inconclusive, None:
			k.Skipped = message
		default:
			k.Output = message.Message
		}
		suite.Cases = append(suite.Cases, k)
	}
	return junit.Write(w, suite)
}
