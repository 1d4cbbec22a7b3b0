package profiles

import (
	"sort"
	"time"
)

// paceBins is into how many parts a run is cut for the share that one agent has
// in what the whole swarm does.
const paceBins = 4096

// pace tells how a rate of the whole swarm falls to each agent: at a moment with
// n agents in world by plan, each has the n-th part of it. sum[i] is the
// integral of 1/n from the run's start to i parts, in seconds, so that a Poisson
// process of rate R over the swarm is, for each agent, one of rate R in that
// time. All shares compute it of the whole swarm, so nobody has to ask.
type pace struct {
	width time.Duration
	sum   []float64
}

// newPace makes the pace of sessions within a run of some length. Integers keep
// it the same on every processor, as far as a float64 product allows.
func newPace(sessions []Session, length time.Duration) *pace {
	p := &pace{width: max(1, (length+paceBins-1)/paceBins)}
	bins := int((length+p.width-1)/p.width) + 1
	whole := make([]int64, bins+1)          // change of the agents that are there for the whole part
	partly := make([]time.Duration, bins+1) // what others are there, all together
	for _, s := range sessions {
		from, to := int(s.Login/p.width), int(s.Leave/p.width)
		if from == to {
			partly[from] += s.Leave - s.Login
			continue
		}
		partly[from] += time.Duration(from+1)*p.width - s.Login
		partly[to] += s.Leave - time.Duration(to)*p.width
		whole[from+1]++
		whole[to]--
	}
	p.sum = make([]float64, bins+1)
	var n int64
	for i := range bins {
		n += whole[i]
		there := float64(n) + float64(partly[i])/float64(p.width)
		var step float64
		if there > 0 {
			step = p.width.Seconds() / max(there, 1)
		}
		p.sum[i+1] = p.sum[i] + step
	}
	return p
}

// at is the integral up to t.
func (p *pace) at(t time.Duration) float64 {
	i := min(int(t/p.width), len(p.sum)-2)
	part := float64(t-time.Duration(i)*p.width) / float64(p.width)
	return p.sum[i] + float64(part*(p.sum[i+1]-p.sum[i])) // the conversion keeps products and sums apart
}

// when is the moment at which the integral comes to v; ok is false where it
// doesn't within the run.
func (p *pace) when(v float64) (t time.Duration, ok bool) {
	i := sort.Search(len(p.sum), func(i int) bool { return p.sum[i] >= v })
	if i == len(p.sum) {
		return 0, false
	}
	if i == 0 {
		return 0, true
	}
	part := (v - p.sum[i-1]) / (p.sum[i] - p.sum[i-1])
	return time.Duration(i-1)*p.width + time.Duration(part*float64(p.width)), true
}
