package profiles

import (
	"cmp"
	"slices"
	"time"
)

// A share's plan is a part of the whole's: all are cut from the same sessions, so
// that none needs to hear of another. What tells of the run (phases, length, peak,
// number of agents, paces of swarm_rate) is the whole's in each of them.

// Whole is the plan of all shares together.
func (p *Plan) Whole() *Plan {
	whole := *p
	whole.cut(Share{0, 1})
	return &whole
}

// cut leaves the plan with the sessions of one share.
func (p *Plan) cut(share Share) {
	p.Share, p.Sessions, p.SharePeak = share, p.all, p.Peak
	if share.Count == 1 {
		return
	}
	p.Sessions = nil
	for _, s := range p.all {
		if share.Has(s.Agent) {
			p.Sessions = append(p.Sessions, s)
		}
	}
	p.SharePeak = min(p.Peak, mostAtOnce(p.Sessions))
}

// SharePeaks are the most agents at the same time in each of so many shares of the
// run.
func (p *Plan) SharePeaks(count int) []int {
	shares := make([][]Session, count)
	for _, s := range p.all {
		shares[s.Agent%count] = append(shares[s.Agent%count], s)
	}
	peaks := make([]int, count)
	for i, sessions := range shares {
		peaks[i] = min(p.Peak, mostAtOnce(sessions))
	}
	return peaks
}

// mostAtOnce counts who leaves at an instant beside who comes at it: a grid takes
// a moment to let them go. Sessions are sorted.
func mostAtOnce(sessions []Session) (most int) {
	leaves := make([]time.Duration, len(sessions))
	for i, s := range sessions {
		leaves[i] = s.Leave
	}
	slices.Sort(leaves)
	gone := 0
	for i, s := range sessions {
		for leaves[gone] < s.Login {
			gone++
		}
		most = max(most, i+1-gone)
	}
	return most
}

// sort brings the sessions in order of their logins.
func (p *Plan) sort() {
	slices.SortFunc(p.all, func(a, b Session) int {
		return cmp.Or(cmp.Compare(a.Login, b.Login), cmp.Compare(a.Agent, b.Agent), cmp.Compare(a.Nth, b.Nth))
	})
}

// PhaseAt is the index of the phase that runs at an offset; that of the last one
// at the plan's end and beyond.
func (p *Plan) PhaseAt(at time.Duration) int {
	for i, phase := range p.Phases {
		if at < phase.To {
			return i
		}
	}
	return len(p.Phases) - 1
}
