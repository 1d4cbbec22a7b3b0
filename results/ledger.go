package results

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/slload/slload/profiles"
)

// ledger is all that a summary is made of. The collector fills it while the
// run goes on, Rebuild from the run directory.
type ledger struct {
	phases []*phase // in order of time; the last one is running
	total  tally
	last   Sample // the newest
	target int    // most agents asked for
	peak   int    // most agents in world
	// inWorldAtEnd is what was in world when the logouts began; -1 before.
	inWorldAtEnd int
	simulators   map[string]*simulatorStats
	counters     counts
	// breaches are the windowed thresholds that failed, with what was measured
	// in the window that failed first, by the threshold's text.
	breaches map[string]string
	// cut are the lines that had to go from files of text, by the file.
	cut counts
	// handScaled tells that somebody changed the number of agents meanwhile.
	handScaled bool
	// workers are those of a run on several machines, by name.
	workers map[string]*worker
}

// phase is a stretch of the run with its own figures.
type phase struct {
	name     string
	from, to time.Duration
	ops      tally
	health   Health
	workers  map[string]*Health // by name
}

// simulatorStats sum up what a region said of itself.
type simulatorStats struct {
	N           int64   `json:"n"`
	FPSSum      float64 `json:"fps_sum"`
	FPSMin      float64 `json:"fps_min"`
	DilationSum float64 `json:"time_dilation_sum"`
	DilationMin float64 `json:"time_dilation_min"`
}

func newLedger() *ledger {
	return &ledger{
		total:        make(tally),
		inWorldAtEnd: -1,
		simulators:   make(map[string]*simulatorStats),
		counters:     make(counts),
		breaches:     make(map[string]string),
		cut:          make(counts),
		workers:      make(map[string]*worker),
	}
}

// leaving tells that agents log out for good.
func (l *ledger) leaving() bool { return l.inWorldAtEnd >= 0 }

func (l *ledger) beginPhase(name string, at time.Duration) {
	if name == PhaseLogout && !l.leaving() {
		l.inWorldAtEnd = l.last.Agents.InWorld
	}
	if n := len(l.phases); n > 0 && l.phases[n-1].from == at {
		l.phases[n-1].name = name // a phase without length never was
		return
	}
	l.phases = append(l.phases, &phase{name: name, from: at, to: at, ops: make(tally)})
}

// judged are the figures that thresholds judge: the run's without warm-up and
// cool-down.
func (l *ledger) judged(t profiles.Threshold) *outcome {
	o := newOutcome()
	for _, p := range l.phases {
		if !profiles.LeftOut(p.name) {
			o.add(t, p.ops)
		}
	}
	return o
}

// judgedTime is how much of the run thresholds have judged so far.
func (l *ledger) judgedTime() time.Duration {
	d := l.last.T
	for _, p := range l.phases {
		if profiles.LeftOut(p.name) {
			d -= p.to - p.from
		}
	}
	return d
}

// current is the running phase.
func (l *ledger) current() *phase { return l.phases[len(l.phases)-1] }

// add books what finished in the running phase.
func (l *ledger) add(t tally) {
	l.current().ops.merge(t)
	l.total.merge(t)
}

// observe takes the run's state at an instant.
func (l *ledger) observe(s Sample) {
	busy, full := strainBetween(&l.last, &s)
	s.Generator.BusySeconds = sum(l.last.Generator.BusySeconds, busy)
	s.Generator.MachineFullSeconds = sum(l.last.Generator.MachineFullSeconds, full)
	l.observeWorkers(s.Workers)
	l.take(s)
}

// take is observe where it is known for how long the process was out of CPU
// so far.
func (l *ledger) take(s Sample) {
	s.T = max(s.T, l.last.T)
	dt := s.T - l.last.T
	l.current().to = s.T
	l.current().health.add(&l.last, &s)
	l.last = s
	l.last.Workers = nil // they are the caller's
	l.target = max(l.target, s.Agents.Target)
	l.peak = max(l.peak, s.Agents.InWorld)
	if dt > 0 {
		for _, sim := range s.Simulators {
			l.observeSimulator(sim)
		}
	}
}

func (l *ledger) observeSimulator(s Simulator) {
	if !plausible(s.FPS) || !plausible(s.TimeDilation) {
		return // a simulator may say anything; a NaN would spoil every sum
	}
	st := l.simulators[s.Region]
	if st == nil {
		if len(l.simulators) >= maxNames {
			return
		}
		st = &simulatorStats{FPSMin: s.FPS, DilationMin: s.TimeDilation}
		l.simulators[s.Region] = st
	}
	st.N++
	st.FPSSum += s.FPS
	st.DilationSum += s.TimeDilation
	st.FPSMin = min(st.FPSMin, s.FPS)
	st.DilationMin = min(st.DilationMin, s.TimeDilation)
}

func plausible(v float64) bool { return v >= 0 && v < 1e6 }

// summary is what the ledger comes to.
func (l *ledger) summary(m *Manifest) *Summary {
	s := &Summary{
		Schema:     SummarySchema,
		Run:        runOf(m, l.last.T),
		Agents:     l.agentTotals(),
		Actions:    l.last.Actions,
		Ops:        l.total.ops(),
		Phases:     l.phaseSummaries(),
		Errors:     l.total.errorCounts(),
		Simulators: l.simulatorSummaries(),
		Transport:  l.last.Transport,
		Generator:  l.last.Generator,
		Counters:   maps.Clone(l.counters),
		Workers:    l.workerSummaries(m),
	}
	s.Run.HandScaled = s.Run.HandScaled || l.handScaled
	s.Run.PausedSeconds = seconds(l.timeIn(profiles.PausedPhase))
	s.Run.GapSeconds = seconds(l.timeIn(profiles.GapPhase))
	s.Verdict = l.verdict(m)
	if s.Run.Segments = slices.Clone(m.Segments); len(s.Run.Segments) > 0 {
		s.Run.Segments[len(s.Run.Segments)-1].To = s.Run.Seconds
	}
	s.Run.LostLoad = m.lostUntil(s.Run.Seconds)
	s.Notes = append(l.notes(), lostNotes(s.Run.LostLoad)...)
	return s
}

// timeIn is how long the phases called name took together.
func (l *ledger) timeIn(name string) (d time.Duration) {
	for _, p := range l.phases {
		if p.name == name {
			d += p.to - p.from
		}
	}
	return d
}

// notes say what is special about the run and its files.
func (l *ledger) notes() (list []string) {
	for _, p := range l.phases {
		if p.name == profiles.GapPhase {
			list = append(list, fmt.Sprintf("the run broke off and was resumed: a gap of %s, from %.3f s to %.3f s, in which nothing was measured",
				Human(p.to-p.from), seconds(p.from), seconds(p.to)))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.cut)) {
		list = append(list, fmt.Sprintf("%s: the oldest lines made room for new ones, %s of them; what stands in it and in %s is the newest",
			name, thousands(l.cut[name]), older(name)))
	}
	return list
}

func runOf(m *Manifest, length time.Duration) Run {
	r := Run{
		ID: m.ID, Profile: m.Profile, ProfileSHA256: m.ProfileSHA256, HandScaled: m.HandScaled,
		Started: m.Started, Seconds: seconds(length), Seed: m.Seed, Tags: m.Tags,
	}
	if r.Tags == nil {
		r.Tags = map[string]string{}
	}
	return r
}

func (l *ledger) agentTotals() AgentTotals {
	a := l.last.Agents
	t := AgentTotals{
		Target: l.target, Peak: l.peak, InWorldAtEnd: l.inWorldAtEnd,
		Logins: a.Logins, LoginFailures: a.LoginFailures, Lost: a.Lost,
	}
	if !l.leaving() {
		t.InWorldAtEnd = a.InWorld
	}
	return t
}

func (l *ledger) phaseSummaries() []PhaseSummary {
	list := make([]PhaseSummary, 0, len(l.phases))
	for _, p := range l.phases {
		list = append(list, PhaseSummary{
			Name: p.name, From: seconds(p.from), To: seconds(p.to), Ops: p.ops.ops(), Generator: p.health.rounded(),
		})
	}
	return list
}

func (l *ledger) simulatorSummaries() []SimulatorSummary {
	list := []SimulatorSummary{}
	for _, region := range slices.Sorted(maps.Keys(l.simulators)) {
		st := l.simulators[region]
		list = append(list, SimulatorSummary{
			Region:       region,
			FPS:          MeanMin{Mean: st.FPSSum / float64(st.N), Min: st.FPSMin},
			TimeDilation: MeanMin{Mean: st.DilationSum / float64(st.N), Min: st.DilationMin},
		})
	}
	return list
}

// seconds is d in seconds, to the millisecond: finer than that, no line of a
// run directory tells time.
func seconds(d time.Duration) float64 {
	return float64(d.Round(time.Millisecond)/time.Millisecond) / 1000
}

// fromSeconds is seconds' inverse.
func fromSeconds(s float64) time.Duration {
	return (time.Duration(s * float64(time.Second))).Round(time.Millisecond)
}
