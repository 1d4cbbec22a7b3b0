package swarm

import (
	"math"
	"runtime"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/slload/slload/circuit"
)

func TestPausesSince(t *testing.T) {
	h := func(counts ...uint64) pauses {
		return pauses{metrics.Float64Histogram{Counts: counts, Buckets: []float64{0, 1e-6, 1e-3, 1e-1, math.Inf(1)}}}
	}
	for _, test := range []struct {
		name         string
		before, now  pauses
		p99, longest time.Duration
	}{
		{"none", h(5, 1, 0, 0), h(5, 1, 0, 0), 0, 0},
		{"the long ones were before", h(5, 1, 7, 1), h(6, 1, 7, 1), time.Microsecond, time.Microsecond},
		{"one in two hundred", h(0, 0, 0, 0), h(199, 0, 1, 0), time.Microsecond, 100 * time.Millisecond},
		{"one in ten", h(0, 0, 0, 0), h(9, 0, 1, 0), 100 * time.Millisecond, 100 * time.Millisecond},
		{"beyond the last bound", h(0, 0, 0, 0), h(0, 0, 0, 1), 100 * time.Millisecond, 100 * time.Millisecond},
		{"nothing was read before", pauses{}, h(0, 1, 0, 0), time.Millisecond, time.Millisecond},
	} {
		if p99, longest := test.now.since(test.before); p99 != test.p99 || longest != test.longest {
			t.Errorf("%s: p99 %v and longest %v, want %v and %v", test.name, p99, longest, test.p99, test.longest)
		}
	}
}

func TestDelaysBeginAnewWithAPhase(t *testing.T) {
	grid := 2.0
	h := newHealth(func() float64 { return grid })
	grid += 1.5
	var lag circuit.Lag
	lag.Record(200 * time.Millisecond)
	runtime.GC()
	g, phase := h.generator(lag)
	if phase.TickLagP99NS < 200e6 || g.TickLagP99NS != phase.TickLagP99NS || phase.GCPauseMaxNS <= 0 || g.GridCPUSeconds != 1.5 {
		t.Errorf("in the first phase %+v, over all %+v", phase, g)
	}
	if g.CPUSeconds < 0 || g.CPUSeconds > 60 || g.MaxRSSBytes <= 0 {
		t.Errorf("since a moment ago: %+v", g)
	}
	h.beginPhase()
	for range 300 {
		lag.Record(time.Millisecond)
	}
	g, phase = h.generator(lag)
	if phase.TickLagP99NS > 2e6 {
		t.Errorf("timers late by %v in the second phase: that was the first", time.Duration(phase.TickLagP99NS))
	}
	if lag.Quantile(1) < 200*time.Millisecond || g.GCPauseMaxNS <= 0 {
		t.Errorf("the whole forgot the first phase: %+v", g)
	}
}
