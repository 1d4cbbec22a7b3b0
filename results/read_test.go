package results

import (
	"os"
	"path/filepath"
	"testing"
)

func TestReadTimesAreTheSummarys(t *testing.T) {
	r := playCrowd(t, Manifest{PlannedSeconds: 33})
	want := r.finish()
	times, err := ReadTimes(r.Dir())
	if err != nil {
		t.Fatal(err)
	}
	for op, o := range want.Ops {
		at, ok := times[op]
		if ok != (o.Count > 0) {
			t.Errorf("%s: there are histograms: %v, with %d samples", op, ok, o.Count)
		} else if ok {
			same(t, op+", response", quantilesOf(at.Response), o.ResponseNS)
			same(t, op+", service", quantilesOf(at.Service), o.ServiceNS)
		}
	}
}

// TestReadTimesBetweenTwoCuts reads what stands in the checkpoint alone.
func TestReadTimesBetweenTwoCuts(t *testing.T) {
	r := begin(t, Manifest{PlannedSeconds: 86400}) // a cut every 240 s
	r.ticks(20, func() { r.ok("msg.chat", 10, 20*ms) })
	dir := snapshot(t, r.Dir())
	times, err := ReadTimes(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := times["msg.chat"].Response.TotalCount(), rebuilt(t, dir).Ops["msg.chat"].Count; got != want || got == 0 {
		t.Errorf("%d samples, want the %d of the rebuilt summary", got, want)
	}
}

func TestReadTimeline(t *testing.T) {
	r := begin(t, Manifest{PlannedSeconds: 5})
	r.ticks(5, func() { r.ok("msg.chat", 3, 20*ms) })
	r.finish()
	path := filepath.Join(r.Dir(), fileTimeline)
	if err := os.WriteFile(path, append([]byte("no JSON\n"), readFile(t, path)...), 0o600); err != nil {
		t.Fatal(err)
	}
	var at []float64
	if err := ReadTimeline(r.Dir(), func(l Line) { at = append(at, l.T) }); err != nil {
		t.Fatal(err)
	}
	same(t, "the lines' times, a damaged one left out", at, []float64{1, 2, 3, 4, 5})
	if err := ReadTimeline(t.TempDir(), func(Line) { t.Error("a line of no file") }); err != nil {
		t.Errorf("a run without a timeline: %v", err)
	}
}

func TestWriteReport(t *testing.T) {
	dir := t.TempDir()
	for _, page := range []string{"one", "another"} {
		path, err := WriteReport(dir, []byte(page))
		if err != nil {
			t.Fatal(err)
		}
		same(t, "the page", string(readFile(t, path)), page)
	}
	if _, err := WriteReport(filepath.Join(dir, "nowhere"), nil); err == nil {
		t.Error("a page was written where there is no directory")
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Errorf("the directory holds %v (%v), want report.html alone", files, err)
	}
}
