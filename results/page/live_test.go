package page

import (
	"math"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/slload/slload/results"
)

// live is the run of the tests as a server shows it.
func live(t *testing.T, l Live) *Run {
	t.Helper()
	r, err := Read(write(t))
	ok(t, err)
	r.Live = &l
	return r
}

func TestALivePageRunsItsOwnScriptAlone(t *testing.T) {
	text, root := parsed(t, live(t, Live{Version: "v.1", Going: true, Phase: "stage 2", Planned: 40}))
	scripts := 0
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "script" {
			continue
		}
		scripts++
		if n.FirstChild.Data != script {
			t.Errorf("the script is another than its hash is of: %.200s", n.FirstChild.Data)
		}
	}
	if scripts != 1 {
		t.Errorf("%d scripts, want the page's own", scripts)
	}
	if !strings.Contains(text, `script-src &#39;`+strings.ReplaceAll(hashOf(script), "+", "&#43;")) {
		t.Error("the page's policy doesn't allow its script")
	}
}

func TestALivePageSaysThatItIs(t *testing.T) {
	text, root := parsed(t, live(t, Live{Version: "v.1", Going: true, Phase: "stage 2", Planned: 40}))
	got := outline(root)
	for _, want := range []string{
		"h1: ▸ RUNNING : 0:20 of 0:40, stage 2\n", "tr: login.p95 < 2s | ✓ holding\n",
		"tr: msg.chat.p99 < 10ms | ✕ failing : was", " in world now;",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page doesn't say %q:\n%.1500s", want, got)
		}
	}
	if !strings.Contains(text, `data-version="v.1" data-state="going"`) || !strings.Contains(text, `<progress value="20" max="40">`) {
		t.Errorf("the page doesn't tell where the run is:\n%.8000s", text)
	}
	text, _ = parsed(t, live(t, Live{Version: "v.2", Failure: "interrupted <by> hand"}))
	for _, want := range []string{`data-state="over"`, "The run ended before its time: interrupted &lt;by&gt; hand", `class="FAILED">✕ FAILED`} {
		if !strings.Contains(text, want) {
			t.Errorf("the page of the end doesn't say %q", want)
		}
	}
}

func TestAThresholdWithoutSamplesIsOpenWhileTheRunGoesOn(t *testing.T) {
	r := live(t, Live{Going: true})
	r.Manifest.Thresholds = append(r.Manifest.Thresholds, threshold(t, "teleport.p95 < 1s"))
	r.Summary.Verdict.Failed = append(r.Summary.Verdict.Failed, r.Manifest.Thresholds[2].String()+": no samples")
	if _, root := parsed(t, r); !strings.Contains(outline(root), "tr: teleport.p95 < 1s | · no samples yet\n") {
		t.Error("a run that has just begun says that a threshold failed")
	}
	r.Live = nil
	if _, root := parsed(t, r); !strings.Contains(outline(root), "tr: teleport.p95 < 1s | ✕ failed : no samples\n") {
		t.Error("a run that is over leaves a threshold open")
	}
}

func TestATimelineStaysSmallAndLosesNothing(t *testing.T) {
	var tl Timeline
	const n = 5000
	for i := range n {
		tl.Add(results.Line{T: float64(i + 1), Seconds: 1, Ops: map[string]results.LineOp{"login": {Count: 1, P99: int64(i % 777)}}})
	}
	var count, worst int64
	var seconds float64
	lines := tl.Lines()
	for _, l := range lines {
		count, worst, seconds = count+l.Ops["login"].Count, max(worst, l.Ops["login"].P99), seconds+l.Seconds
	}
	if len(lines) >= 2*maxLines || count != n || worst != 776 || seconds != n || lines[len(lines)-1].T != n {
		t.Errorf("%d lines of %v s with %d, at worst %d", len(lines), seconds, count, worst)
	}
}

func TestClock(t *testing.T) {
	for seconds, want := range map[float64]string{0: "0:00", 9.4: "0:09", 59.6: "1:00", 125: "2:05", 3600: "1:00:00", 90061: "25:01:01", math.NaN(): "0:00", -3: "0:00"} {
		if got := clock(seconds); got != want {
			t.Errorf("%v s are written %s, want %s", seconds, got, want)
		}
	}
}
