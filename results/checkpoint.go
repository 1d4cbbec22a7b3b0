package results

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"
)

// checkpointSchema names the format of checkpoint.json.
const checkpointSchema = "slload/checkpoint/1"

// checkpoint is checkpoint.json: everything up to T that histograms.hlog does
// not hold (yet), and how long the other files were then. It is replaced every
// 10 s.
type checkpoint struct {
	Schema   string  `json:"schema"`
	T        float64 `json:"t"`
	Finished bool    `json:"finished"` // the run came to its own end
	// Cut is where the last cut of histograms.hlog ends. Open are the encoded
	// histograms of what came after it, by operation and kind.
	Cut  float64                      `json:"cut"`
	Open map[string]map[string]string `json:"open"`

	// Line is what finished since the last line of timeline.jsonl; nil: nothing.
	Line *checkpointLine `json:"line,omitempty"`

	HlogBytes     int64 `json:"hlog_bytes"`
	TimelineBytes int64 `json:"timeline_bytes"`
	EventsBytes   int64 `json:"events_bytes"`

	Agents       Agents                     `json:"agents"`
	Target       int                        `json:"target"`
	Peak         int                        `json:"peak"`
	InWorldAtEnd int                        `json:"in_world_at_end"` // -1 before the logouts
	Actions      Actions                    `json:"actions"`
	Transport    Transport                  `json:"transport"`
	Generator    Generator                  `json:"generator"`
	Phases       []checkpointPhase          `json:"phases"`
	Simulators   map[string]*simulatorStats `json:"simulators"`
	Counters     counts                     `json:"counters"`
	Breaches     map[string]string          `json:"breaches"`
	CutLines     counts                     `json:"cut_lines,omitempty"`
	HandScaled   bool                       `json:"hand_scaled,omitempty"` // while the run went on
	Workers      []checkpointWorker         `json:"workers,omitempty"`

	// What only Reclaim needs, in a run that has positions.
	Positions map[string]uint64  `json:"positions,omitempty"`
	Aborted   string             `json:"aborted,omitempty"`
	Windows   []checkpointWindow `json:"windows,omitempty"` // of Collector.watches, in their order
	Before    *checkpointBefore  `json:"before,omitempty"`  // nil: the run was never resumed
}

// checkpointPhase is a phase without its histograms.
type checkpointPhase struct {
	Name    string            `json:"name"`
	From    float64           `json:"from_s"`
	To      float64           `json:"to_s"`
	Errors  map[string]counts `json:"errors"` // by operation and reason
	Clamped counts            `json:"clamped"`
	Health  Health            `json:"health"`
	// Workers is the health of each worker, by name.
	Workers map[string]*Health `json:"workers,omitempty"`
}

// checkpointLine is the beginning of a line of the timeline.
type checkpointLine struct {
	From     float64                      `json:"from_s"`
	Times    map[string]map[string]string `json:"times"`  // as Open
	Errors   map[string]counts            `json:"errors"` // by operation and reason
	Clamped  counts                       `json:"clamped"`
	Counters counts                       `json:"counters"`

	Simulators []Simulator `json:"simulators,omitempty"`
	Reports    []SimReport `json:"reports,omitempty"`
}

// checkpoint is the line that is not written yet; nil: there is nothing for it.
func (t *timeline) checkpoint(now time.Duration) (*checkpointLine, error) {
	if t.from == now && t.ops.empty() && len(t.counters) == 0 {
		return nil, nil //nolint:nilnil // there is nothing
	}
	times, err := encodeOpen(t.ops)
	c := &checkpointLine{
		From: seconds(t.from), Times: times, Counters: t.counters, Simulators: byName(t.simulators), Reports: byName(t.reports),
	}
	c.Errors, c.Clamped = t.ops.failed()
	return c, err
}

// failed are the parts of a tally that no histogram holds.
func (t tally) failed() (errors map[string]counts, clamped counts) {
	errors, clamped = make(map[string]counts), make(counts)
	for op, f := range t {
		if len(f.errors) > 0 {
			errors[op] = f.errors
		}
		if f.clamped > 0 {
			clamped[op] = f.clamped
		}
	}
	return errors, clamped
}

// addFailed is failed's inverse.
func (t tally) addFailed(errors map[string]counts, clamped counts) {
	for op, errors := range errors {
		t.figures(op).errors.merge(errors)
	}
	for op, n := range clamped {
		t.figures(op).clamped += n
	}
}

// take makes the timeline go on with the line of a checkpoint.
func (t *timeline) take(c *checkpointLine) error {
	t.from = fromSeconds(c.From)
	t.hear(Sample{Simulators: c.Simulators, Reports: c.Reports})
	t.ops.addFailed(c.Errors, c.Clamped)
	t.counters.merge(c.Counters)
	for op, kinds := range c.Times {
		for kind, data := range kinds {
			if err := t.ops.decode(op, kind, data); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkpoint is the ledger without its histograms.
func (l *ledger) checkpoint() *checkpoint {
	cp := &checkpoint{
		Schema: checkpointSchema, T: seconds(l.last.T),
		Agents: l.last.Agents, Target: l.target, Peak: l.peak, InWorldAtEnd: l.inWorldAtEnd,
		Actions: l.last.Actions, Transport: l.last.Transport, Generator: l.last.Generator,
		Simulators: l.simulators, Counters: l.counters, Breaches: l.breaches, CutLines: l.cut, HandScaled: l.handScaled,
	}
	for _, p := range l.phases {
		c := checkpointPhase{Name: p.name, From: seconds(p.from), To: seconds(p.to), Health: p.health, Workers: p.workers}
		c.Errors, c.Clamped = p.ops.failed()
		cp.Phases = append(cp.Phases, c)
	}
	cp.Workers = l.checkpointWorkers()
	return cp
}

// ledger is the checkpoint's inverse.
func (cp *checkpoint) ledger() *ledger {
	l := newLedger()
	for _, c := range cp.Phases {
		p := &phase{name: c.Name, from: fromSeconds(c.From), to: fromSeconds(c.To), ops: make(tally), health: c.Health, workers: c.Workers}
		p.ops.addFailed(c.Errors, c.Clamped)
		l.total.addFailed(c.Errors, c.Clamped)
		l.phases = append(l.phases, p)
	}
	l.last = Sample{
		T: fromSeconds(cp.T), Agents: cp.Agents, Actions: cp.Actions,
		Transport: cp.Transport, Generator: cp.Generator,
	}
	if len(l.phases) > 0 {
		l.last.InPhase = l.current().health.Delays
	}
	l.target, l.peak, l.inWorldAtEnd = cp.Target, cp.Peak, cp.InWorldAtEnd
	l.counters.merge(cp.Counters)
	maps.Copy(l.breaches, cp.Breaches)
	l.cut.merge(cp.CutLines)
	l.handScaled = cp.HandScaled
	l.takeWorkers(cp.Workers)
	for region, st := range cp.Simulators {
		if st != nil && st.N > 0 && plausible(st.FPSSum/float64(st.N)) && plausible(st.DilationSum/float64(st.N)) {
			l.simulators[region] = st
		}
	}
	return l
}

// encodeOpen encodes the histograms that no cut holds yet.
func encodeOpen(open tally) (map[string]map[string]string, error) {
	encoded := make(map[string]map[string]string)
	for op, f := range open {
		if f.response.TotalCount() == 0 {
			continue
		}
		encoded[op] = make(map[string]string, 2)
		for kind, h := range f.kinds() {
			data, err := h.Encode()
			if err != nil {
				return nil, fmt.Errorf("encode the histogram %s.%s: %w", op, kind, err)
			}
			encoded[op][kind] = string(data)
		}
	}
	return encoded, nil
}

// open decodes what encodeOpen encoded.
func (cp *checkpoint) open() (cut, error) {
	c := cut{from: fromSeconds(cp.Cut), to: fromSeconds(cp.T), ops: make(tally), open: true}
	if len(cp.Phases) > 0 {
		p := cp.Phases[len(cp.Phases)-1]
		c.phase, c.since = p.Name, fromSeconds(p.From)
	}
	for op, kinds := range cp.Open {
		for kind, data := range kinds {
			if err := c.ops.decode(op, kind, data); err != nil {
				return c, err
			}
		}
	}
	return c, nil
}

func parseCheckpoint(data []byte) (*checkpoint, error) {
	var cp checkpoint
	if err := json.Unmarshal(data, &cp); err != nil {
		return nil, err
	}
	if cp.Schema != checkpointSchema {
		return nil, fmt.Errorf("its schema is %q, want %q", cp.Schema, checkpointSchema)
	}
	times := []float64{cp.T, cp.Cut}
	for _, p := range cp.Phases {
		times = append(times, p.From, p.To)
	}
	for _, t := range times {
		if !(t >= 0 && t < maxSeconds) {
			return nil, fmt.Errorf("a time of %v s", t)
		}
	}
	return &cp, nil
}

// logEvery is how far apart the cuts of histograms.hlog are: 10 s in a run of
// up to an hour, and a 360th of a longer one, so that the file stays some 10 MB
// however long the run. Between cuts, checkpoints hold what is open.
func logEvery(planned time.Duration) time.Duration {
	const cuts = 360
	steps := (planned + cuts*flushEvery - 1) / (cuts * flushEvery)
	return max(1, steps) * flushEvery
}
