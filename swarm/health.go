package swarm

import (
	"math"
	"runtime"
	"runtime/metrics"
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/results"
)

// health watches how this process does. Run's goroutine owns it.
type health struct {
	cpu, machine, gcCPU float64 // what was used before the run, in seconds
	gridCPU             float64
	grid                func() float64 // the embedded grid's; gives 0 where there is none

	lag, phaseLag       circuit.Lag // now, and when the phase began
	pauses, phasePauses pauses      // now, and when the phase began
	startPauses         pauses
	samples             []metrics.Sample
}

// The runtime's own measures. Time in which a collector only used cores that
// nobody wanted is no cost.
const (
	metricPauses = "/sched/pauses/total/gc:seconds"
	metricGC     = "/cpu/classes/gc/total:cpu-seconds"
	metricGCIdle = "/cpu/classes/gc/mark/idle:cpu-seconds"
	metricHeap   = "/gc/heap/live:bytes"
)

func newHealth(grid func() float64) *health {
	if grid == nil {
		grid = func() float64 { return 0 }
	}
	h := &health{grid: grid, gridCPU: grid(), samples: []metrics.Sample{{Name: metricPauses}, {Name: metricGC}, {Name: metricGCIdle}, {Name: metricHeap}}}
	h.cpu = CPUSeconds()
	h.machine, _ = machineCPU()
	h.gcCPU = h.readRuntime()
	h.startPauses, h.phasePauses = h.pauses.clone(), h.pauses.clone()
	return h
}

// readRuntime takes the pauses so far and gives the CPU time of garbage
// collection.
func (h *health) readRuntime() (gcCPU float64) {
	metrics.Read(h.samples)
	if h.samples[0].Value.Kind() == metrics.KindFloat64Histogram {
		h.pauses = pauses{*h.samples[0].Value.Float64Histogram()}
	}
	return float(h.samples[1]) - float(h.samples[2])
}

func float(s metrics.Sample) float64 {
	if s.Value.Kind() != metrics.KindFloat64 {
		return 0 // a runtime without this measure
	}
	return s.Value.Float64()
}

func integer(s metrics.Sample) int64 {
	if s.Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return int64(s.Value.Uint64())
}

// generator is how this process does since the run's start, and its delays
// since the phase's.
func (h *health) generator(lag circuit.Lag) (results.Generator, results.Delays) {
	h.lag = lag
	machine, cores := machineCPU()
	gc := h.readRuntime()
	p99, longest := h.pauses.since(h.startPauses)
	g := results.Generator{
		CPUSeconds:   ms(CPUSeconds() - h.cpu),
		MaxRSSBytes:  maxRSS(),
		TickLagP99NS: lag.Quantile(0.99).Nanoseconds(),
		Cores:        usableCores(),

		GridCPUSeconds:    ms(h.grid() - h.gridCPU),
		MachineCPUSeconds: ms(machine - h.machine), MachineCores: cores,
		GCPauseP99NS: p99.Nanoseconds(), GCPauseMaxNS: longest.Nanoseconds(), GCCPUSeconds: ms(gc - h.gcCPU),

		Memory: results.Memory{RSSBytes: rss(), HeapBytes: integer(h.samples[3]), Goroutines: int64(runtime.NumGoroutine())},
	}
	lag.Sub(&h.phaseLag)
	p99, longest = h.pauses.since(h.phasePauses)
	return g, results.Delays{
		TickLagP99NS: lag.Quantile(0.99).Nanoseconds(), GCPauseP99NS: p99.Nanoseconds(), GCPauseMaxNS: longest.Nanoseconds(),
	}
}

// beginPhase begins a phase where the last call of generator was.
func (h *health) beginPhase() { h.phaseLag, h.phasePauses = h.lag, h.pauses.clone() }

// usableCores are those that the process can use at once: Go may run more threads.
func usableCores() int { return min(runtime.GOMAXPROCS(0), runtime.NumCPU()) }

// ms is seconds to the millisecond: finer than that nothing here is counted.
func ms(seconds float64) float64 { return math.Round(seconds*1000) / 1000 }

// pauses is a histogram of the runtime's.
type pauses struct{ metrics.Float64Histogram }

// clone keeps the counts, which the runtime's next reading may write over.
func (p pauses) clone() pauses {
	p.Counts = append([]uint64(nil), p.Counts...)
	return p
}

// since tells the p99 and the longest of the pauses that came after before
// was read: the upper bounds of their buckets.
func (p pauses) since(before pauses) (p99, longest time.Duration) {
	count := func(i int) uint64 {
		if i < len(before.Counts) {
			return p.Counts[i] - before.Counts[i]
		}
		return p.Counts[i]
	}
	var total uint64
	for i := range p.Counts {
		total += count(i)
	}
	seen := uint64(0)
	for i := range p.Counts {
		if n := count(i); n > 0 {
			seen += n
			longest = p.bound(i)
			if p99 == 0 && float64(seen) >= 0.99*float64(total) {
				p99 = longest
			}
		}
	}
	return p99, longest
}

// bound is the end of a bucket; the last one's, which has none, its beginning.
func (p pauses) bound(bucket int) time.Duration {
	end := p.Buckets[bucket+1]
	if math.IsInf(end, 1) {
		end = p.Buckets[bucket]
	}
	return time.Duration(end * float64(time.Second))
}
