package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/slload/slload/behaviors"
	"github.com/slload/slload/internal/junit"
)

// checked is a check's result, as JSON has it.
type checked struct {
	Name   string  `json:"name"`
	Status string  `json:"status"` // pass, fail or skip
	MS     float64 `json:"ms"`
	Detail string  `json:"detail"`
}

func reported(r behaviors.CheckResult) checked {
	return checked{r.Name, string(r.Status), ms(r.Took), strings.Join(strings.Fields(r.Detail), " ")}
}

// reporter writes the results of checks as they come, or at the end.
type reporter interface {
	begin(n int, grid string)
	check(c checked) error
	end(took time.Duration) error
}

// newReporter gives the reporter of a format. Suite names the checks as a whole.
func newReporter(format, suite string, w io.Writer) (reporter, error) {
	switch format {
	case "text":
		return &textReport{w: w}, nil
	case "tap":
		return &tapReport{w: w}, nil
	case "junit":
		return &junitReport{collected{w: w}, suite}, nil
	case "json":
		return &jsonReport{collected{w: w}}, nil
	}
	return nil, &usageError{fmt.Errorf("--format %q: want text, tap, junit or json", format)}
}

// textReport is for people: a line a check, and a count.
type textReport struct {
	w      io.Writer
	counts map[string]int
}

func (t *textReport) begin(n int, grid string) {
	t.counts = map[string]int{}
	fmt.Fprintf(t.w, "%d checks on %s\n", n, grid)
}

func (t *textReport) check(c checked) error {
	t.counts[c.Status]++
	_, err := fmt.Fprintf(t.w, "%-4s %9s  %s%s\n", c.Status, human(c.MS), c.Name, prefixed(": ", c.Detail))
	return err
}

func (t *textReport) end(took time.Duration) error {
	_, err := fmt.Fprintf(t.w, "%d passed, %d failed, %d skipped, in %s\n",
		t.counts["pass"], t.counts["fail"], t.counts["skip"], human(ms(took)))
	return err
}

func prefixed(prefix, text string) string {
	if text == "" {
		return ""
	}
	return prefix + text
}

// tapReport is the Test Anything Protocol, version 13.
type tapReport struct {
	w io.Writer
	n int
}

func (t *tapReport) begin(n int, _ string) { fmt.Fprintf(t.w, "TAP version 13\n1..%d\n", n) }

func (t *tapReport) check(c checked) error {
	t.n++
	// A # begins a directive.
	name, detail := strings.ReplaceAll(c.Name, "#", "\\#"), strings.ReplaceAll(c.Detail, "#", "\\#")
	var line string
	switch c.Status {
	case "pass":
		line = fmt.Sprintf("ok %d - %s", t.n, name)
	case "skip":
		line = fmt.Sprintf("ok %d - %s # SKIP %s", t.n, name, detail)
	default:
		line = fmt.Sprintf("not ok %d - %s\n# %s", t.n, name, detail)
	}
	_, err := fmt.Fprintln(t.w, line)
	return err
}

func (*tapReport) end(time.Duration) error { return nil }

// collected are the results for a report that is written at the end.
type collected struct {
	w    io.Writer
	list []checked
}

func (c *collected) begin(int, string) { c.list = []checked{} }

func (c *collected) check(r checked) error { //nolint:unparam // a reporter's
	c.list = append(c.list, r)
	return nil
}

// jsonReport is {"checks": [...]}.
type jsonReport struct{ collected }

func (j *jsonReport) end(time.Duration) error {
	out := json.NewEncoder(j.w)
	out.SetIndent("", "  ")
	return out.Encode(map[string][]checked{"checks": j.list})
}

// junitReport is the XML that build servers read.
type junitReport struct {
	collected
	suite string
}

func (j *junitReport) end(took time.Duration) error {
	suite := junit.Suite{Name: j.suite, Time: seconds(ms(took))}
	for _, c := range j.list {
		one := junit.Case{Class: j.suite, Name: c.Name, Time: seconds(c.MS)}
		switch c.Status {
		case "fail":
			one.Failure = &junit.Message{Message: c.Detail}
		case "skip":
			one.Skipped = &junit.Message{Message: c.Detail}
		default:
			one.Output = c.Detail
		}
		suite.Cases = append(suite.Cases, one)
	}
	return junit.Write(j.w, suite)
}

func seconds(ms float64) string { return fmt.Sprintf("%.3f", ms/1000) }
