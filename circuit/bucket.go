package circuit

import "time"

// burst is how much of its rate a throttled circuit may send at once.
const burst = Instant(100 * time.Millisecond)

// bucket is a token bucket over bytes, kept as the time at which it will be
// full again. The zero bucket lets everything pass.
type bucket struct {
	rate int64 // bytes/s; 0: no limit
	full Instant
}

// ready gives the time from which on the next datagram may go; any size may,
// as what it overdraws delays the ones after it.
func (b *bucket) ready() Instant { return b.full - burst }

// open tells whether a datagram may go now.
func (b *bucket) open(now Instant) bool { return b.rate == 0 || b.ready() <= now }

// take pays for n bytes.
func (b *bucket) take(now Instant, n int) {
	if b.rate == 0 {
		return
	}
	b.full = max(b.full, now) + Instant(int64(n)*int64(time.Second)/b.rate)
}
