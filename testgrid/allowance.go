package testgrid

import (
	"github.com/slload/slload/circuit"
)

// allowance holds the scene back from a client that has had its bytes, or that
// doesn't acknowledge what it has. Unlike a
// queue it loses nothing and delays nothing twice: what changes while it is shut
// is sent once, as it is when it opens. Chat, messages and answers aren't held
// back, but they are paid for.
type allowance struct {
	rate float64         // bytes/s
	paid uint64          // of the circuit's sent bytes
	free circuit.Instant // when all that was sent is worked off
}

// maxUnacked is how many packets a client may leave unacknowledged before the
// scene waits for it: one that can't follow would only be sent them again.
const maxUnacked = 64

// burst is how far ahead of its rate a client may be sent to.
const burst = 100_000_000 // ns

// open tells whether more of the scene may be sent now.
func (a *allowance) open(now circuit.Instant, c *circuit.Circuit) bool {
	s := c.Stats()
	a.free = max(a.free, now) + circuit.Instant(float64(s.BytesSent-a.paid)*1e9/a.rate)
	a.paid = s.BytesSent
	return s.Unacked < maxUnacked && a.free <= now+burst
}
