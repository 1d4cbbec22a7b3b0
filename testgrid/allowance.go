package testgrid

import (
	"github.com/slload/slload/circuit"
)

// allowance holds the scene back from a client that has had its bytes. Unlike a
// queue it loses nothing and delays nothing twice: what changes while it is shut
// is sent once, as it is when it opens. Chat, messages and answers aren't held
// back, but they are paid for.
type allowance struct {
	rate float64         // bytes/s
	paid uint64          // of the circuit's sent bytes
	free circuit.Instant // when all that was sent is worked off
}

// burst is how far ahead of its rate a client may be sent to.
const burst = 100_000_000 // ns

// open tells whether more of the scene may be sent now.
func (a *allowance) open(now circuit.Instant, c *circuit.Circuit) bool {
	sent := c.Stats().BytesSent
	a.free = max(a.free, now) + circuit.Instant(float64(sent-a.paid)*1e9/a.rate)
	a.paid = sent
	return a.free <= now+burst
}
