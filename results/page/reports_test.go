package page

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/plot/plotter"

	"github.com/slload/slload/results"
)

// reporting is a line at t in which regions report how many packets came.
func reporting(t float64, received map[string]int64) results.Line {
	l := results.Line{T: t, Seconds: 1}
	for region, n := range received {
		l.Reports = append(l.Reports, results.SimReport{Region: region, Packets: &results.SimPackets{Received: n}})
	}
	return l
}

func TestRatesOfSimulatorsLieBetweenTheirReports(t *testing.T) {
	r := &Run{Summary: &results.Summary{Run: results.Run{Seconds: 40}}, Lines: []results.Line{
		reporting(5, map[string]int64{"A": 1000, "B": 70}), {T: 6, Seconds: 1},
		reporting(10, map[string]int64{"A": 1100, "B": 80}),
		reporting(15, map[string]int64{"A": 1100, "B": 80}),
		reporting(20, map[string]int64{"A": 3, "B": 80}), // A began anew
		reporting(25, map[string]int64{"A": 53, "B": 80}),
		reporting(30, map[string]int64{"A": 99}), // B didn't answer
	}}
	got := r.simRate("they received", func(p *results.SimPackets) int64 { return p.Received })
	want := []plotter.XYs{{{X: 5, Y: 22}, {X: 10, Y: 22}, {X: 15, Y: 0}}, {{X: 20, Y: 10}, {X: 25, Y: 10}}}
	if diff := cmp.Diff(want, got.pieces); diff != "" {
		t.Errorf("pieces (-want +got):\n%s", diff)
	}
}

// TestReportsStandBesideOurOwnCounts wants their charts where simulators were
// asked, and none where they weren't.
func TestReportsStandBesideOurOwnCounts(t *testing.T) {
	r, err := Read(write(t))
	ok(t, err)
	if len(r.Reports())+len(r.Counted()) > 0 {
		t.Error("there are charts of what nobody asked for")
	}
	for i := range r.Lines {
		if i%5 == 0 {
			r.Lines[i].Reports = []results.SimReport{{
				Region: hostile, Frames: &results.SimFrames{FPS: 50, TimeDilation: 1, FrameMS: 20},
				Packets: &results.SimPackets{Received: int64(100 * i), Sent: int64(200 * i)},
			}}
		}
	}
	text, root := parsed(t, r)
	got := outline(root)
	for _, want := range []string{
		"figcaption: Response time, p95 msg.chat", "figcaption: Frames per second, over HTTP", "figcaption: Time dilation, over HTTP",
		"figcaption: Time of a frame in ms, over HTTP", "figcaption: To the simulators, packets per second we sent they received",
		"figcaption: From the simulators, packets per second we received they sent", "of all their clients",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page has no %q:\n%s", want, got)
		}
	}
	if strings.Contains(text, "<script") || strings.Contains(text, "\u202e") {
		t.Error("a region's name is taken as it is")
	}
}

func TestTheSlowestRegionsAreShown(t *testing.T) {
	r := &Run{Manifest: &results.Manifest{}, Summary: &results.Summary{Run: results.Run{Seconds: 10}}}
	l := results.Line{T: 1, Seconds: 1, Reports: []results.SimReport{{Region: "silent"}}}
	for i, name := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		l.Reports = append(l.Reports, results.SimReport{Region: name, Frames: &results.SimFrames{FPS: float64(60 - i), TimeDilation: 1}})
	}
	r.Lines = []results.Line{l}
	fps := r.Reports()[0]
	var names []string
	for _, k := range fps.Keys {
		names = append(names, k.Name)
	}
	if want := []string{"g", "f", "e", "d", "c", "b"}; !cmp.Equal(names, want) || !strings.Contains(fps.Note, "6 of 8 regions") {
		t.Errorf("shown are %v (%s), want %v", names, fps.Note, want)
	}
}

func TestMergedReportsAreTheLaterAndTheWorse(t *testing.T) {
	a := []results.SimReport{
		{Region: "A", Frames: &results.SimFrames{FPS: 30, TimeDilation: 0.9, FrameMS: 33}, Packets: &results.SimPackets{Sent: 1}},
		{Region: "gone", Packets: &results.SimPackets{Sent: 7}}, {Region: "B", Frames: &results.SimFrames{FPS: 11}},
	}
	b := []results.SimReport{
		{Region: "A", Frames: &results.SimFrames{FPS: 55, TimeDilation: 0.8, FrameMS: 18}, Packets: &results.SimPackets{Sent: 2}}, {Region: "B"},
	}
	want := []results.SimReport{
		{Region: "A", Frames: &results.SimFrames{FPS: 30, TimeDilation: 0.8, FrameMS: 33}, Packets: &results.SimPackets{Sent: 2}},
		{Region: "B", Frames: &results.SimFrames{FPS: 11}}, {Region: "gone", Packets: &results.SimPackets{Sent: 7}},
	}
	if diff := cmp.Diff(want, mergedReports(a, b)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if b[0].Frames.FPS != 55 || b[1].Frames != nil {
		t.Error("what was merged has changed")
	}
}
