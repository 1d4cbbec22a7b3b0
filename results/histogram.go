package results

import (
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// What the histograms hold: nanoseconds from 1 µs to 1 h, to 3 significant
// digits or, below half a millisecond, to 512 ns.
const (
	minValue = time.Microsecond
	maxValue = time.Hour
	digits   = 3
)

// newDense returns a histogram with constant cost per value, 197 KB.
func newDense() *hdr.Histogram { return hdr.New(int64(minValue), int64(maxValue), digits) }

// newPacked returns a histogram whose memory follows the number of distinct
// values: some KB for the latencies of an operation.
func newPacked() *hdr.PackedHistogram {
	return hdr.NewPacked(int64(minValue), int64(maxValue), digits)
}

// mergePacked adds from to h. A packed histogram's own Merge passes over all of
// both; the few values of a second go into the thousands of a whole run far
// quicker one by one.
func mergePacked(h, from *hdr.PackedHistogram) {
	if from.Populated()*8 > h.Populated() {
		h.Merge(from)
		return
	}
	for value, n := range from.ForEachBucket {
		if err := h.RecordValues(value, n); err != nil {
			panic("results: " + err.Error() + " though it was recorded before")
		}
	}
}

// clamp brings d into the histograms' range and returns 1 if it was outside.
func clamp(d *time.Duration) int64 {
	switch {
	case *d < minValue:
		*d = minValue
	case *d > maxValue:
		*d = maxValue
	default:
		return 0
	}
	return 1
}

// recordValue records a clamped value. hdrhistogram refuses only values out of
// range and totals past 2^63.
func recordValue(h interface{ RecordValue(int64) error }, d time.Duration) {
	if err := h.RecordValue(int64(d)); err != nil {
		panic("results: " + err.Error() + " though it was clamped")
	}
}
