package circuit

import (
	"math/bits"
	"time"
)

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
