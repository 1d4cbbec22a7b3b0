package cluster

import (
	"time"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
)

// sink makes frames of what a swarm measures. It belongs to the goroutine of
// swarm.Run.
type sink struct {
	a      *assignment
	worker string
	steps  steps
	iv     *results.Interval
	seq    uint64
	why    func() string // why the swarm stops, before its plan is over
	send   func(*frame)
	ended  string // why it does, once it does
}

func newSink(a *assignment, worker string, plan *profiles.Plan, why func() string, send func(*frame)) *sink {
	return &sink{a: a, worker: worker, steps: newSteps(plan, a), iv: results.NewInterval(), why: why, send: send}
}

// Merge takes over what a loop recorded.
func (s *sink) Merge(iv *results.Interval) { s.iv.Merge(iv) }

// Tick sends about a second.
func (s *sink) Tick(sample results.Sample) error {
	s.emit(frameTick, sample)
	return nil
}

// BeginPhase sends the rest of a phase.
func (s *sink) BeginPhase(name string, sample results.Sample) error {
	if name == results.PhaseLogout {
		s.ended = s.why()
		if s.ended == "" {
			s.ended = endFailed
			if s.steps.planTime(sample.T) >= s.steps.length {
				s.ended = endPlan
			}
		}
	}
	f := s.frame(framePhase, sample)
	s.steps.begin(name, sample.T)
	f.Next, f.NextPhase = s.steps.step(), name
	s.cut(f)
	return nil
}

// Finish sends the rest of the segment. There is no summary: the controller makes
// that of the run.
func (s *sink) Finish(sample results.Sample) (*results.Summary, error) {
	s.emit(frameFinal, sample)
	return nil, nil //nolint:nilnil // as swarm.Sink allows
}

func (s *sink) emit(kind string, sample results.Sample) {
	f := s.frame(kind, sample)
	if kind == frameFinal {
		f.Why = s.ended
	}
	s.cut(f)
}

func (s *sink) frame(kind string, sample results.Sample) *frame {
	sample.T += s.a.Ahead
	s.iv.Shift(s.a.Ahead)
	sample.Workers = nil
	f := &frame{
		key: s.a.key(), Run: s.a.Run, Worker: s.worker, Kind: kind,
		Step: s.steps.step(), Phase: s.steps.name, Sample: sample,
		interval: results.AppendInterval(nil, s.iv),
	}
	s.iv.Reset()
	return f
}

// cut sends a frame, the beginning of its interval ahead where it is large.
func (s *sink) cut(f *frame) {
	for len(f.interval) > partSize {
		part := *f
		part.Kind, part.interval = framePart, f.interval[:partSize]
		part.Next, part.NextPhase, part.Why = 0, "", ""
		part.Sample = results.Sample{T: f.Sample.T}
		f.interval = f.interval[partSize:]
		s.number(&part)
	}
	s.number(f)
}

func (s *sink) number(f *frame) {
	s.seq++
	f.Seq = s.seq
	s.send(f)
}

// steps number the phases that a segment goes through in an order that all
// segments of a run share, though they begin and end at different moments, and
// one that takes over begins in the middle. A phase of the plan has an odd number
// by its index; the even one before it is that of a run that is resumed there.
// Each pause, and each end of one, moves all by one phase.
type steps struct {
	phases  []profiles.Phase // of the whole plan
	length  time.Duration
	name    string
	at      int // index of the plan's phase
	resumed bool
	toggles int

	since, paused time.Duration // of the pause that goes on; of those that ended
	holding       bool
}

// lastStep is that of the logouts.
const lastStep = 1 << 30

func newSteps(plan *profiles.Plan, a *assignment) steps {
	s := steps{phases: plan.Phases, length: plan.Length, at: plan.PhaseAt(a.From), toggles: a.Toggles}
	s.name = s.phases[s.at].Name
	if s.resumed = a.From > 0 && !a.Takeover; s.resumed {
		s.name = profiles.ResumePhase
	}
	return s
}

// step is the number of the running phase.
func (s *steps) step() int {
	if s.name == results.PhaseLogout {
		return lastStep
	}
	n := 2*(s.at+s.toggles) + 1
	if s.resumed {
		n--
	}
	return n
}

// begin begins a phase at t of the swarm.
func (s *steps) begin(name string, t time.Duration) {
	switch {
	case name == profiles.PausedPhase:
		s.toggles++
		s.holding, s.since = true, t
	case s.holding:
		s.toggles++
		s.holding, s.paused = false, s.paused+t-s.since
	}
	if s.name = name; name == profiles.PausedPhase || name == results.PhaseLogout {
		return
	}
	s.resumed = name == profiles.ResumePhase
	for i, p := range s.phases {
		if p.Name == name {
			s.at = i
		}
	}
}

// planTime is where in the plan the swarm is at t.
func (s *steps) planTime(t time.Duration) time.Duration {
	if s.holding {
		t = s.since
	}
	return t - s.paused
}
