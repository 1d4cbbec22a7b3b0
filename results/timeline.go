package results

import (
	"encoding/json"
	"io"
	"maps"
	"slices"
	"time"
)

// Line is a line of timeline.jsonl: what finished in the Seconds up to T, and
// the state of the run at T. Agents, actions, transport and generator count
// from the run's start.
type Line struct {
	T          float64           `json:"t"` // seconds since the run's start
	Seconds    float64           `json:"seconds"`
	Phase      string            `json:"phase"`
	Agents     Agents            `json:"agents"`
	Ops        map[string]LineOp `json:"ops"`
	Actions    Actions           `json:"actions"`
	Transport  Transport         `json:"transport"`
	Generator  Generator         `json:"generator"`
	InPhase    Delays            `json:"in_phase"` // since the running phase began
	Simulators []Simulator       `json:"simulators,omitempty"`
	Reports    []SimReport       `json:"reports,omitempty"`  // over HTTP, where --sim-stats asked
	Counters   map[string]int64  `json:"counters,omitempty"` // since the line before
	// Workers are some of those of a run on several machines, each in its turn.
	Workers []WorkerLine `json:"workers,omitempty"`
}

// LineOp are the figures of an operation in a line; the times are response
// times in nanoseconds.
type LineOp struct {
	Count   int64            `json:"count"`
	Errors  int64            `json:"errors"`
	P50     int64            `json:"p50"`
	P95     int64            `json:"p95"`
	P99     int64            `json:"p99"`
	Reasons map[string]int64 `json:"reasons,omitempty"` // the errors by reason
	Clamped int64            `json:"clamped,omitempty"`
}

// timeline gathers the figures of the next line. Lines are a second apart in
// a run of up to two hours and 10 s in a longer one.
type timeline struct {
	base        time.Duration // how far apart lines are while the file is small
	every, from time.Duration
	ops         tally
	counters    counts
	// What regions said last since the line before, by their names.
	simulators map[string]Simulator
	reports    map[string]SimReport
}

func newTimeline(planned time.Duration) *timeline {
	t := &timeline{
		base: time.Second, ops: make(tally), counters: make(counts),
		simulators: make(map[string]Simulator), reports: make(map[string]SimReport),
	}
	if planned > 2*time.Hour {
		t.base = 10 * time.Second
	}
	t.every = t.base
	return t
}

// hear takes what regions said. They say it every few seconds, so a line has
// the last of its time.
func (t *timeline) hear(s Sample) {
	for _, sim := range s.Simulators {
		if len(t.simulators) < maxNames {
			t.simulators[sim.Region] = sim
		}
	}
	for _, r := range s.Reports {
		if len(t.reports) < maxNames {
			t.reports[r.Region] = r
		}
	}
}

// byName are the values of m in order of name; nil where there are none.
func byName[T any](m map[string]T) (list []T) {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		list = append(list, m[name])
	}
	return list
}

// due tells whether the time for a line has come. Ticks come a little early or
// late; half a second is nearer to this line than to the next.
func (t *timeline) due(now time.Duration) bool {
	return now-t.from >= t.every-time.Second/2
}

// line is the line up to now, after which the next begins.
func (t *timeline) line(phase string, s Sample) Line {
	l := Line{
		T: seconds(s.T), Seconds: seconds(s.T - t.from), Phase: phase,
		Agents: s.Agents, Ops: t.ops.lineOps(), Actions: s.Actions, Transport: s.Transport,
		Generator: s.Generator, InPhase: s.InPhase, Counters: t.counters,
		Simulators: byName(t.simulators), Reports: byName(t.reports),
	}
	clear(t.simulators)
	clear(t.reports)
	t.from, t.counters = s.T, make(counts)
	t.ops.reset()
	return l
}

func (t tally) lineOps() map[string]LineOp {
	ops := make(map[string]LineOp)
	for op, f := range t {
		if f.empty() {
			continue
		}
		at := f.response.ValueAtPercentilesSlice([]float64{50, 95, 99})
		l := LineOp{
			Count: f.response.TotalCount(), Errors: f.errors.sum(),
			P50: at[0], P95: at[1], P99: at[2], Clamped: f.clamped,
		}
		if l.Errors > 0 {
			l.Reasons = maps.Clone(f.errors)
		}
		ops[op] = l
	}
	return ops
}

// readTimeline calls each for every line in r and returns how many were
// damaged.
func readTimeline(r io.Reader, each func(Line)) (damaged int, err error) {
	err = eachLine(r, func(line []byte) {
		var l Line
		if json.Unmarshal(line, &l) != nil || !(l.T >= 0 && l.T < maxSeconds) || l.Seconds < 0 {
			damaged++
			return
		}
		each(l)
	})
	return damaged, err
}

// sample is the state of the run that the line tells.
func (l Line) sample() Sample {
	return Sample{
		T: fromSeconds(l.T), Agents: l.Agents, Actions: l.Actions,
		Transport: l.Transport, Generator: l.Generator, InPhase: l.InPhase, Simulators: l.Simulators,
	}
}
