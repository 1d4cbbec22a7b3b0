package page

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"github.com/slload/slload/results"
)

func TestChartsStayWithinTheirBox(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := anyRun(rt)
		_, root := parsed(t, r)
		for n := range root.Descendants() {
			if n.Data != "path" {
				continue
			}
			for _, a := range n.Attr {
				if a.Key == "d" {
					within(rt, a.Val)
				}
			}
		}
	})
}

var number = regexp.MustCompile(`[ML](-?[^,]+),(-?[^ML]+)`)

// within fails where a path of a chart leaves it by more than a stroke.
func within(t *rapid.T, path string) {
	points := number.FindAllStringSubmatch(strings.ReplaceAll(path, "Z", ""), -1)
	if len(points) == 0 {
		t.Fatalf("the path %q has no points", path)
	}
	for _, p := range points {
		x, errX := strconv.ParseFloat(p[1], 64)
		y, errY := strconv.ParseFloat(p[2], 64)
		if errX != nil || errY != nil || !(x >= -1 && x <= chartWidth+1 && y >= -1 && y <= chartHeight+1) {
			t.Fatalf("the path %q leaves its chart at %s", path, p[0])
		}
	}
}

// anyRun is a run whose timeline may say anything.
func anyRun(t *rapid.T) *Run {
	seconds := rapid.Float64Range(0, 1e5).Draw(t, "seconds")
	n := rapid.IntRange(0, 8).Draw(t, "lines")
	value := rapid.OneOf(rapid.Float64Range(0, 1e12), rapid.SampledFrom([]float64{0, 1, -1, math.MaxFloat64, 1e-300}))
	latency := rapid.OneOf(rapid.Int64Range(0, int64(time.Hour)), rapid.SampledFrom([]int64{-1, 0, 1, math.MaxInt64}))
	counter := rapid.Int64Range(-5, math.MaxInt64)
	s := &results.Summary{
		Run: results.Run{Seconds: seconds}, Ops: map[string]results.Op{"login": {Count: 1}},
		Errors:     []results.ErrorCount{{Op: "login", Reason: "timeout", Count: 1}},
		Simulators: []results.SimulatorSummary{{Region: "Plaza"}},
		Generator:  results.Generator{MachineCores: 2},
	}
	workers := rapid.SampledFrom([]int{0, 2, 8}).Draw(t, "workers")
	for i := range workers {
		s.Workers = append(s.Workers, results.WorkerSummary{Worker: fmt.Sprint("host", i)})
	}
	th := newThinner(seconds)
	for range n {
		o := results.LineOp{Count: counter.Draw(t, "count"), P50: latency.Draw(t, "p50"), P95: latency.Draw(t, "p95"), P99: latency.Draw(t, "p99")}
		o.Reasons = map[string]int64{"timeout": counter.Draw(t, "errors")}
		l := results.Line{
			T: rapid.Float64Range(0, seconds+10).Draw(t, "t"), Seconds: rapid.Float64Range(0, 10).Draw(t, "of"),
			Ops:        map[string]results.LineOp{"login": o},
			Simulators: []results.Simulator{{Region: "Plaza", FPS: value.Draw(t, "fps"), TimeDilation: value.Draw(t, "dilation")}},
		}
		l.Agents.Target, l.Agents.InWorld = int(counter.Draw(t, "target")), int(counter.Draw(t, "in world"))
		l.Transport.PacketsSent, l.Generator.CPUSeconds = counter.Draw(t, "sent"), value.Draw(t, "cpu")
		l.InPhase.TickLagP99NS = latency.Draw(t, "lag")
		for i := range workers {
			l.Workers = append(l.Workers, results.WorkerLine{
				Worker: fmt.Sprint("host", i), State: rapid.SampledFrom([]string{results.WorkerRunning, results.WorkerLost, ""}).Draw(t, "state"),
				InWorld: int(counter.Draw(t, "in world")), CoresUsed: value.Draw(t, "cores"), TickLagP99NS: latency.Draw(t, "lag"),
			})
		}
		th.add(l)
	}
	return &Run{Manifest: &results.Manifest{}, Summary: s, Lines: th.lines}
}

// TestColoursAreTheStyleSheets keeps charts readable in the dark.
func TestColoursAreTheStyleSheets(t *testing.T) {
	r, err := Read(write(t))
	ok(t, err)
	text, root := parsed(t, r)
	_, body, _ := strings.Cut(text, "</style>")
	if hex := regexp.MustCompile(`#[0-9A-Fa-f]{6}`).FindString(body); hex != "" {
		t.Errorf("a chart has the colour %s of its own", hex)
	}
	if strings.Contains(body, "font-family") {
		t.Error("a chart has a font of its own")
	}
	charts := 0
	for n := range root.Descendants() {
		if n.Data == "figure" {
			charts++
			if lines := strings.Count(svgOf(n), "var(--c"); lines == 0 {
				t.Errorf("a chart has no line: %s", words(n))
			}
		}
	}
	if charts < 10 {
		t.Errorf("the page has %d charts", charts)
	}
}

func svgOf(n *html.Node) string {
	var b strings.Builder
	_ = html.Render(&b, n)
	return b.String()
}

func TestALongRunsPageIsSmall(t *testing.T) {
	const hours, ops, regions = 24, 40, 12
	s := &results.Summary{Run: results.Run{Seconds: hours * 3600}, Ops: map[string]results.Op{}}
	for i := range regions {
		s.Simulators = append(s.Simulators, results.SimulatorSummary{Region: fmt.Sprint("Region ", i)})
	}
	th := newThinner(s.Run.Seconds)
	for i := range hours * 60 {
		l := results.Line{T: float64(60 * (i + 1)), Seconds: 60, Ops: map[string]results.LineOp{}}
		for op := range ops {
			name := fmt.Sprint("msg.kind", op)
			s.Ops[name] = results.Op{Count: 1}
			wave := int64(1e6 * (2 + math.Sin(float64(i*op))))
			l.Ops[name] = results.LineOp{Count: 1, P50: wave, P95: 3 * wave, P99: 7 * wave}
		}
		for _, sim := range s.Simulators {
			l.Simulators = append(l.Simulators, results.Simulator{Region: sim.Region, FPS: 50 + 5*math.Sin(float64(i)), TimeDilation: 0.9})
		}
		th.add(l)
	}
	r := &Run{Manifest: &results.Manifest{}, Summary: s, Lines: th.lines}
	text, root := parsed(t, r)
	if len(text) > 2<<20 {
		t.Errorf("the page has %d bytes", len(text))
	}
	if rows := strings.Count(outline(root), "tr: msg.kind"); rows != ops {
		t.Errorf("the table has %d operations, want all %d", rows, ops)
	}
	if got := len(r.Latencies()); got != maxOps {
		t.Errorf("%d operations have charts, want %d", got, maxOps)
	}
}
