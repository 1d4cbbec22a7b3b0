package profiles

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
)

// FuzzParse wants that whatever is read can be written and read again as the
// same profile, and planned; and that whatever is refused is told in lines
// that name the file.
func FuzzParse(f *testing.F) {
	f.Add(everyKey)
	f.Add(busy)
	for _, pattern := range []string{"testdata/errors/*.yaml", "builtin/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("nothing at %s: %v", pattern, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(data))
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse([]byte(text), "fuzz.yaml")
		if err != nil {
			wantOneLineEach(t, err)
			return
		}
		wantSameAgain(t, p)
		// Large plans are sound too, and slow.
		if p.Peak() <= 1000 && float64(p.Agents.LoginRate)*p.Length().Seconds() < 10_000 {
			if _, err := NewPlan(p, 1, Share{0, 1}); err != nil {
				t.Fatal(err)
			}
		}
		for _, change := range []func() error{func() error { return p.Scale(77) }, func() error { return p.Fit(time.Minute) }} {
			if err := change(); err != nil {
				wantOneLineEach(t, err)
				continue
			}
			wantSameAgain(t, p)
		}
	})
}

func wantOneLineEach(t *testing.T, err error) {
	t.Helper()
	var errs Errors
	if !errors.As(err, &errs) || len(errs) == 0 {
		t.Fatalf("%T: %v", err, err)
	}
	for _, e := range errs {
		if e.Problem == "" || strings.ContainsFunc(e.Error(), unicode.IsControl) {
			t.Fatalf("%q is no clear line", e.Error())
		}
	}
}

func wantSameAgain(t *testing.T, p *Profile) {
	t.Helper()
	data, err := p.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	back, err := Parse(data, "config.yaml")
	if err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	if d := diff(p, back); d != "" || p.SHA256() != back.SHA256() {
		t.Fatalf("(-written +read)\n%s\n%s", d, data)
	}
}

func FuzzThreshold(f *testing.F) {
	for _, s := range []string{"login.p95 < 2s", "msg.chat.p999 < 500ms over 1m abort", "errors < 1%", "a.errors < 0.07%"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var th, back Threshold
		if th.UnmarshalText([]byte(text)) != nil {
			return
		}
		if err := back.UnmarshalText([]byte(th.String())); err != nil || back != th {
			t.Fatalf("%q was written as %q and read as %#v, %v, not %#v", text, th, back, err, th)
		}
	})
}
