package circuit

import (
	"time"

	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/message"
)

// LoopStats is what a loop counted since it was made. Stats of several loops
// add up with Add.
type LoopStats struct {
	PacketsReceived, BytesReceived uint64
	PacketsSent, BytesSent         uint64

	Resent     uint64 // packets that this side sent again
	Lost       uint64 // reliable packets given up: never acknowledged
	Duplicates uint64 // reliable packets received again: acknowledged again, not delivered
	Stale      uint64 // of those, resends from before the duplicate window
	Unknown    uint64 // packets from peers without a circuit
	Trailing   uint64 // messages with bytes after their last field, which is legal
	SendDrops  uint64 // not sent, because the Conn took nothing for too long

	Malformed map[string]uint64     // packets by what is wrong with them
	Unhandled map[message.ID]uint64 // messages that nobody subscribed to

	Circuits     int // open
	Timeouts     uint64
	MailboxDepth int    // most functions that waited in the mailbox at once
	SkippedTicks uint64 // periods of pings that passed before their timer ran
	LateTimers   uint64 // fired more than LateAfter after they were due
	TickLag      Lag    // how late timers fired
	Conn         udp.Counters
}

// LateAfter is how late a timer fires to be counted as late. Half of it a loop
// without work needs already: ticks are 1 ms, and a Conn under load wakes up
// once a millisecond.
const LateAfter = 5 * time.Millisecond

// counters are the loop's own: what LoopStats takes over as it is, and tables
// that cost nothing to count in.
type counters struct {
	LoopStats
	malformed map[string]uint64
	unhandled [message.NumMessages]uint64
}

// Stats gives a copy of the loop's counters. On the loop's goroutine only.
func (l *Loop) Stats() LoopStats {
	s := l.stats.LoopStats
	s.PacketsSent, s.BytesSent, s.SendDrops = l.out.packets, l.out.bytes, l.out.drops
	s.Circuits = len(l.circuits.all)
	s.MailboxDepth = l.mailbox.maxDepth()
	s.Conn = l.conn.Counters()
	s.Malformed = map[string]uint64{}
	for reason, n := range l.stats.malformed {
		s.Malformed[reason] = n
	}
	s.Unhandled = map[message.ID]uint64{}
	for id, n := range l.stats.unhandled {
		if n > 0 {
			s.Unhandled[message.ID(id)] = n
		}
	}
	return s
}

// Add adds o's counts to s; depths add up to the larger one.
func (s *LoopStats) Add(o LoopStats) {
	s.PacketsReceived += o.PacketsReceived
	s.BytesReceived += o.BytesReceived
	s.PacketsSent += o.PacketsSent
	s.BytesSent += o.BytesSent
	s.Resent += o.Resent
	s.Lost += o.Lost
	s.Duplicates += o.Duplicates
	s.Stale += o.Stale
	s.Unknown += o.Unknown
	s.Trailing += o.Trailing
	s.SendDrops += o.SendDrops
	s.Malformed = addCounts(s.Malformed, o.Malformed)
	s.Unhandled = addCounts(s.Unhandled, o.Unhandled)
	s.Circuits += o.Circuits
	s.Timeouts += o.Timeouts
	s.MailboxDepth = max(s.MailboxDepth, o.MailboxDepth)
	s.SkippedTicks += o.SkippedTicks
	s.LateTimers += o.LateTimers
	s.TickLag.Add(&o.TickLag)
	addConn(&s.Conn, o.Conn)
}

func addCounts[K comparable](to, from map[K]uint64) map[K]uint64 {
	if to == nil {
		to = map[K]uint64{}
	}
	for k, n := range from {
		to[k] += n
	}
	return to
}

func addConn(to *udp.Counters, from udp.Counters) {
	to.Received += from.Received
	to.Sent += from.Sent
	to.KernelDrops += from.KernelDrops
	to.QueueDrops += from.QueueDrops
	to.Strays += from.Strays
	to.Truncated += from.Truncated
	to.ReceiveErrors += from.ReceiveErrors
	to.SendErrors += from.SendErrors
	to.Refused += from.Refused
	to.NoBuffers += from.NoBuffers
	to.Denied += from.Denied
	to.Unreachable += from.Unreachable
	to.NotOpen += from.NotOpen
	to.OtherErrors += from.OtherErrors
}

// CircuitStats is what one circuit counted, and how its peer behaves.
type CircuitStats struct { //nolint:revive // LoopStats are the loop's
	PacketsReceived, BytesReceived uint64
	PacketsSent, BytesSent         uint64
	Resent, Duplicates             uint64

	Unacked int           // reliable packets that wait for an ack
	Waiting int           // packets that wait for the throttle
	RTT     time.Duration // smoothed time to an ack, 0 before the first
	RTO     time.Duration // what a resend waits for
	Ping    time.Duration // the last ping, 0 before the first
}
