package circuit

import "time"

// Epoch is where Instants count from: fifty years before the process started,
// so that Instants are above zero even under testing/synctest, whose clock
// begins in the year 2000.
var Epoch = time.Now().Add(-50 * 365 * 24 * time.Hour)

// Instant is a point on the process's monotonic clock, in nanoseconds since
// Epoch. All loops of a process share it. Zero stands for "never".
type Instant int64

// Now reads the clock.
func Now() Instant { return Instant(time.Since(Epoch)) }

// Add gives the Instant d later.
func (t Instant) Add(d time.Duration) Instant { return t + Instant(d) }

// Sub gives the time that passed from u to t.
func (t Instant) Sub(u Instant) time.Duration { return time.Duration(t - u) }

// Time gives t as wall-clock time, as good as the wall clock was when the
// process started.
func (t Instant) Time() time.Time { return Epoch.Add(time.Duration(t)) }

// earlier gives the earlier of two instants, where zero stands for "never".
func earlier(a, b Instant) Instant {
	if a == 0 || (b != 0 && b < a) {
		return b
	}
	return a
}

// reading is one look at both clocks.
type reading struct {
	now  Instant
	wall int64 // Unix ns
}

func readClock() reading {
	t := time.Now()
	return reading{now: Instant(t.Sub(Epoch)), wall: t.UnixNano()}
}

// arrival converts the kernel's receive time, which is wall-clock time, with
// the offset of this very reading, and clamps it to [floor, now]: a step of
// the wall clock between the packet and the reading would otherwise put it
// anywhere. Without a receive time (0) the packet came now.
func (r reading) arrival(kernel int64, floor Instant) Instant {
	if kernel == 0 {
		return r.now
	}
	at := Instant(kernel - (r.wall - int64(r.now)))
	return min(max(at, floor), r.now)
}
