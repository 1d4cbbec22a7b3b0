package swarm

import (
	"runtime"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/results"
)

// generator is how this process does itself.
func generator(s circuit.LoopStats, cpuStart float64) results.Generator {
	return results.Generator{
		CPUSeconds:   cpuSeconds() - cpuStart,
		MaxRSSBytes:  maxRSS(),
		TickLagP99NS: s.TickLag.Quantile(0.99).Nanoseconds(),
		Cores:        runtime.GOMAXPROCS(0),
	}
}
