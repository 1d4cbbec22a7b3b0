package testgrid

import (
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// StatIDs of SimStats, those that this grid can tell.
const (
	statTimeDilation = 0
	statFrameRate    = 1
	statPhysicsRate  = 2
	statAgentUpdates = 3 // a second
	statFrameTime    = 4 // ms
	statPrims        = 11
	statActivePrims  = 12
	statAgents       = 13
	statChildAgents  = 14
	statScripts      = 15 // that run
	statPacketsIn    = 17 // a second
	statPacketsOut   = 18 // a second
)

// rates are what SimStats tells by the second, measured once in statsEvery.
type rates struct {
	at                                      circuit.Instant
	updates, packetsIn, packetsOut          uint64 // totals then
	updateRate, packetInRate, packetOutRate float32
	scripts                                 int
}

// simStats tells how the region does. Frame rates are measured, and multiplied
// as OpenSim multiplies them: 55 is full speed.
func (r *region) simStats(now circuit.Instant) message.Message {
	r.measureRates(now)
	m := &r.scratch.stats
	m.Region.RegionX, m.Region.RegionY = r.x/regionSize, r.y/regionSize
	m.Region.RegionFlags, m.Region.ObjectCapacity = regionFlags, primCapacity
	rate := r.frame.rate * reportedFactor
	m.Stat = append(m.Stat[:0],
		message.SimStatsStat{StatID: statTimeDilation, StatValue: r.frame.dilation()},
		message.SimStatsStat{StatID: statFrameRate, StatValue: rate},
		message.SimStatsStat{StatID: statPhysicsRate, StatValue: rate},
		message.SimStatsStat{StatID: statAgentUpdates, StatValue: r.rates.updateRate},
		message.SimStatsStat{StatID: statFrameTime, StatValue: 1000 / max(rate, 1)},
		message.SimStatsStat{StatID: statPrims, StatValue: float32(len(r.prims.list))},
		message.SimStatsStat{StatID: statActivePrims},
		message.SimStatsStat{StatID: statAgents, StatValue: float32(r.present())},
		message.SimStatsStat{StatID: statChildAgents, StatValue: float32(len(r.watchers))},
		message.SimStatsStat{StatID: statScripts, StatValue: float32(r.rates.scripts)},
		message.SimStatsStat{StatID: statPacketsIn, StatValue: r.rates.packetInRate},
		message.SimStatsStat{StatID: statPacketsOut, StatValue: r.rates.packetOutRate},
	)
	return m
}

// present is how many avatars are in the region.
func (r *region) present() int { return len(r.avatars) - len(r.free) }

func (r *region) measureRates(now circuit.Instant) {
	passed := now.Sub(r.rates.at)
	if r.rates.at != 0 && passed < statsEvery {
		return
	}
	s := r.loop.Stats()
	if r.rates.at != 0 {
		per := func(total, before uint64) float32 { return float32(float64(total-before) / passed.Seconds()) }
		r.rates.updateRate = per(r.counters.updates, r.rates.updates)
		r.rates.packetInRate = per(s.PacketsReceived, r.rates.packetsIn)
		r.rates.packetOutRate = per(s.PacketsSent, r.rates.packetsOut)
	}
	r.rates.at, r.rates.scripts = now, r.scripts()
	r.rates.updates, r.rates.packetsIn, r.rates.packetsOut = r.counters.updates, s.PacketsReceived, s.PacketsSent
}

// scripts is how many run in the region.
func (r *region) scripts() (n int) {
	for _, p := range r.prims.list {
		for _, it := range p.contents {
			if it.running {
				n++
			}
		}
	}
	return n
}
