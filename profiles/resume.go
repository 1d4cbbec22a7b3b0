package profiles

import "time"

// ResumePhase is the phase in which those who were in world when a run broke
// off log in again, and GapPhase the time between, in which there was no run.
const (
	ResumePhase = "resume"
	GapPhase    = "gap"
)

// From is how the plan goes on at an offset, in a run that broke off there.
// Times are the whole plan's. Who would be in world logs in again from there
// on, no faster than the login rate of its group, and its actions begin as at
// any login; who would have left by its turn doesn't come. That takes a phase of
// its own, a ramp. What is later stays as it was. Turns are the whole swarm's, so
// that shares which go on together keep the rate together.
func (p *Plan) From(at time.Duration) *Plan {
	q := *p
	q.all = nil
	turns := make([]time.Duration, len(p.groups)) // when the next may log in
	ready := at
	for _, s := range p.all {
		if turn := at + turns[s.Group]; s.Login <= at {
			if s.Leave <= turn {
				continue
			}
			s.Login = turn
			turns[s.Group] += p.groups[s.Group].Agents.LoginRate.Period()
			ready = max(ready, turn)
		}
		q.all = append(q.all, s)
	}
	q.sort()
	q.cut(p.Share)
	q.resumePhases(at, min(ready+resumeGrace, p.Length))
	return &q
}

// TakeOver is how a share goes on at an offset when who had it is gone, while
// the others go on: as From, in the phases that they are in.
func (p *Plan) TakeOver(at time.Duration) *Plan {
	q := p.From(at)
	q.Phases = p.Phases
	return q
}

// resumeGrace is what the last of those who log in again have for it.
const resumeGrace = 5 * time.Second

// resumePhases puts the ramp in place of what the phases have until ready.
func (p *Plan) resumePhases(at, ready time.Duration) {
	phases := []Phase{{Name: ResumePhase, From: at, To: ready, Ramp: true}}
	for _, phase := range p.Phases {
		if phase.From = max(phase.From, ready); phase.To > phase.From {
			phases = append(phases, phase)
		}
	}
	p.Phases = phases
}
