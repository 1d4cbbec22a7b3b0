package testgrid

import (
	"math/rand/v2"
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// How often each client hears of these, as from OpenSim.
const (
	statsEvery  = 3 * time.Second
	timeEvery   = 2540 * time.Millisecond
	coarseEvery = 4500 * time.Millisecond
	aroundEvery = time.Second
)

// dues is when a client gets each periodic message next.
type dues struct{ stats, time, coarse, around circuit.Instant }

// begin spreads the clients of a region over the periods. Statistics begin when
// a frame rate was measured.
func (d *dues) begin(now circuit.Instant) {
	d.stats = now.Add(measureEvery + rand.N(statsEvery))
	d.time = now.Add(rand.N(timeEvery))
	d.coarse = now.Add(rand.N(coarseEvery))
	d.around = now
}

// sendPeriodic sends what is due. All of it is unreliable: the next one comes
// soon.
func (r *region) sendPeriodic(now circuit.Instant, c *client) {
	if !c.arrived { // it looks in
		if due(now, &c.due.coarse, coarseEvery) {
			r.counters.unsentIf(c.circuit.Send(now, r.coarseLocations(now, c)))
		}
		return
	}
	if due(now, &c.due.stats, statsEvery) && r.frame.rate > 0 {
		r.counters.unsentIf(c.circuit.Send(now, r.simStats(now)))
	}
	if due(now, &c.due.around, aroundEvery) {
		r.lookAround(c)
	}
	if due(now, &c.due.time, timeEvery) {
		r.counters.unsentIf(c.circuit.Send(now, r.viewerTime(now)))
	}
	if due(now, &c.due.coarse, coarseEvery) {
		r.counters.unsentIf(c.circuit.Send(now, r.coarseLocations(now, c)))
	}
}

// due tells whether at has come, and moves it on past now.
func due(now circuit.Instant, at *circuit.Instant, every time.Duration) bool {
	if now < *at {
		return false
	}
	*at = at.Add(every)
	if *at <= now {
		*at = now.Add(every)
	}
	return true
}

// A day of 4 hours and a year of 11 of those, as OpenSim has.
const (
	secondsPerDay  = 4 * 60 * 60
	secondsPerYear = 11 * secondsPerDay
)

func (r *region) viewerTime(now circuit.Instant) message.Message {
	m := &r.scratch.time
	m.TimeInfo.UsecSinceStart = uint64(now.Time().UnixMicro())
	m.TimeInfo.SecPerDay, m.TimeInfo.SecPerYear = secondsPerDay, secondsPerYear
	return m
}

// coarse is the loop's CoarseLocationUpdate: the same for all clients but for
// the index of each one's own.
type coarse struct {
	message message.CoarseLocationUpdate
	slots   []int32
	made    circuit.Instant
}

const (
	// coarseLimit is how many avatars CoarseLocationUpdate tells of at most.
	coarseLimit = 60
	// coarseAge is how old the list may be that clients share.
	coarseAge = 500 * time.Millisecond
)

// coarseLocations tells a client roughly where avatars are: metres in one byte
// each way, height in 4 m steps.
func (r *region) coarseLocations(now circuit.Instant, c *client) message.Message {
	list := &r.scratch.coarse
	if list.made == 0 || now.Sub(list.made) >= coarseAge {
		list.made = now
		r.listCoarse()
	}
	list.message.Index.You, list.message.Index.Prey = -1, -1
	for i, slot := range list.slots {
		if slot == c.slot {
			list.message.Index.You = int16(i)
		}
	}
	return &list.message
}

func (r *region) listCoarse() {
	list := &r.scratch.coarse
	m := &list.message
	list.slots, m.Location, m.AgentData = list.slots[:0], m.Location[:0], m.AgentData[:0]
	for slot, c := range r.avatars {
		if c == nil {
			continue
		}
		pos := c.motion.pos
		list.slots = append(list.slots, int32(slot))
		m.Location = append(m.Location, message.CoarseLocationUpdateLocation{
			X: uint8(pos.X), Y: uint8(pos.Y), Z: uint8(min(pos.Z/4, 255)),
		})
		m.AgentData = append(m.AgentData, message.CoarseLocationUpdateAgentData{AgentID: c.session.agentID})
		if len(list.slots) == coarseLimit {
			return
		}
	}
}
