package circuit

import (
	"math/bits"
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
	s.Circuits = len(l.circuits)
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

// Lag is a histogram of durations: four buckets to each power of two
// microseconds, so a quantile is at most a quarter too high. Its size is fixed
// and the zero Lag is empty.
type Lag [lagBuckets]uint64

const lagBuckets = 128 // the last one begins at an hour

// Record counts one duration.
func (h *Lag) Record(d time.Duration) { h[lagBucket(d)]++ }

// Add adds another histogram's counts.
func (h *Lag) Add(o *Lag) {
	for i, n := range o {
		h[i] += n
	}
}

// Sub takes an earlier state of the same histogram away, which leaves what
// came since.
func (h *Lag) Sub(o *Lag) {
	for i, n := range o {
		h[i] -= n
	}
}

// Count gives how many durations were recorded.
func (h Lag) Count() uint64 {
	total := uint64(0)
	for _, n := range h {
		total += n
	}
	return total
}

// Quantile gives the upper bound of the bucket in which the q-th part (0 to 1)
// of all durations ends; 0 if none was recorded.
func (h Lag) Quantile(q float64) time.Duration {
	total := h.Count()
	rank := min(uint64(q*float64(total)), total-min(total, 1))
	seen := uint64(0)
	for i, n := range h {
		seen += n
		if seen > rank {
			return lagBound(i)
		}
	}
	return 0
}

// lagBucket: microseconds 0 to 3 have a bucket each; from there on the two bits
// after the leading one choose among the four of a power of two.
func lagBucket(d time.Duration) int {
	us := uint64(max(d, 0) / time.Microsecond)
	if us < 4 {
		return int(us)
	}
	power := bits.Len64(us) - 1
	return min((power-1)*4+int(us>>(power-2)&3), lagBuckets-1)
}

// lagBound gives the end of a bucket.
func lagBound(bucket int) time.Duration {
	if bucket < 4 {
		return time.Duration(bucket+1) * time.Microsecond
	}
	power := bucket/4 + 1
	return time.Duration(uint64(4+bucket%4+1)<<(power-2)) * time.Microsecond
}
