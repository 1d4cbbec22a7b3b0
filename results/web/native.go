package web

import (
	"math"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
	"github.com/prometheus/client_golang/prometheus"
)

// nativeSchema is how fine Prometheus's native histograms are: each bucket's
// bound is the next of 2^(2^-schema), here 4.4 % wide.
const nativeSchema = 4

// native makes a native histogram, in seconds, of one in nanoseconds.
func native(d *prometheus.Desc, h *hdr.PackedHistogram, since time.Time, labels ...string) prometheus.Metric {
	buckets := map[int]int64{}
	var sum float64
	var count uint64
	for ns, n := range h.ForEachBucket {
		seconds := float64(max(ns, 1)) / 1e9
		buckets[nativeBucket(seconds)] += n
		sum += seconds * float64(n)
		count += uint64(n)
	}
	m, err := prometheus.NewConstNativeHistogram(d, count, sum, buckets, nil, 0, nativeSchema, 0, since, labels...)
	if err != nil {
		return prometheus.NewInvalidMetric(d, err)
	}
	return m
}

// nativeBucket is the index of the bucket whose bound is the first that v, above
// 0, doesn't pass.
func nativeBucket(v float64) int {
	return int(math.Ceil(math.Log2(v) * (1 << nativeSchema)))
}
