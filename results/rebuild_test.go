package results

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/slload/slload/profiles"
)

func TestRebuildOfAFinishedRunIsItsSummary(t *testing.T) {
	m := Manifest{
		Thresholds: []profiles.Threshold{
			threshold(t, "login.p95 < 2s"), threshold(t, "errors < 1%"),
			threshold(t, "msg.chat.p99 < 10ms over 5s"),
		},
		HandScaled: true, Tags: map[string]string{"build": "1.4"},
	}
	for _, planned := range []float64{33, 86400} {
		m.PlannedSeconds = planned
		r := playCrowd(t, m)
		want := r.finish()
		if len(want.Verdict.Failed) != 2 {
			t.Errorf("failed: %q; want errors and the windowed one", want.Verdict.Failed)
		}
		if err := os.Remove(filepath.Join(r.Dir(), fileSummary)); err != nil {
			t.Fatal(err)
		}
		got, err := Rebuild(r.Dir())
		if err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprintf("rebuilt, planned for %v s", planned), got, want)
		var written Summary
		if err := json.Unmarshal(readFile(t, r.Dir(), fileSummary), &written); err != nil {
			t.Fatal(err)
		}
		same(t, "the summary.json that it wrote", &written, want)
	}
}

// TestKilledAtAnyMoment takes the run directory away after every second, as
// kill -9 leaves it, and wants everything but the last ten seconds back.
func TestKilledAtAnyMoment(t *testing.T) {
	for _, planned := range []float64{60, 86400} { // cuts every 10 s, every 240 s
		r := begin(t, Manifest{PlannedSeconds: planned})
		for second := range 24 {
			if second == 17 {
				r.phase("stage 2")
			}
			r.ok("msg.chat", 10, 20*ms)
			r.fail("msg.im", "timeout", 2)
			r.loops[0].Count("objects", 1)
			r.tick(s)
			got := rebuilt(t, snapshot(t, r.Dir()))
			now := float64(second + 1)
			if !got.Run.CutOff || len(got.Notes) == 0 || !strings.Contains(got.Notes[0], "cut off") {
				t.Fatalf("killed at %v s: cut_off %v, notes %q", now, got.Run.CutOff, got.Notes)
			}
			at := got.Run.Seconds
			if now-at > 10 {
				t.Errorf("killed at %v s: only %v s came back", now, at)
			}
			chat, im := got.Ops["msg.chat"], got.Ops["msg.im"]
			if chat.Count != int64(10*at) || im.Errors != int64(2*at) || got.Counters["objects"] != int64(at) {
				t.Errorf("killed at %v s, %v s came back with %d, %d, %d; want 10, 2 and 1 a second",
					now, at, chat.Count, im.Errors, got.Counters["objects"])
			}
			if got.Transport.PacketsReceived != int64(1000*at) {
				t.Errorf("killed at %v s, %v s came back with %d packets", now, at, got.Transport.PacketsReceived)
			}
		}
	}
}

func TestKilledBetweenTheCutAndItsCheckpoint(t *testing.T) {
	r := begin(t, Manifest{})
	r.ticks(10, func() { r.ok("login", 1, ms); r.fail("login", "presence", 1) })
	old := readFile(t, r.Dir(), fileCheckpoint)
	r.ticks(10, func() { r.ok("login", 1, ms); r.fail("login", "presence", 1) })
	dir := snapshot(t, r.Dir())
	if err := os.WriteFile(filepath.Join(dir, fileCheckpoint), old, 0o600); err != nil {
		t.Fatal(err)
	}
	got := rebuilt(t, dir)
	if op := got.Ops["login"]; op.Count != 20 || op.Errors != 20 || got.Run.Seconds != 20 {
		t.Errorf("%d ok, %d failed, %v s; want all of the 20 that the log has", op.Count, op.Errors, got.Run.Seconds)
	}
}

func TestRebuildWithoutCheckpoint(t *testing.T) {
	r := playCrowd(t, Manifest{})
	want := r.finish()
	if err := os.Remove(filepath.Join(r.Dir(), fileCheckpoint)); err != nil {
		t.Fatal(err)
	}
	got := rebuilt(t, r.Dir())
	if !got.Run.CutOff || len(got.Notes) != 2 || !strings.Contains(got.Notes[0], "checkpoint.json cannot be read") {
		t.Errorf("cut_off %v, notes %q; want it to say so", got.Run.CutOff, got.Notes)
	}
	got.Run.CutOff, got.Notes = false, nil
	same(t, "rebuilt from histograms and timeline alone", got, want)
}

func TestRebuildNotesWhatIsDamaged(t *testing.T) {
	for _, test := range []struct {
		name, file string
		damage     func(data string) string
		note       string
		chat       int64 // of 300
	}{
		{"a byte in a histogram", fileHlog, func(s string) string {
			i := strings.Index(s, "Tag=msg.chat.response,10.000")
			return s[:i+100] + "!" + s[i+101:]
		}, "histograms.hlog: damaged parts that were left out: 1", 200},
		{"a histogram's line gone", fileHlog, func(s string) string {
			i := strings.Index(s, "Tag=msg.chat.service,10.000")
			return s[:i] + s[i+strings.Index(s[i:], "\n")+1:]
		}, "histograms.hlog: damaged parts that were left out: 1", 200},
		{"the log's end gone", fileHlog, func(s string) string {
			return s[:strings.Index(s, "Tag=msg.chat.response,20.000")+20]
		}, "ends at 20 s, before its last checkpoint at 30 s", 200},
		{"the log gone", fileHlog, func(string) string { return "" }, "ends at 0 s", 0},
		{"a line of the timeline", fileTimeline, func(s string) string {
			return strings.Replace(s, `"t":7,`, `"t":`, 1)
		}, "timeline.jsonl: damaged parts that were left out: 1", 300},
		{"an empty checkpoint", fileCheckpoint, func(string) string { return "" },
			"checkpoint.json cannot be read", 300},
		{"a checkpoint from elsewhere", fileCheckpoint, func(s string) string {
			return strings.Replace(s, checkpointSchema, "other/1", 1)
		}, `its schema is "other/1"`, 300},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := begin(t, Manifest{})
			r.ticks(30, func() { r.ok("msg.chat", 10, 20*ms) })
			r.finish()
			path := filepath.Join(r.Dir(), test.file)
			if err := os.WriteFile(path, []byte(test.damage(string(readFile(t, path)))), 0o600); err != nil {
				t.Fatal(err)
			}
			got := rebuilt(t, r.Dir())
			if notes := strings.Join(got.Notes, "\n"); !strings.Contains(notes, test.note) {
				t.Errorf("notes %q, want %q among them", notes, test.note)
			}
			if n := got.Ops["msg.chat"].Count; n != test.chat {
				t.Errorf("%d chats came back, want %d", n, test.chat)
			}
		})
	}
}

func TestRebuildNamesMissingFiles(t *testing.T) {
	r := playCrowd(t, Manifest{})
	r.finish()
	for _, name := range []string{fileHlog, fileTimeline} {
		if err := os.Remove(filepath.Join(r.Dir(), name)); err != nil {
			t.Fatal(err)
		}
	}
	notes := strings.Join(rebuilt(t, r.Dir()).Notes, "\n")
	for _, want := range []string{"histograms.hlog is missing", "timeline.jsonl is missing"} {
		if !strings.Contains(notes, want) {
			t.Errorf("notes %q, want %q among them", notes, want)
		}
	}
}

func TestRebuildNeedsARunDirectory(t *testing.T) {
	for _, test := range []struct{ manifest, want string }{
		{"", "is no run directory"},
		{"{", "unexpected end of JSON input"},
		{`{"schema":"slload/manifest/9"}`, `its schema is "slload/manifest/9"`},
	} {
		dir := t.TempDir()
		if test.manifest != "" {
			if err := os.WriteFile(filepath.Join(dir, fileManifest), []byte(test.manifest), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := Rebuild(dir); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("manifest %q: error %v, want %q in it", test.manifest, err, test.want)
		}
	}
}

// TestTruncatedAnywhere cuts the files of a run at arbitrary points: whatever is
// left, a summary comes of it, and it never tells more than was.
func TestTruncatedAnywhere(t *testing.T) {
	r := playCrowd(t, Manifest{})
	full := r.finish()
	rapid.Check(t, func(rt *rapid.T) {
		dir := snapshot(t, r.Dir())
		for _, name := range []string{fileHlog, fileTimeline, fileEvents, fileCheckpoint, fileSummary} {
			path := filepath.Join(dir, name)
			size := int64(len(readFile(t, path)))
			if rapid.Bool().Draw(rt, "cut "+name) {
				size = rapid.Int64Range(0, size).Draw(rt, name)
			}
			if err := os.Truncate(path, size); err != nil {
				rt.Fatal(err)
			}
		}
		got := rebuilt(t, dir)
		if got.Run.Seconds > full.Run.Seconds {
			rt.Errorf("%v s of %v s", got.Run.Seconds, full.Run.Seconds)
		}
		for op, o := range got.Ops {
			if o.Count > full.Ops[op].Count || o.Errors > full.Ops[op].Errors {
				rt.Errorf("%s: %d and %d came out of %d and %d", op, o.Count, o.Errors, full.Ops[op].Count, full.Ops[op].Errors)
			}
		}
	})
}

// TestHlogTruncatedAnywhere wants of a torn log exactly the cuts that are whole.
func TestHlogTruncatedAnywhere(t *testing.T) {
	r := playCrowd(t, Manifest{})
	r.finish()
	data := string(readFile(t, r.Dir(), fileHlog))
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		n := rng.IntN(len(data) + 1)
		whole := 0
		for line := range strings.Lines(data[:n]) {
			if strings.HasPrefix(line, "#[Cut: ") && strings.HasSuffix(line, "\n") {
				whole++
			}
		}
		got := 0
		damaged, err := readHlog(strings.NewReader(data[:n]), func(cut) { got++ })
		if err != nil || damaged != 0 || got != whole {
			t.Errorf("cut at %d: %d cuts, %d damaged, error %v; want %d", n, got, damaged, err, whole)
		}
	}
}

func TestLinesTooLongAreLeftOut(t *testing.T) {
	var got []string
	in := "one\n" + strings.Repeat("x", 3*maxLine) + "\ntwo\nthree"
	if err := eachLine(strings.NewReader(in), func(l []byte) { got = append(got, string(l)) }); err != nil {
		t.Fatal(err)
	}
	same(t, "lines", got, []string{"one", "two"})
}
