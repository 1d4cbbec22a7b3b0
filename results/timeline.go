package results

import (
	"encoding/json"
	"io"
	"maps"
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
	Counters   map[string]int64  `json:"counters,omitempty"` // since the line before
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
}

func newTimeline(planned time.Duration) *timeline {
	t := &timeline{base: time.Second, ops: make(tally), counters: make(counts)}
	if planned > 2*time.Hour {
		t.base = 10 * time.Second
	}
	t.every = t.base
	return t
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
		Generator: s.Generator, InPhase: s.InPhase, Simulators: s.Simulators, Counters: t.counters,
	}
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
