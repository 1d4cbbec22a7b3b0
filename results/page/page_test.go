package page

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
)

func TestThePageOfARun(t *testing.T) {
	dir := write(t)
	path, err := Write(dir)
	ok(t, err)
	if want := filepath.Join(dir, "report.html"); path != want {
		t.Errorf("the page is %s, want %s", path, want)
	}
	r, err := Read(dir)
	ok(t, err)
	text, root := parsed(t, r)
	golden(t, "outline.txt", outline(root))
	onDisk, err := os.ReadFile(path)
	ok(t, err)
	if string(onDisk) != text {
		t.Error("the page in the run directory is another than the one that was drawn again")
	}
}

// TestThePageNeedsNothingElse holds for a reader without a network, and against
// a grid that would like one to be used.
func TestThePageNeedsNothingElse(t *testing.T) {
	r, err := Read(write(t))
	ok(t, err)
	text, root := parsed(t, r)
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if slices.Contains([]string{"script", "link", "img", "iframe", "object", "image", "use", "base", "form"}, n.Data) {
			t.Errorf("the page has the element %s", n.Data)
		}
		for _, a := range n.Attr {
			if a.Key == "src" || a.Key == "href" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("the element %s has %s=%q", n.Data, a.Key, a.Val)
			}
		}
	}
	for _, bad := range []string{"url(", "@import", "\u202e", "\x00", "secret"} {
		if strings.Contains(text, bad) {
			t.Errorf("the page has %q", bad)
		}
	}
	if !strings.Contains(text, `content="default-src 'none'; style-src 'unsafe-inline'"`) {
		t.Error("the page does not forbid itself the network")
	}
}

func TestHeadline(t *testing.T) {
	two := []profiles.Threshold{{}, {}}
	for _, test := range []struct {
		name       string
		thresholds []profiles.Threshold
		verdict    results.Verdict
		want       Headline
	}{
		{"no thresholds", nil, results.Verdict{Generator: results.Valid, Thresholds: results.ThresholdsNone},
			Headline{"·", "MEASURED", "the profile has no thresholds"}},
		{"all pass", two, results.Verdict{Generator: results.Suspect, Thresholds: results.ThresholdsPass},
			Headline{"✓", "PASSED", "2 of 2 thresholds"}},
		{"one fails", two, results.Verdict{Generator: results.Valid, Thresholds: results.ThresholdsFail, Failed: []string{"x"}},
			Headline{"✕", "FAILED", "1 of 2 thresholds"}},
		{"the generator goes first", two, results.Verdict{Generator: results.Invalid, Thresholds: results.ThresholdsFail, Failed: []string{"x"}},
			Headline{"✕", "INVALID", "the generator could not keep up, so these figures are not the grid's"}},
	} {
		r := &Run{Manifest: &results.Manifest{Thresholds: test.thresholds}, Summary: &results.Summary{Verdict: test.verdict}}
		if got := r.Headline(); got != test.want {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
		}
	}
}

func TestAnEmptyRunHasAPage(t *testing.T) {
	r := &Run{Manifest: &results.Manifest{}, Summary: &results.Summary{}}
	_, root := parsed(t, r)
	if got := outline(root); !strings.Contains(got, "tr: nothing finished\n") {
		t.Errorf("the page says:\n%s", got)
	}
	for n := range root.Descendants() {
		if n.Data == "figure" {
			t.Fatal("there is a chart of nothing")
		}
	}
}

func TestPlain(t *testing.T) {
	for text, want := range map[string]string{
		"Sandbox Plaza":         "Sandbox Plaza",
		"a\x00b\nc\u202ed":      "a\uFFFDb\uFFFDc\uFFFDd",
		strings.Repeat("é", 80): strings.Repeat("é", 80),
		strings.Repeat("é", 81): strings.Repeat("é", 79) + "…",
	} {
		if got := plain(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
}

// classes that the page uses must be in its sheet: a verdict without a colour
// would go unseen.
func TestVerdictsHaveAStyle(t *testing.T) {
	r, err := Read(write(t))
	ok(t, err)
	text, _ := parsed(t, r)
	for _, class := range []string{"FAILED", "PASSED", "INVALID", "SUSPECT", "VALID"} {
		if !regexp.MustCompile(`(?m)^[^{]*\.` + class + `\b[^}]*color:`).MatchString(text) {
			t.Errorf("the style sheet says nothing of %s", class)
		}
	}
}
