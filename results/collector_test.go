package results

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
	"github.com/slload/slload/internal/wholefile"
	"pgregory.net/rapid"

	"github.com/slload/slload/profiles"
)

// playCrowd plays a small run of every kind of thing: logins that ramp up, a
// warm-up, chatting with failures, logouts.
func playCrowd(t *testing.T, m Manifest) *testRun {
	r := begin(t, m)
	r.state.Agents.Target = 12
	r.ticks(6, func() {
		r.ok("login", 2, 80*ms+r.state.T/100)
		r.fail("login", "presence", 1)
		r.state.Agents.InWorld += 2
		r.state.Agents.Logins += 2
		r.state.Agents.LoginFailures++
		r.loops[0].Event(Event{T: r.state.T, Name: "login.failed", Agent: "Load Bot7", Op: "login", Reason: "presence"})
	})
	r.phase("warmup")
	r.ticks(5, func() { r.ok("msg.ping", 12, 900*µs) })
	r.advance(500 * ms)
	r.phase("stage 2")
	r.state.Simulators = []Simulator{{Region: "Alpha", FPS: 55, TimeDilation: 0.98, Agents: 12, Scripts: 3}}
	r.ticks(20, func() {
		r.ok("msg.chat", 40, 20*ms+r.state.T/1000)
		r.fail("msg.chat", "timeout", 1)
		r.loops[1].Count("scene.objects", 5)
	})
	r.state.Simulators = []Simulator{{Region: "Alpha", FPS: 45, TimeDilation: 0.9}}
	r.state.Agents.Lost = 1
	r.state.Agents.InWorld--
	r.tick(s)
	r.phase(PhaseLogout)
	r.state.Agents.InWorld = 0
	r.ok("logout", 11, 15*ms)
	r.tick(700 * ms)
	return r
}

func TestSummaryOfARun(t *testing.T) {
	m := Manifest{
		Thresholds: []profiles.Threshold{threshold(t, "login.p95 < 2s"), threshold(t, "errors < 1%")},
		Tags:       map[string]string{"build": "1.4"}, ProfileSHA256: strings.Repeat("ab", 32),
	}
	r := playCrowd(t, m)
	r.finish()
	golden(t, "summary.json", readFile(t, r.Dir(), fileSummary))
}

func TestManifestIsWrittenFirst(t *testing.T) {
	r := begin(t, Manifest{
		ProfileSHA256: strings.Repeat("ab", 32), PlannedSeconds: 30, Agents: 12,
		Thresholds: []profiles.Threshold{threshold(t, "msg.chat.p99 < 500ms over 1m abort")},
		LoginURI:   "http://127.0.0.1:9000/", EmbeddedGrid: true, Transport: "shared", Loops: 2,
		Version: "0.1.0", Go: "go1.26", OS: "linux", Arch: "amd64", Cores: 2,
	})
	golden(t, "manifest.json", readFile(t, r.Dir(), fileManifest))
	same(t, "config.yaml", string(readFile(t, r.Dir(), fileConfig)), "name: crowd\n")
	got, err := ReadManifest(r.Dir())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "read back", got, r.manifest)
}

func TestARunWithoutANameGetsOne(t *testing.T) {
	c, err := NewCollector(Config{Parent: t.TempDir(), Manifest: Manifest{Profile: "smoke", Started: started}, Phase: "stage 1"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.files.close()
	if !strings.HasPrefix(c.ID(), "20261122-175633-smoke-") || filepath.Base(c.Dir()) != c.ID() {
		t.Errorf("the run %s is in %s", c.ID(), c.Dir())
	}
}

func TestSummaryFileIsTheSummary(t *testing.T) {
	r := playCrowd(t, Manifest{})
	want := r.finish()
	var got Summary
	if err := json.Unmarshal(readFile(t, r.Dir(), fileSummary), &got); err != nil {
		t.Fatal(err)
	}
	same(t, "summary.json", &got, want)
}

func TestAgentsAtTheEndAreCountedBeforeTheyLogOut(t *testing.T) {
	got := playCrowd(t, Manifest{}).finish().Agents
	same(t, "agents", got, AgentTotals{Target: 12, Peak: 12, InWorldAtEnd: 11, Logins: 12, LoginFailures: 6, Lost: 1})
}

func TestPhasesAddUpToTheRun(t *testing.T) {
	got := playCrowd(t, Manifest{}).finish()
	var names []string
	sums := map[string]int64{}
	to := 0.0
	for _, p := range got.Phases {
		names = append(names, p.Name)
		if p.From != to {
			t.Errorf("phase %s begins at %v s, the one before ends at %v s", p.Name, p.From, to)
		}
		to = p.To
		for op, o := range p.Ops {
			sums[op] += o.Count
		}
	}
	same(t, "phases", names, []string{"stage 1", "warmup", "stage 2", "logout"})
	for op, o := range got.Ops {
		if sums[op] != o.Count {
			t.Errorf("%s: the phases have %d, the run %d", op, sums[op], o.Count)
		}
	}
	if to != got.Run.Seconds {
		t.Errorf("the last phase ends at %v s, the run at %v s", to, got.Run.Seconds)
	}
}

// hlogTotals reads a log with hdrhistogram-go's own reader.
func hlogTotals(t *testing.T, data []byte) map[string]*hdr.Histogram {
	t.Helper()
	totals := map[string]*hdr.Histogram{}
	in := hdr.NewHistogramLogReader(bytes.NewReader(data))
	for {
		h, err := in.NextIntervalHistogram()
		if err != nil {
			t.Fatal(err)
		}
		if h == nil {
			return totals
		}
		if totals[h.Tag()] == nil {
			totals[h.Tag()] = newDense()
		}
		if dropped := totals[h.Tag()].Merge(h); dropped > 0 {
			t.Fatalf("%s: %d values are out of range", h.Tag(), dropped)
		}
	}
}

func TestHlogTotalsAreTheSummarys(t *testing.T) {
	r := playCrowd(t, Manifest{})
	got := r.finish()
	totals := hlogTotals(t, readFile(t, r.Dir(), fileHlog))
	if len(totals) != 2*len(got.Ops) {
		t.Errorf("the log has %d tags, want two for each of %d operations", len(totals), len(got.Ops))
	}
	for op, o := range got.Ops {
		for kind, q := range map[string]Quantiles{kindResponse: o.ResponseNS, kindService: o.ServiceNS} {
			h := totals[op+"."+kind]
			if h == nil {
				t.Errorf("the log has no %s.%s", op, kind)
				continue
			}
			same(t, op+"."+kind, [4]int64{h.TotalCount(), h.ValueAtPercentile(50), h.ValueAtPercentile(99), h.Max()},
				[4]int64{o.Count, q.P50, q.P99, q.Max})
		}
	}
}

func TestHlogTellsAbsoluteTimes(t *testing.T) {
	r := playCrowd(t, Manifest{})
	r.finish()
	in := hdr.NewHistogramLogReader(bytes.NewReader(readFile(t, r.Dir(), fileHlog)))
	h, err := in.NextIntervalHistogram()
	if err != nil {
		t.Fatal(err)
	}
	// The reader computes in floating point: a millisecond may be lost.
	if off := h.StartTimeMs() - started.UnixMilli(); off < -1 || off > 1 {
		t.Errorf("the first interval begins %d ms off the run's start", off)
	}
	if length := h.EndTimeMs() - h.StartTimeMs(); length < 5999 || length > 6001 {
		t.Errorf("the first interval lasts %d ms, want the 6 s of the first phase", length)
	}
}

func TestCutsKeepToPhases(t *testing.T) {
	r := playCrowd(t, Manifest{})
	r.finish()
	var got []string
	damaged, err := readHlog(bytes.NewReader(readFile(t, r.Dir(), fileHlog)), func(c cut) {
		got = append(got, fmt.Sprintf("%v-%v %s", c.from, c.to, c.phase))
	})
	if err != nil || damaged != 0 {
		t.Fatalf("%d damaged cuts, error %v", damaged, err)
	}
	same(t, "cuts", got, []string{
		"0s-6s stage 1", "6s-10s warmup", "10s-11.5s warmup", "11.5s-19.5s stage 2",
		"19.5s-29.5s stage 2", "29.5s-32.5s stage 2", "32.5s-33.2s logout",
	})
}

func TestTimelineHasALineASecond(t *testing.T) {
	r := playCrowd(t, Manifest{})
	r.finish()
	var times []float64
	byOp := map[string]int64{}
	damaged, err := readTimeline(bytes.NewReader(readFile(t, r.Dir(), fileTimeline)), func(l Line) {
		times = append(times, l.T)
		for op, o := range l.Ops {
			byOp[op+" ok"] += o.Count
			byOp[op+" failed"] += o.Errors
		}
	})
	if err != nil || damaged != 0 {
		t.Fatalf("%d damaged lines, error %v", damaged, err)
	}
	// Phases that end within a second end a line there.
	if n, last := len(times), times[len(times)-1]; n != 34 || last != 33.2 {
		t.Errorf("%d lines up to %v s, want 34 up to 33.2 s", n, last)
	}
	same(t, "totals", byOp, map[string]int64{
		"login ok": 12, "login failed": 6, "msg.ping ok": 60, "msg.ping failed": 0,
		"msg.chat ok": 800, "msg.chat failed": 20, "logout ok": 11, "logout failed": 0,
	})
}

func TestTimelineLine(t *testing.T) {
	r := playCrowd(t, Manifest{})
	r.finish()
	lines := bytes.SplitAfter(readFile(t, r.Dir(), fileTimeline), []byte("\n"))
	golden(t, "timeline-line.json", lines[12])
}

func TestEventsAreInOrderAndBounded(t *testing.T) {
	r := begin(t, Manifest{})
	r.loops[1].Event(Event{T: 700 * ms, Name: "agent.lost", Agent: "Load Bot2", Region: "Alpha", Reason: "timeout"})
	for range 100 {
		r.loops[0].Event(Event{T: 300 * ms, Name: "login.failed", Detail: strings.Repeat("ü", 500)})
	}
	r.Event(Event{T: 500 * ms, Name: "disk.slow"})
	r.tick(s)
	r.finish()
	var names []string
	for line := range bytes.Lines(readFile(t, r.Dir(), fileEvents)) {
		var e eventLine
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatal(err)
		}
		if len(e.Detail) > maxEventText {
			t.Errorf("a detail of %d bytes", len(e.Detail))
		}
		if len(names) == 0 || names[len(names)-1] != e.Name {
			names = append(names, e.Name)
		}
		if e.Name == EventSuppressed && (e.Of != "login.failed" || e.Count != 100-maxEventsPerName) {
			t.Errorf("%d of %s were suppressed, want %d of login.failed", e.Count, e.Of, 100-maxEventsPerName)
		}
	}
	same(t, "events", names, []string{EventPhase, "login.failed", "disk.slow", "agent.lost", EventSuppressed, EventEnd})
}

func TestProgressCoversTheRunSoFar(t *testing.T) {
	r := begin(t, Manifest{})
	r.state.Agents.InWorld = 3
	r.ticks(3, func() { r.ok("login", 1, 80*ms); r.fail("login", "presence", 2); r.loops[0].Count("n", 4) })
	got := r.Progress()
	near(t, "p95", got.Ops["login"].P95, 80*ms)
	if op := got.Ops["login"]; got.T != 3 || op.Count != 3 || op.Errors != 6 || got.Counters["n"] != 12 ||
		got.Agents.InWorld != 3 || got.Phase != "stage 1" {
		t.Errorf("after 3 s the progress is %+v", got)
	}
}

func TestFlushSyncsBeforeItsCheckpoint(t *testing.T) {
	r := begin(t, Manifest{})
	var synced []string
	was := wholefile.Sync
	defer func() { wholefile.Sync = was }()
	wholefile.Sync = func(f *os.File) error {
		name := filepath.Base(f.Name())
		if strings.HasPrefix(name, ".") {
			name = strings.TrimRight(name, "0123456789") // which are drawn
		}
		synced = append(synced, name)
		return nil
	}
	r.ticks(9, func() { r.ok("login", 1, ms) })
	same(t, "synced in the first 9 s", synced, nil)
	r.tick(s)
	same(t, "synced at 10 s", synced, []string{
		fileHlog, fileTimeline, fileEvents, fileLog, "." + fileCheckpoint + "-", filepath.Base(r.Dir()),
	})
}

func TestLogFileTakesSlog(t *testing.T) {
	r := begin(t, Manifest{})
	slog.New(slog.NewJSONHandler(r.LogFile(), nil)).Info("hello")
	r.finish()
	if log := string(readFile(t, r.Dir(), fileLog)); !strings.Contains(log, `"msg":"hello"`) {
		t.Errorf("slload.log holds %q", log)
	}
}

func TestRunDirectoryIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	r := playCrowd(t, Manifest{})
	r.finish()
	if info, _ := os.Stat(r.Dir()); info.Mode().Perm() != 0o700 {
		t.Errorf("the directory has mode %v", info.Mode())
	}
	entries, err := os.ReadDir(r.Dir())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
		if info, _ := e.Info(); info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", e.Name(), info.Mode())
		}
	}
	same(t, "files", names, []string{
		"checkpoint.json", "config.yaml", "events.jsonl", "histograms.hlog",
		"manifest.json", "slload.log", "summary.json", "timeline.jsonl",
	})
}

func TestADirectoryHoldsOneRun(t *testing.T) {
	r := begin(t, Manifest{})
	r.finish()
	before := readFile(t, r.Dir(), fileSummary)
	_, err := NewCollector(Config{Dir: r.Dir(), Phase: "stage 1"})
	if err == nil || !strings.Contains(err.Error(), "holds a run already") {
		t.Errorf("a second run in the same directory: %v", err)
	}
	if !bytes.Equal(before, readFile(t, r.Dir(), fileSummary)) {
		t.Error("the first run's summary was touched")
	}
}

func TestUnusableParentIsOneClearError(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := NewCollector(Config{Parent: filepath.Join(file, "runs"), Phase: "stage 1"})
	if err == nil || !strings.Contains(err.Error(), "make the run directory") || strings.Contains(err.Error(), "\n") {
		t.Errorf("a parent that is a file: %v", err)
	}
}

func TestLongRunsHaveFewerLinesAndCuts(t *testing.T) {
	for _, test := range []struct {
		planned    time.Duration
		log, lines time.Duration
	}{
		{0, 10 * s, s},
		{30 * s, 10 * s, s},
		{time.Hour, 10 * s, s},
		{time.Hour + s, 20 * s, s},
		{12 * time.Hour, 120 * s, 10 * s},
		{7 * 24 * time.Hour, 1680 * s, 10 * s},
	} {
		if got := logEvery(test.planned); got != test.log {
			t.Errorf("%v: cuts every %v, want %v", test.planned, got, test.log)
		}
		if got := newTimeline(test.planned).every; got != test.lines {
			t.Errorf("%v: lines every %v, want %v", test.planned, got, test.lines)
		}
	}
}

// TestCollectorAgainstAModel plays random runs and keeps books beside them.
func TestCollectorAgainstAModel(t *testing.T) {
	fewerChecks(t)
	rapid.Check(t, func(rt *rapid.T) {
		planned := rapid.SampledFrom([]float64{30, 7200, 86400}).Draw(rt, "planned")
		r := begin(t, Manifest{PlannedSeconds: planned})
		totals := map[string]*hdr.Histogram{}
		failures := map[string]int64{}
		ops := rapid.SampledFrom([]string{"login", "msg.chat", "caps.seed"})
		rt.Repeat(map[string]func(*rapid.T){
			"ok": func(rt *rapid.T) {
				op, d := ops.Draw(rt, "op"), time.Duration(rapid.Int64Range(int64(µs), int64(time.Hour)).Draw(rt, "time"))
				n := rapid.IntRange(1, 50).Draw(rt, "n")
				r.ok(op, n, d)
				if totals[op] == nil {
					totals[op] = newDense()
				}
				totals[op].RecordValues(int64(d), int64(n))
			},
			"fail": func(rt *rapid.T) {
				op, n := ops.Draw(rt, "op"), rapid.IntRange(1, 5).Draw(rt, "n")
				r.fail(op, "timeout", n)
				failures[op] += int64(n)
			},
			"tick":  func(rt *rapid.T) { r.tick(time.Duration(rapid.IntRange(0, 3000).Draw(rt, "ms")) * ms) },
			"phase": func(rt *rapid.T) { r.phase(rapid.SampledFrom([]string{"stage 1", "stage 2"}).Draw(rt, "phase")) },
		})
		got := r.finish()
		for op, h := range totals {
			q := got.Ops[op].ResponseNS
			if got.Ops[op].Count != h.TotalCount() || q.P50 != h.ValueAtPercentile(50) ||
				q.P999 != h.ValueAtPercentile(99.9) || q.Min != h.Min() || q.Max != h.Max() {
				rt.Errorf("%s is %+v, the model has %d, p50 %d, max %d",
					op, got.Ops[op], h.TotalCount(), h.ValueAtPercentile(50), h.Max())
			}
		}
		for op, n := range failures {
			if got.Ops[op].Errors != n {
				rt.Errorf("%s failed %d times, the model has %d", op, got.Ops[op].Errors, n)
			}
		}
		again := rebuilt(t, r.Dir())
		same(t, "rebuilt", again, got)
	})
}

// TestALineHasWhatRegionsSaidSinceTheOneBefore holds for lines 10 s apart, too:
// regions speak every few seconds, and one that spoke early is not left out.
func TestALineHasWhatRegionsSaidSinceTheOneBefore(t *testing.T) {
	r := begin(t, Manifest{PlannedSeconds: 3 * 3600})
	var lines []Line
	r.OnLine = func(l Line) { lines = append(lines, l) }
	for second := range 20 {
		r.state.Simulators, r.state.Reports = nil, nil
		switch second {
		case 2:
			r.state.Simulators = []Simulator{{Region: "B", FPS: 40}, {Region: "A", FPS: 1}}
			r.state.Reports = []SimReport{{Region: "A", Frames: &SimFrames{FPS: 2}}}
		case 5:
			r.state.Simulators = []Simulator{{Region: "A", FPS: 50}}
			r.state.Reports = []SimReport{{Region: "A", Frames: &SimFrames{FPS: 3}}}
		}
		r.tick(s)
	}
	if len(lines) != 2 {
		t.Fatalf("%d lines in 20 s, want 2", len(lines))
	}
	same(t, "simulators", lines[0].Simulators, []Simulator{{Region: "A", FPS: 50}, {Region: "B", FPS: 40}})
	same(t, "reports", lines[0].Reports, []SimReport{{Region: "A", Frames: &SimFrames{FPS: 3}}})
	if lines[1].Simulators != nil || lines[1].Reports != nil {
		t.Errorf("the second line repeats the first: %+v", lines[1])
	}
}
