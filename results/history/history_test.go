package history

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/results"
)

// fake makes a run whose logins take so long.
func fake(t *testing.T, root, dir string, minute int, login time.Duration, change func(m *results.Manifest)) {
	t.Helper()
	m := results.Manifest{
		ID: "fake-" + dir, Profile: "crowd", Started: time.Date(2026, 11, 22, 12, minute, 0, 0, time.UTC), PlannedSeconds: 2,
		Measured: []string{"stage 1"}, Agents: 10, Version: "1.0", Tags: map[string]string{"build": strings.SplitN(dir, "-", 2)[0], "grid": "staging"},
	}
	if change != nil {
		change(&m)
	}
	c, err := results.NewCollector(results.Config{Dir: filepath.Join(root, dir), Manifest: m, Profile: []byte("name: crowd\n"), Phase: "stage 1"})
	if err != nil {
		t.Fatal(err)
	}
	rec := results.NewRecorder()
	for range 10 {
		rec.Record("login", login, login, "")
	}
	rec.Record("login", 0, 0, "presence")
	c.Merge(rec.Swap(nil))
	if _, err := c.Finish(results.Sample{T: 2 * time.Second, Agents: results.Agents{Target: 10}, Generator: results.Generator{Cores: 2}}); err != nil {
		t.Fatal(err)
	}
}

// past are the runs of three builds, two of them in a trial of slload ab.
func past(t *testing.T) (root string) {
	t.Helper()
	root = t.TempDir()
	fake(t, root, "1.0-x", 1, 100*time.Millisecond, nil)
	fake(t, root, "1.1-x", 3, 200*time.Millisecond, nil)
	fake(t, root, "1.0-y", 2, 400*time.Millisecond, nil)
	fake(t, filepath.Join(root, "ab"), "1.2-x", 5, 50*time.Millisecond, func(m *results.Manifest) { m.Tags["grid"] = "live" })
	fake(t, root, "1.2-y", 6, time.Second, func(m *results.Manifest) { m.HandScaled = true })
	return root
}

func opened(t *testing.T, root string, rebuild bool) *Index {
	t.Helper()
	x, err := Open(t.Context(), root, rebuild)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Close() })
	return x
}

func dirs(t *testing.T, x *Index, f Filter) (list []string) {
	t.Helper()
	runs, err := x.Runs(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range runs {
		list = append(list, filepath.ToSlash(r.Dir))
	}
	return list
}

var everything = []string{"1.2-y", "ab/1.2-x", "1.1-x", "1.0-y", "1.0-x"}

func TestListFiltersNewestFirst(t *testing.T) {
	x := opened(t, past(t), false)
	for name, test := range map[string]struct {
		filter Filter
		want   []string
	}{
		"all":         {Filter{}, everything},
		"a tag":       {Filter{Tags: map[string]string{"build": "1.0"}}, []string{"1.0-y", "1.0-x"}},
		"two tags":    {Filter{Tags: map[string]string{"build": "1.2", "grid": "live"}}, []string{"ab/1.2-x"}},
		"a profile":   {Filter{Profile: "crowd'"}, nil},
		"a verdict":   {Filter{Verdict: "valid"}, everything},
		"thresholds":  {Filter{Verdict: "fail"}, nil},
		"none at all": {Filter{Tags: map[string]string{"build": "1"}}, nil},
	} {
		if got := dirs(t, x, test.filter); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	runs, err := x.Runs(t.Context(), Filter{})
	if err != nil {
		t.Fatal(err)
	}
	want := Run{
		Dir: "1.2-y", ID: "fake-1.2-y", Profile: "crowd", Started: time.Date(2026, 11, 22, 12, 6, 0, 0, time.UTC), Seconds: 2, Agents: 10,
		Tags: map[string]string{"build": "1.2", "grid": "staging"}, Generator: "VALID", Thresholds: "none", ByHand: true,
	}
	if diff := cmp.Diff(want, runs[0], cmp.AllowUnexported(Run{})); diff != "" {
		t.Errorf("the newest (-want +got):\n%s", diff)
	}
	var text bytes.Buffer
	if err := WriteList(&text, runs[:1]); err != nil || !strings.HasSuffix(text.String(), "2026-11-22 12:06:00  crowd    10      2.00 s, by hand  VALID      none        1.2-y      build=1.2 grid=staging\n") {
		t.Errorf("%v\n%s", err, text.String())
	}
}

func TestRunsThatLostLoadAreMarked(t *testing.T) {
	root := past(t)
	fake(t, root, "1.1-z", 7, time.Second, func(m *results.Manifest) {
		m.LostLoad = []results.LostLoad{{From: 1, What: "segment 1:3"}}
	})
	x := opened(t, root, false)
	runs, err := x.Runs(t.Context(), Filter{})
	if err != nil || !runs[0].LostLoad || runs[1].LostLoad {
		t.Fatalf("%v, %+v", err, runs)
	}
	var text bytes.Buffer
	if err := WriteList(&text, runs); err != nil || !strings.Contains(text.String(), "2.00 s, load lost  VALID") {
		t.Errorf("%v\n%s", err, text.String())
	}
	trend, err := x.Trend(t.Context(), Metric{"login", "p95"}, "build", Filter{})
	if err != nil || !slices.Contains(trend.Notes, "1 of 6 runs left out: a part of the load was lost") || trend.Builds[1].Runs != 1 {
		t.Errorf("%v, %+v", err, trend)
	}
}

func TestTrendIsOfEachBuild(t *testing.T) {
	x := opened(t, past(t), false)
	trend, err := x.Trend(t.Context(), Metric{"login", "p95"}, "build", Filter{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, b := range trend.Builds {
		names = append(names, b.Name)
	}
	if !slices.Equal(names, []string{"1.0", "1.1", "1.2"}) {
		t.Fatalf("builds %q", names)
	}
	first, last := trend.Builds[0], trend.Builds[2]
	if first.Runs != 2 || math.Abs(first.Middle/2e8-1) > 0.001 || math.Abs(first.Least/1e8-1) > 0.001 || math.Abs(first.Most/4e8-1) > 0.001 || first.Change != nil {
		t.Errorf("100 and 400 ms come to %+v, want 200 ms", first)
	}
	if last.Runs != 1 || last.Change == nil || math.Abs(*last.Change+75) > 0.1 {
		t.Errorf("50 ms after 200 ms is %+v, want -75 %%", last)
	}
	if want := []string{"1 of 5 runs left out: scaled or paused by hand"}; !slices.Equal(trend.Notes, want) {
		t.Errorf("notes %q, want %q", trend.Notes, want)
	}
	var text, html bytes.Buffer
	if err := errors.Join(trend.WriteText(&text), trend.WriteHTML(&html)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"login.p95 by build", "1.0    2", "200 ms", "-75.0 %", "▇"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, text.String())
		}
	}
	if page := html.String(); !strings.Contains(page, "<svg") || !strings.Contains(page, "-75.0 %") || strings.Contains(page, "http") {
		t.Errorf("the page lacks its chart or a figure, or needs the network:\n%.2000s", page)
	}
	errorsOf, err := x.Trend(t.Context(), Metric{"login", "errors"}, "build", Filter{Tags: map[string]string{"grid": "live"}})
	if err != nil || len(errorsOf.Builds) != 1 || math.Abs(errorsOf.Builds[0].Middle-100.0/11) > 1e-6 {
		t.Errorf("%+v, %v; want one build with 1 error of 11", errorsOf, err)
	}
}

func TestMetricsThatThereAreNot(t *testing.T) {
	for _, text := range []string{"", "login", "login.p42", ".p95", "login."} {
		if _, err := ParseMetric(text); !errors.As(err, new(*MetricError)) {
			t.Errorf("%q: %v", text, err)
		}
	}
	x := opened(t, past(t), false)
	_, err := x.Trend(t.Context(), Metric{"logni", "p95"}, "build", Filter{})
	if err == nil || !strings.Contains(err.Error(), "did you mean login?") {
		t.Errorf("an operation that no run has: %v", err)
	}
}

// The index follows the directories: new, changed, gone and broken ones.
func TestTheIndexFollowsTheDirectories(t *testing.T) {
	root := past(t)
	if err := opened(t, root, false).Close(); err != nil {
		t.Fatal(err)
	}
	fake(t, root, "1.3-x", 9, time.Second, nil)
	broken := filepath.Join(root, "1.1-x", "manifest.json")
	if err := errors.Join(os.RemoveAll(filepath.Join(root, "1.0-x")), os.WriteFile(broken, []byte("{half"), 0o600)); err != nil {
		t.Fatal(err)
	}
	x := opened(t, root, false)
	if got, want := dirs(t, x, Filter{}), []string{"1.3-x", "1.2-y", "ab/1.2-x", "1.0-y"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	problems, err := x.Problems(t.Context())
	if err != nil || len(problems) != 1 || problems[0].Dir != "1.1-x" || !strings.Contains(problems[0].Why, "manifest.json") {
		t.Errorf("problems %+v, %v; want the broken one named", problems, err)
	}
}

// Links lead to the folder, but nowhere below it: they may go round in circles.
func TestTheFolderMayBeALink(t *testing.T) {
	root := past(t)
	link := filepath.Join(t.TempDir(), "runs")
	if err := errors.Join(os.Symlink(root, link), os.Symlink(root, filepath.Join(root, "ab", "round"))); err != nil {
		if runtime.GOOS == "windows" {
			t.Skip("Windows lets not everybody make links:", err)
		}
		t.Fatal(err)
	}
	if got := dirs(t, opened(t, link, false), Filter{}); !slices.Equal(got, everything) {
		t.Errorf("%q, want %q", got, everything)
	}
}

// An index that can't be kept is made all the same.
func TestAFolderThatTakesNoIndex(t *testing.T) {
	root := past(t)
	if err := os.MkdirAll(filepath.Join(root, File, "held"), 0o700); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got := dirs(t, opened(t, root, false), Filter{}); !slices.Equal(got, everything) {
			t.Errorf("%q, want %q", got, everything)
		}
	}
}

// Whatever becomes of the index, the directories give another.
func TestABrokenIndexIsMadeAnew(t *testing.T) {
	for name, spoil := range map[string]func(path string) error{
		"no index at all": os.Remove,
		"other bytes":     func(path string) error { return os.WriteFile(path, bytes.Repeat([]byte("nonsense"), 1000), 0o600) },
		"cut in half":     func(path string) error { return os.Truncate(path, 5000) },
		"empty":           func(path string) error { return os.Truncate(path, 0) },
		"another version": func(path string) error {
			data, err := os.ReadFile(path)
			if err == nil {
				data[63]++ // user_version, big-endian at 60
				err = os.WriteFile(path, data, 0o600)
			}
			return err
		},
		"a folder in its place": func(path string) error { return errors.Join(os.Remove(path), os.Mkdir(path, 0o700)) },
	} {
		t.Run(name, func(t *testing.T) {
			root := past(t)
			if err := opened(t, root, false).Close(); err != nil {
				t.Fatal(err)
			}
			if err := spoil(filepath.Join(root, File)); err != nil {
				t.Fatal(err)
			}
			if got := dirs(t, opened(t, root, false), Filter{}); !slices.Equal(got, everything) {
				t.Errorf("%q, want %q", got, everything)
			}
		})
	}
	root := past(t)
	if got := dirs(t, opened(t, root, true), Filter{}); !slices.Equal(got, everything) {
		t.Errorf("rebuilt: %q, want %q", got, everything)
	}
}

func TestManyAtOnceDontBreakIt(t *testing.T) {
	root := past(t)
	var all sync.WaitGroup
	for i := range 6 {
		all.Go(func() {
			x, err := Open(context.Background(), root, i%2 == 0)
			if err != nil {
				t.Error(err)
				return
			}
			defer x.Close()
			runs, err := x.Runs(context.Background(), Filter{})
			if err != nil || len(runs) != len(everything) {
				t.Errorf("%d runs, %v", len(runs), err)
			}
		})
	}
	all.Wait()
}
