package profiles

import (
	"slices"
	"strconv"
	"time"
)

// Phase is a stretch of a run that the summary tells apart.
type Phase struct {
	// Name is WarmupPhase, CooldownPhase, or "stage 1", "stage 2" and so on.
	Name string
	// From and To are offsets from the run's start.
	From, To time.Duration
	// Ramp tells that the number of agents changes, by a plan that also has
	// stages in which it stays.
	Ramp bool
}

// The names of the phases that verdicts leave out.
const (
	WarmupPhase   = "warmup"
	CooldownPhase = "cooldown"
	// PausedPhase stands in no plan: it is the time in which somebody held the
	// run.
	PausedPhase = "paused"
)

// LeftOut tells a phase that is marked and left out of verdicts: warm-up,
// cool-down, pause, or a gap in which there was no run.
func LeftOut(phase string) bool {
	return phase == WarmupPhase || phase == CooldownPhase || phase == PausedPhase || phase == GapPhase
}

// planPhases names the stretches of the run: the stages, with the warm-up after
// the first ones and the cool-down at the end. Of several groups, a stage of the
// run is what lies between two moments at which any group begins or ends one.
func (p *Plan) planPhases() {
	first, rest := p.Profile.parts()
	warm := time.Duration(first)
	after := warm + time.Duration(p.Profile.Warmup)
	stages := p.pieces(&p.groups[0])
	if len(p.groups) > 1 {
		stages = p.union(after)
	}
	warmed := false
	for i, s := range stages {
		if s.begin >= after && !warmed {
			p.phase(WarmupPhase, warm, after, false)
			warmed = true
		}
		p.phase("stage "+strconv.Itoa(i+1), s.begin, s.end, s.ramp)
	}
	if !warmed {
		p.phase(WarmupPhase, warm, after, false)
	}
	p.phase(CooldownPhase, after+time.Duration(rest), p.Length, false)
	p.keepRamps()
}

// union cuts the run where any group's stage begins or ends; a part is a ramp
// where any group has one. after is when the warm-up ends.
func (p *Plan) union(after time.Duration) (parts []piece) {
	var all []piece
	cuts := []time.Duration{0}
	for i := range p.groups {
		for _, s := range p.pieces(&p.groups[i]) {
			all = append(all, s)
			cuts = append(cuts, s.begin, s.end)
		}
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	warm := after - time.Duration(p.Profile.Warmup)
	for i, begin := range cuts[:len(cuts)-1] {
		part := piece{begin: begin, end: cuts[i+1]}
		if begin >= warm && part.end <= after {
			continue // the warm-up
		}
		part.ramp = slices.ContainsFunc(all, func(s piece) bool {
			return s.ramp && s.begin <= part.begin && s.end >= part.end
		})
		parts = append(parts, part)
	}
	return parts
}

// phase adds a phase, unless it takes no time.
func (p *Plan) phase(name string, from, to time.Duration, ramp bool) {
	if to > from {
		p.Phases = append(p.Phases, Phase{name, from, to, ramp})
	}
}

// keepRamps makes the ramps stages like others where there is nothing else.
func (p *Plan) keepRamps() {
	if len(p.Measured()) > 0 {
		return
	}
	for i := range p.Phases {
		p.Phases[i].Ramp = false
	}
}

// Measured are the names of the phases that are neither ramp nor warm-up nor cool-down.
func (p *Plan) Measured() []string {
	var names []string
	for _, phase := range p.Phases {
		if !phase.Ramp && !LeftOut(phase.Name) {
			names = append(names, phase.Name)
		}
	}
	return names
}
