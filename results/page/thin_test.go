package page

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/plot/plotter"
	"pgregory.net/rapid"

	"github.com/slload/slload/results"
)

func TestMergedLinesTellTheWorst(t *testing.T) {
	a := results.Line{
		T: 1, Seconds: 1, Phase: "stage 1", Agents: results.Agents{Target: 10, InWorld: 3},
		Transport:  results.Transport{PacketsSent: 100},
		InPhase:    results.Delays{TickLagP99NS: 9, GCPauseMaxNS: 1},
		Ops:        map[string]results.LineOp{"login": {Count: 2, Errors: 1, P50: 50, P95: 60, P99: 70, Reasons: map[string]int64{"timeout": 1}}, "logout": {Count: 1, P50: 5}},
		Simulators: []results.Simulator{{Region: "Plaza", FPS: 30, TimeDilation: 0.9, Agents: 7, Scripts: 3}, {Region: "Gone", FPS: 1}},
		Counters:   map[string]int64{"objects": 2, "lines": 1},
		Workers: []results.WorkerLine{
			{Worker: "a:1", State: results.WorkerRunning, InWorld: 4, CoresUsed: 2, RSSBytes: 5, TickLagP99NS: 6, FrameLagNS: 7},
			{Worker: "b:1", State: results.WorkerLost}, {Worker: "c:1", State: results.WorkerRunning, InWorld: 1},
		},
	}
	b := results.Line{
		T: 3, Seconds: 2, Phase: "stage 2", Agents: results.Agents{Target: 20, InWorld: 19},
		Transport:  results.Transport{PacketsSent: 300},
		InPhase:    results.Delays{TickLagP99NS: 5, GCPauseMaxNS: 2},
		Ops:        map[string]results.LineOp{"login": {Count: 8, Errors: 2, P50: 40, P95: 65, P99: 66, Reasons: map[string]int64{"timeout": 1, "presence": 1}}},
		Simulators: []results.Simulator{{Region: "Plaza", FPS: 55, TimeDilation: 0.8, Agents: 5, Scripts: 9}},
		Counters:   map[string]int64{"objects": 3},
		Workers: []results.WorkerLine{
			{Worker: "a:1", State: results.WorkerRunning, InWorld: 9, CoresUsed: 1, RSSBytes: 6, TickLagP99NS: 7, FrameLagNS: 6},
			{Worker: "b:1", State: results.WorkerRunning, InWorld: 3},
		},
	}
	want := results.Line{
		T: 3, Seconds: 3, Phase: "stage 2", Agents: results.Agents{Target: 20, InWorld: 3},
		Transport:  results.Transport{PacketsSent: 300},
		InPhase:    results.Delays{TickLagP99NS: 9, GCPauseMaxNS: 2},
		Ops:        map[string]results.LineOp{"login": {Count: 10, Errors: 3, P50: 50, P95: 65, P99: 70, Reasons: map[string]int64{"timeout": 2, "presence": 1}}, "logout": {Count: 1, P50: 5}},
		Simulators: []results.Simulator{{Region: "Plaza", FPS: 30, TimeDilation: 0.8, Agents: 7, Scripts: 9}, {Region: "Gone", FPS: 1}},
		Counters:   map[string]int64{"objects": 5, "lines": 1},
		Workers: []results.WorkerLine{
			{Worker: "a:1", State: results.WorkerRunning, InWorld: 4, CoresUsed: 2, RSSBytes: 6, TickLagP99NS: 7, FrameLagNS: 7},
			{Worker: "b:1", State: results.WorkerLost}, {Worker: "c:1", State: results.WorkerRunning, InWorld: 1},
		},
	}
	if diff := cmp.Diff(want, merged(a, b)); diff != "" {
		t.Errorf("merged (-want +got):\n%s", diff)
	}
	if a.Ops["login"].Count != 2 || a.Ops["login"].Reasons["timeout"] != 1 || b.Simulators[0].FPS != 55 || b.Workers[0].InWorld != 9 {
		t.Error("the lines that were merged have changed")
	}
}

func TestThinningLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 2000).Draw(t, "lines")
		step := rapid.SampledFrom([]float64{0.5, 1, 10}).Draw(t, "seconds a line")
		th := newThinner(float64(n) * step)
		for i := range n {
			op := results.LineOp{Count: int64(i), P99: int64(i % 777)}
			th.add(results.Line{T: float64(i+1) * step, Seconds: step, Ops: map[string]results.LineOp{"login": op}})
		}
		var count, worst int64
		var seconds float64
		for _, l := range th.lines {
			count, worst, seconds = count+l.Ops["login"].Count, max(worst, l.Ops["login"].P99), seconds+l.Seconds
		}
		if len(th.lines) > maxLines+1 || count != int64(n)*int64(n-1)/2 || worst != int64(min(n-1, 776)) || seconds != float64(n)*step {
			t.Fatalf("%d lines of %v s: %d lines of %v s with %d, at worst %d", n, step, len(th.lines), seconds, count, worst)
		}
	})
}

func TestSeriesHaveGaps(t *testing.T) {
	r := &Run{Summary: &results.Summary{Run: results.Run{Seconds: 6}}}
	for i, count := range []int64{1, 1, 0, 1, 0, 0} {
		r.Lines = append(r.Lines, results.Line{T: float64(i + 1), Seconds: 1, Ops: map[string]results.LineOp{"login": {Count: count}}})
	}
	got := r.series("login", func(_, l *results.Line) (float64, bool) { return 7, l.Ops["login"].Count > 0 })
	want := []plotter.XYs{{{X: 1, Y: 7}, {X: 2, Y: 7}}, {{X: 3, Y: 7}, {X: 4, Y: 7}}} // the lone one over its second
	if diff := cmp.Diff(want, got.pieces); diff != "" {
		t.Errorf("pieces (-want +got):\n%s", diff)
	}
}

func TestRatesAreDifferences(t *testing.T) {
	r := &Run{Summary: &results.Summary{Run: results.Run{Seconds: 4}}}
	for i, sent := range []int64{10, 30, 30} {
		r.Lines = append(r.Lines, results.Line{T: []float64{1, 3, 4}[i], Transport: results.Transport{PacketsSent: sent}})
	}
	got := r.rate("sent", func(l *results.Line) float64 { return float64(l.Transport.PacketsSent) })
	want := []plotter.XYs{{{X: 1, Y: 10}, {X: 3, Y: 10}, {X: 4, Y: 0}}}
	if diff := cmp.Diff(want, got.pieces); diff != "" {
		t.Errorf("pieces (-want +got):\n%s", diff)
	}
}

// TestRegionsSpeakNowAndThen wants one piece where a simulator is heard every
// few seconds, and a gap where it falls silent.
func TestRegionsSpeakNowAndThen(t *testing.T) {
	r := &Run{Summary: &results.Summary{Run: results.Run{Seconds: 60}}}
	for second := range 60 {
		l := results.Line{T: float64(second + 1), Seconds: 1}
		if second%4 == 0 && (second < 20 || second > 40) {
			l.Simulators = []results.Simulator{{Region: "Plaza", FPS: 55}}
		}
		r.Lines = append(r.Lines, l)
	}
	got := r.region("Plaza", func(s results.Simulator) float64 { return s.FPS }).pieces
	if len(got) != 2 || got[0][0].X != 1 || got[0][len(got[0])-1].X != 27 || got[1][0].X != 45 {
		t.Errorf("pieces: %v; want 1 to 27 s, ten after the last word, and from 45 s on", got)
	}
}
