package testgrid

import (
	"context"
	"sync/atomic"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/testgrid/faults"
)

// Stats is what a grid counted since New.
type Stats struct {
	Agents        int    // logged in
	Logins        uint64 // successful ones
	LoginsRefused uint64
	Seeds         uint64 // seed capability calls
	Polls         uint64 // of event queues
	// Faults is how often each met something, by its name, such as udp loss.
	Faults  map[string]uint64
	Regions []RegionStats
}

// RegionStats is what one region counted.
type RegionStats struct {
	Name         string
	Address      string  // of its UDP port
	Avatars      int     // in the region
	FrameRate    float64 // frames/s, measured over the last second; 0 while nobody is there
	TimeDilation float64 // 1 at full speed

	AgentUpdates, Chats, InstantMessages, Logouts uint64 // handled

	Pings uint64 // that clients answered

	LateUpdates  uint64 // AgentUpdates that came after a later one, dropped
	Mismatched   uint64 // messages with another agent's or session's id, dropped
	Unauthorised uint64 // circuits with a code that no login gave out
	Timeouts     uint64 // clients dropped for their silence
	Unsent       uint64 // messages that could not be queued for a client

	Faults map[string]uint64 // of datagrams, and of the region itself

	Loop circuit.LoopStats
}

// totals are counted by HTTP goroutines.
type totals struct {
	logins, loginsRefused, seeds, polls atomic.Uint64
}

// counters are counted by a region's loop, which owns them.
type counters struct {
	updates, chats, messages, logouts uint64
	pings                             uint64
	lateUpdates, mismatched           uint64
	unauthorised, timeouts, unsent    uint64
	outages                           map[string]uint64 // by kind
}

// Done makes counters the loop's observer: it counts pings that were answered.
func (c *counters) Done(op string, _, _, _ circuit.Instant, reason string) {
	if op == circuit.OpPing && reason == "" {
		c.pings++
	}
}

// Count makes counters the loop's observer, whose counts nobody asks for.
func (*counters) Count(string, int) {}

// unsentIf counts a message that could not be sent.
func (c *counters) unsentIf(err error) {
	if err != nil {
		c.unsent++
	}
}

// Stats asks every region; those that don't answer before ctx ends, or have ended,
// are told by name and address only.
func (g *Grid) Stats(ctx context.Context) Stats {
	s := Stats{
		Agents:        g.directory.agents(),
		Logins:        g.stats.logins.Load(),
		LoginsRefused: g.stats.loginsRefused.Load(),
		Seeds:         g.stats.seeds.Load(),
		Polls:         g.stats.polls.Load(),
		Faults:        map[string]uint64{},
	}
	g.fate.Counts(s.Faults)
	for _, r := range g.regions {
		one := r.ask(ctx)
		for name, n := range one.Faults {
			s.Faults[name] += n
		}
		s.Regions = append(s.Regions, one)
	}
	return s
}

func (r *region) ask(ctx context.Context) RegionStats {
	answer := make(chan RegionStats, 1)
	if r.loop.Call(ctx, func(circuit.Instant) { answer <- r.stats() }) != nil {
		return RegionStats{Name: r.name, Address: r.addr.String()}
	}
	return <-answer
}

func (r *region) stats() RegionStats {
	n := &r.counters
	s := RegionStats{
		Name: r.name, Address: r.addr.String(), Avatars: r.present(), TimeDilation: float64(r.frame.dilation()),
		AgentUpdates: n.updates, Chats: n.chats, InstantMessages: n.messages, Logouts: n.logouts, Pings: n.pings,
		LateUpdates: n.lateUpdates, Mismatched: n.mismatched, Unauthorised: n.unauthorised,
		Timeouts: n.timeouts, Unsent: n.unsent,
		Faults: map[string]uint64{}, Loop: r.loop.Stats(),
	}
	for kind, times := range n.outages {
		s.Faults[faults.Region+" "+kind] = times
	}
	if r.line != nil && r.line.fate != nil {
		r.line.fate.Counts(s.Faults)
	}
	if r.frame.beats {
		s.FrameRate = float64(r.frame.rate)
	}
	return s
}
