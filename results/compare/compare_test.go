package compare

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/slload/slload/internal/pagestyle"
	"github.com/slload/slload/results"
)

var update = flag.Bool("update", false, "write the golden files anew")

// times is an operation whose quantiles are all factor times the usual, with
// failed of 1,000 outcomes.
func times(factor float64, failed int64) results.Op {
	at := func(ms float64) int64 { return int64(math.Round(ms * 1e6 * factor)) }
	return results.Op{
		Count: 1000 - failed, Errors: failed,
		ResponseNS: results.Quantiles{P50: at(20), P90: at(45), P95: at(60), P99: at(110)},
	}
}

// jitter is how runs of one build differ: their mean is 1.
var jitter = []float64{0.98, 1.01, 1.00, 1.02, 0.99, 1.005, 0.995}

// sides makes n runs a side, of which each has the operations that make gives
// for its factor.
func sides(n int, change float64, make func(r *results.SteadyState, factor float64)) (base, new []*results.SteadyState) {
	for i := range n {
		a, b := run("a"+plural(int64(i+1), "")), run("b"+plural(int64(i+1), ""))
		make(a, jitter[i])
		make(b, jitter[(i+3)%n]*change)
		base, new = append(base, a), append(new, b)
	}
	return base, new
}

// chat gives runs the operation msg.chat.
func chat(r *results.SteadyState, factor float64) { r.Ops["msg.chat"] = times(factor, 0) }

func compared(t *testing.T, base, new []*results.SteadyState, opts Options) *Comparison {
	t.Helper()
	c, err := Compare(base, new, opts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestVerdicts(t *testing.T) {
	for _, test := range []struct {
		name   string
		runs   int
		change float64
		make   func(r *results.SteadyState, factor float64)
		want   Verdict
		why    string
	}{
		{"the same", 7, 1, chat, Equivalent, "within 5 % at p50, 10 % at p95, 10 % at p99, 1 point of errors"},
		{"slower", 7, 1.2, chat, Regressed, "p50 +20.0 %, p95 +20.0 %, p99 +20.0 % (p < 0.001)"},
		{"faster", 7, 1 / 1.2, chat, Improved, "p50 -16.7 %"},
		{"slower by less than the margin of p95", 7, 1.07, chat, Regressed, "p50 +7.0 % (p"},
		{"slower by less than any margin, for sure", 7, 1.03, chat, Equivalent, "within"},
		{"slower by about the margin", 7, 1.045, chat, Inconclusive, "a side would settle it"},
		{"much slower, two runs a side", 2, 3, chat, Inconclusive, "so few runs can't come to p < 0.05; about 5 a side would show 5 %"},
		{"one run a side", 1, 3, chat, None, "a verdict takes several runs"},
		{"slower at the median, faster at the tail", 7, 1.2, func(r *results.SteadyState, factor float64) {
			op := times(factor, 0)
			op.ResponseNS.P99 = int64(110e6 / factor)
			r.Ops["msg.chat"] = op
		}, Regressed, "p50 +20.0 %, p95 +20.0 % (p < 0.001), although p99 -16.7 %"},
		{"faster at the median, anything at the tail", 7, 0.8, func(r *results.SteadyState, factor float64) {
			op := times(factor, 0)
			op.ResponseNS.P99 = int64(110e6 * math.Pow(factor/math.Round(factor*5)*5, 20))
			r.Ops["msg.chat"] = op
		}, Improved, "p99 is open: "},
		{"faster because it fails", 7, 0.8, func(r *results.SteadyState, factor float64) {
			failed := int64(0)
			if factor < 0.9 {
				failed = 40 + int64(100*factor)
			}
			r.Ops["msg.chat"] = times(factor, failed)
		}, Regressed, "errors +12.0 points (p < 0.001), although p50 -20.0 %"},
		{"it fails altogether", 7, 0.5, func(r *results.SteadyState, factor float64) {
			r.Ops["msg.chat"] = times(factor, 0)
			if factor < 0.9 {
				r.Ops["msg.chat"] = results.Op{Errors: 500}
			}
		}, Regressed, "errors +100 points"},
		{"a stray error", 7, 1, func(r *results.SteadyState, factor float64) {
			r.Ops["msg.chat"] = times(factor, int64(factor*1000)%2)
		}, Equivalent, "1 point of errors"},
		{"too few samples for the tail", 7, 1, func(r *results.SteadyState, factor float64) {
			op := times(factor, 0)
			op.Count = 60
			r.Ops["msg.chat"] = op
		}, Equivalent, "10 % at p95, 1 point of errors; p99 not judged: 60 samples in runs/a1, want 100"},
	} {
		t.Run(test.name, func(t *testing.T) {
			base, new := sides(test.runs, test.change, test.make)
			c := compared(t, base, new, Options{})
			o := c.Operations[0]
			if c.Verdict != test.want || o.Verdict != test.want || !strings.Contains(o.words(), test.why) {
				t.Errorf("%s, %s: %s; want %s: %q", c.Verdict, o.Verdict, o.words(), test.want, test.why)
			}
		})
	}
}

// TestNoiseIsInconclusive has runs that differ by more than the builds do.
func TestNoiseIsInconclusive(t *testing.T) {
	base, new := sides(4, 1.006, func(r *results.SteadyState, factor float64) {
		r.Ops["msg.chat"] = times(math.Pow(factor, 10), 0)
	})
	o := compared(t, base, new, Options{}).Operations[0]
	p50 := o.Measures[0]
	if o.Verdict != Inconclusive || p50.Runs <= 4 || p50.LeastDetectable < 0.2 {
		t.Errorf("%s (%s), %d runs needed, %v detectable", o.Verdict, o.Why, p50.Runs, p50.LeastDetectable)
	}
}

func TestSwappedSidesSwapTheVerdict(t *testing.T) {
	for _, change := range []float64{1.2, 1.045, 1, 0.8} {
		base, new := sides(6, change, chat)
		there, back := compared(t, base, new, Options{}), compared(t, new, base, Options{})
		mirror := map[Verdict]Verdict{Regressed: Improved, Improved: Regressed, Equivalent: Equivalent, Inconclusive: Inconclusive}
		if back.Verdict != mirror[there.Verdict] {
			t.Errorf("×%v: %s, and %s with the sides swapped", change, there.Verdict, back.Verdict)
		}
	}
}

func TestGuards(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(r *results.SteadyState) // of the last run of new
		want   string
	}{
		{"profile", func(r *results.SteadyState) { r.Manifest.ProfileSHA256 = "ef01" }, "the profiles differ (crowd abcd: runs/a1 and 2 more; crowd ef01: runs/b2)"},
		{"agents", func(r *results.SteadyState) { r.Manifest.Agents = 90 }, "the numbers of agents differ (100 agents: runs/a1 and 2 more; 90 agents: runs/b2)"},
		{"version", func(r *results.SteadyState) { r.Manifest.Version = "1.1" }, "the versions of slload differ"},
		{"generator", func(r *results.SteadyState) { r.Summary.Verdict.Generator = results.Suspect }, "verdicts differ (VALID: runs/a1 and 2 more; SUSPECT: runs/b2)"},
		{"invalid", func(r *results.SteadyState) {
			r.Summary.Verdict = results.Verdict{Generator: results.Invalid, Reasons: []string{"timers fired late"}}
		}, "runs/b2 is INVALID: timers fired late"},
		{"by hand", func(r *results.SteadyState) { r.Manifest.HandScaled = true }, "runs/b2 was scaled by hand: put the number of agents into the profile"},
		{"scaled meanwhile", func(r *results.SteadyState) { r.Summary.Run.HandScaled = true }, "runs/b2 was scaled by hand while it went on"},
		{"paused", func(r *results.SteadyState) { r.Summary.Run.PausedSeconds = 12.3 }, "runs/b2 was paused by hand, for 12.3 s"},
		{"cut off", func(r *results.SteadyState) { r.Summary.Run.CutOff = true }, "runs/b2 was cut off"},
		{"resumed", func(r *results.SteadyState) {
			r.Summary.Run.Seconds, r.Summary.Run.GapSeconds, r.Summary.Run.Segments = 160, 100, make([]results.Segment, 2)
		}, "runs/b2 broke off and was resumed, with a gap of 100 s"},
		{"load was lost", func(r *results.SteadyState) {
			r.Summary.Run.LostLoad = []results.LostLoad{{From: 20, To: 31.5, What: "segment 1:3, of tarn:871"}, {From: 40, To: 60, What: "x"}}
		}, "runs/b2 lost a part of its load, from 20 s to 31.5 s: segment 1:3, of tarn:871 and 1 more"},
		{"resumed and early", func(r *results.SteadyState) { r.Summary.Run.Seconds, r.Summary.Run.GapSeconds = 130, 100 }, "runs/b2 ended early, at 130 s of 60 s"},
		{"early", func(r *results.SteadyState) { r.Summary.Run.Seconds = 30 }, "runs/b2 ended early, at 30 s of 60 s"},
		{"embedded", func(r *results.SteadyState) { r.Manifest.EmbeddedGrid = true }, "some had an embedded grid"},
	} {
		t.Run(test.name, func(t *testing.T) {
			base, new := sides(2, 1, chat)
			test.change(new[1])
			_, err := Compare(base, new, Options{})
			var mismatch *MismatchError
			if !errors.As(err, &mismatch) || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v, want %q", err, test.want)
			}
			c := compared(t, base, new, Options{Force: true})
			if diff := cmp.Diff(mismatch.Mismatches, c.Mismatches); diff != "" {
				t.Errorf("forced, it is labelled (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNotes(t *testing.T) {
	base, new := sides(2, 1, chat)
	if c := compared(t, base, new, Options{}); len(c.Notes) != 0 {
		t.Errorf("nothing is special, but: %q", c.Notes)
	}
	for _, r := range append(base, new...) {
		r.Summary.Verdict = results.Verdict{Generator: results.Suspect, Reasons: []string{"timers fired late"}}
	}
	new[0].Manifest.Cores = 8
	c := compared(t, base, new, Options{})
	if len(c.Notes) != 2 || !strings.Contains(c.Notes[0], "SUSPECT in all runs; in runs/a1: timers fired late") ||
		!strings.Contains(c.Notes[1], "8 cores") || !strings.Contains(c.Notes[1], "runs/a1 and 2 more") {
		t.Errorf("notes %q: want one about the generator, one about the machines", c.Notes)
	}
}

func TestTheSameRunTwiceIsNoEvidence(t *testing.T) {
	base, new := sides(2, 1, chat)
	_, err := Compare(base, append(new, base[0]), Options{Force: true})
	var twice *DuplicateError
	if !errors.As(err, &twice) || twice.ID != "a1" {
		t.Errorf("error %v, want one about a1", err)
	}
}

func TestPrimaryOperations(t *testing.T) {
	base, new := sides(2, 1, func(r *results.SteadyState, factor float64) {
		chat(r, factor)
		r.Ops["login"], r.Ops["logout"] = times(factor, 0), times(factor, 0)
	})
	names := func(c *Comparison) (primary, others []string) {
		for _, o := range c.Operations {
			if o.Primary {
				primary = append(primary, o.Name)
			} else if others = append(others, o.Name); o.Verdict != "" || o.P != nil {
				t.Errorf("%s is not primary but has a verdict", o.Name)
			}
		}
		return primary, others
	}
	primary, others := names(compared(t, base, new, Options{}))
	if diff := cmp.Diff([][]string{{"msg.chat"}, {"login", "logout"}}, [][]string{primary, others}); diff != "" {
		t.Error(diff)
	}
	primary, _ = names(compared(t, base, new, Options{Primary: []string{"logout", "login", "login"}}))
	if diff := cmp.Diff([]string{"logout", "login"}, primary); diff != "" {
		t.Error(diff)
	}
	_, err := Compare(base, new, Options{Primary: []string{"msg.chatt"}})
	var unknown *UnknownOperationError
	if !errors.As(err, &unknown) || err.Error() != `no run has the operation "msg.chatt"; there are login, msg.chat, logout` {
		t.Errorf("error %v", err)
	}
	base[0].Manifest.Primary = nil
	var none *NoPrimaryError
	if _, err := Compare(base, new, Options{}); !errors.As(err, &none) {
		t.Errorf("error %v, want *NoPrimaryError", err)
	}
}

// mixed is a comparison with something of everything.
func mixed(t *testing.T) *Comparison {
	t.Helper()
	base, new := sides(7, 1.12, func(r *results.SteadyState, factor float64) {
		r.Ops["msg.chat"] = times(factor, 0)
		r.Ops["login"] = times(10, 3) // the same in all
		r.Ops["msg.im"] = times(math.Pow(factor, 0.42), 1)
		r.Ops["teleport"] = times(3/factor, 0)
		r.Ops["msg.ping"] = times(0.02, 0)
		r.Manifest.Primary = []string{"login", "msg.chat", "msg.im", "teleport"}
	})
	for i := range base {
		base[i].Manifest.Tags = map[string]string{"build": "1.3", "day": plural(int64(i), "")}
		new[i].Manifest.Tags = map[string]string{"build": "1.4", "day": plural(int64(i), "")}
		base[i].Manifest.Agents, new[i].Manifest.Agents = 90+i/6, 90
	}
	return compared(t, base, new, Options{Force: true})
}

func TestFormats(t *testing.T) {
	c := mixed(t)
	for name, write := range map[string]func(io.Writer) error{
		"comparison.txt": c.WriteText, "comparison.md": c.WriteMarkdown,
		"comparison.json": c.WriteJSON, "comparison.xml": c.WriteJUnit,
		"comparison.html": c.WriteHTML,
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		golden(t, name, withoutStyle(t, name, b.Bytes()))
	}
}

// withoutStyle cuts the shared style sheet, which is nothing of ours, out of a
// page that must have it.
func withoutStyle(t *testing.T, name string, got []byte) []byte {
	t.Helper()
	if filepath.Ext(name) != ".html" {
		return got
	}
	before, after, ok := bytes.Cut(got, []byte(pagestyle.Sheet()))
	if !ok {
		t.Errorf("%s has no style sheet", name)
	}
	return slices.Concat(before, after)
}

func TestTextKeepsItsColumns(t *testing.T) {
	var b bytes.Buffer
	if err := mixed(t).WriteText(&b); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if n := len([]rune(line)); n > 101 && !strings.HasPrefix(line, "FORCED") {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

// TestFormatsAgree reads what machines read.
func TestFormatsAgree(t *testing.T) {
	c := mixed(t)
	var asJSON, asXML bytes.Buffer
	if err := errors.Join(c.WriteJSON(&asJSON), c.WriteJUnit(&asXML)); err != nil {
		t.Fatal(err)
	}
	var got Comparison
	if err := json.Unmarshal(asJSON.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	var suites struct {
		Suites []struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Cases    []struct {
				Name    string    `xml:"name,attr"`
				Failure *struct{} `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(asXML.Bytes(), &suites); err != nil {
		t.Fatal(err)
	}
	if len(suites.Suites) != 1 || suites.Suites[0].Tests != 4 || suites.Suites[0].Failures != 1 {
		t.Fatalf("%+v: want a suite of 4 tests with 1 failure", suites)
	}
	for i, k := range suites.Suites[0].Cases {
		o := got.Operations[i]
		if k.Name != o.Name || (k.Failure != nil) != (o.Verdict == Regressed) {
			t.Errorf("JUnit says %+v, JSON %s %s", k, o.Name, o.Verdict)
		}
	}
}

// TestPageStandsAlone: the page asks for nothing else, and what comes from a run
// directory can't break out of its cell.
func TestPageStandsAlone(t *testing.T) {
	c := mixed(t)
	c.Base[0].Dir = "<script>alert(1)</script>"
	c.Operations[0].Name = "<b>login"
	var b bytes.Buffer
	if err := c.WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<script", "<b>", "http:", "https:", "src=", "<link", "@import", "url("} {
		if strings.Contains(b.String(), bad) {
			t.Errorf("the page has %s", bad)
		}
	}
	for _, want := range []string{"REGRESSED (FORCED)</h1>", "prefers-color-scheme: dark", "width=device-width", "&lt;script&gt;"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("the page has no %s", want)
		}
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s; after a wanted change, run the test with -update (-want +got):\n%s", path, diff)
	}
}
