package page

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/plot/plotter"

	"github.com/slload/slload/results"
)

// runs is a worker that runs, of whom so many are in world.
func runs(worker string, inWorld int) results.WorkerLine {
	return results.WorkerLine{Worker: worker, State: results.WorkerRunning, InWorld: inWorld, CoresUsed: 0.5, TickLagP99NS: 1e6, RSSBytes: 60e6}
}

// is is a worker that doesn't.
func is(worker, state string) results.WorkerLine {
	return results.WorkerLine{Worker: worker, State: state}
}

// overTime is a run with a line a second, which tells of those workers.
func overTime(seconds ...[]results.WorkerLine) *Run {
	r := &Run{Manifest: &results.Manifest{}, Summary: &results.Summary{Run: results.Run{Seconds: float64(len(seconds))}}}
	known := map[string]bool{}
	for i, list := range seconds {
		r.Lines = append(r.Lines, results.Line{T: float64(i + 1), Seconds: 1, Workers: list})
		for _, w := range list {
			if !known[w.Worker] {
				known[w.Worker] = true
				r.Summary.Workers = append(r.Summary.Workers, results.WorkerSummary{Worker: w.Worker, Verdict: results.Valid})
			}
		}
	}
	return r
}

func inWorld(w *results.WorkerLine) (float64, bool) { return float64(w.InWorld), true }

func TestALossEndsAWorkersLineWithACross(t *testing.T) {
	type list = []results.WorkerLine
	for _, test := range []struct {
		name   string
		course []list
		pieces []plotter.XYs
		marks  plotter.XYs
	}{
		{"it runs", []list{{runs("a:1", 4)}, {runs("a:1", 5)}}, []plotter.XYs{{{X: 1, Y: 4}, {X: 2, Y: 5}}}, nil},
		{"it is lost", []list{{runs("a:1", 4)}, {runs("a:1", 5)}, {is("a:1", results.WorkerLost)}, {is("a:1", results.WorkerTakenOver)}},
			[]plotter.XYs{{{X: 1, Y: 4}, {X: 2, Y: 5}}}, plotter.XYs{{X: 2, Y: 5}}},
		{"it comes back", []list{{runs("a:1", 4)}, {is("a:1", results.WorkerLost)}, {runs("a:1", 5)}},
			[]plotter.XYs{{{X: 0, Y: 4}, {X: 1, Y: 4}}, {{X: 2, Y: 5}, {X: 3, Y: 5}}}, plotter.XYs{{X: 1, Y: 4}}},
		{"it ends", []list{{runs("a:1", 4)}, {runs("a:1", 5)}, {is("a:1", results.WorkerEnded)}}, []plotter.XYs{{{X: 1, Y: 4}, {X: 2, Y: 5}}}, nil},
		{"its turn comes now and then", []list{{runs("a:1", 4)}, {}, {runs("a:1", 5)}}, []plotter.XYs{{{X: 1, Y: 4}, {X: 3, Y: 5}}}, nil},
	} {
		r := overTime(test.course...)
		got := r.courses()["a:1"].line("a:1", inWorld)
		name := "a:1"
		if len(test.marks) > 0 {
			name += " ✕"
		}
		if diff := cmp.Diff(line{name, test.pieces, test.marks}, got, cmp.AllowUnexported(line{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// What nobody measured is a gap, for each worker and for all.
func TestAGapBreaksWorkersLines(t *testing.T) {
	var seconds [][]results.WorkerLine
	for range 6 {
		seconds = append(seconds, []results.WorkerLine{runs("a:1", 4), runs("b:1", 6), runs("c:1", 8)})
	}
	r := overTime(seconds...)
	for i := range r.Lines[3:] {
		r.Lines[3+i].T += 60
	}
	r.Summary.Run.Seconds += 60
	median, bands := r.spread(inWorld)
	if n := len(r.courses()["a:1"].line("a", inWorld).pieces); n != 2 || len(median.pieces) != 2 || len(bands) != 4 {
		t.Errorf("%d pieces of a worker, %d of the median, %d of bands; want 2, 2 and 4", n, len(median.pieces), len(bands))
	}
}

func TestTheSpreadOfWorkers(t *testing.T) {
	var list []results.WorkerLine
	for i := range 21 {
		list = append(list, runs(fmt.Sprintf("host%d:1", i), i))
	}
	r := overTime(list[:20], list[20:], []results.WorkerLine{is("host20:1", results.WorkerLost), is("host0:1", results.WorkerEnded)})
	median, bands := r.spread(inWorld)
	area := func(low, high [3]float64) (xys plotter.XYs) {
		for i, y := range low {
			xys = append(xys, plotter.XY{X: float64(i + 1), Y: y})
		}
		for i, y := range slices.Backward(high[:]) {
			xys = append(xys, plotter.XY{X: float64(i + 1), Y: y})
		}
		return xys
	}
	if diff := cmp.Diff([]plotter.XYs{area([3]float64{0, 0, 1}, [3]float64{19, 20, 19}), area([3]float64{2, 2, 3}, [3]float64{17, 18, 17})}, bands); diff != "" {
		t.Errorf("the bands (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]plotter.XYs{{{X: 1, Y: 10}, {X: 2, Y: 10}, {X: 3, Y: 10}}}, median.pieces); diff != "" {
		t.Errorf("the median (-want +got):\n%s", diff)
	}
}

// Of a hundred workers a reader sees those with trouble, and where all are.
func TestManyWorkersAreTheWorstAndABand(t *testing.T) {
	const n, turns = 100, 16
	var seconds [][]results.WorkerLine
	for second := range 60 {
		var list []results.WorkerLine
		for i := range turns {
			w := runs(fmt.Sprintf("host%02d:1", (second*turns+i)%n), 10+second)
			list = append(list, w)
		}
		seconds = append(seconds, list)
	}
	for _, lost := range []string{"host07:1", "host08:1"} {
		seconds[40] = append(seconds[40], is(lost, results.WorkerLost))
	}
	r := overTime(seconds...)
	for i := range r.Summary.Workers {
		w := &r.Summary.Workers[i]
		w.Lost = w.Worker == "host07:1"
		if i > 50 {
			w.Verdict = results.Suspect
		}
		w.Generator.TickLagP99NS = int64(i)
	}
	text, root := parsed(t, r)
	for _, want := range []string{
		"figcaption: Agents in world, by worker median host07:1 ✕ host96:1 host97:1 host98:1 host99:1\n",
		"p: In the wide band are all 100 workers, in the narrow one eight in ten; those with the most trouble, 5 at most, have lines of their own. ✕: here a worker was lost.\n",
	} {
		if got := outline(root); !strings.Contains(got, want) {
			t.Errorf("the page doesn't have\n%sbut\n%s", want, got)
		}
	}
	if crosses := regexp.MustCompile(`M[^"ML]*L[^"ML]*M[^"ML]*L[^"ML]*"[^>]*stroke-width:2"`).FindAllString(text, -1); len(crosses) != 2*4 {
		t.Errorf("%d crosses, want one in each chart of the two that were lost", len(crosses))
	}
}

// A timeline of an slload that told nothing of workers has no such charts.
func TestTimelinesWithoutWorkers(t *testing.T) {
	r := overTime(nil, nil)
	r.Summary.Workers = []results.WorkerSummary{{Worker: "a:1"}}
	if f := r.WorkerCharts(); f != nil {
		t.Errorf("there are %d charts", len(f.Figures))
	}
}

func BenchmarkWorkerCharts(b *testing.B) {
	for _, n := range []int{3, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			seconds := make([][]results.WorkerLine, maxLines)
			for i := range seconds {
				for k := range min(n, 400) { // as many as a line of a run of two hours has when it is thinned
					seconds[i] = append(seconds[i], runs(fmt.Sprintf("host%d:1", (i*400+k)%n), i+k))
				}
			}
			r := overTime(seconds...)
			b.ReportAllocs()
			for b.Loop() {
				r.WorkerCharts()
			}
		})
	}
}
