package results

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"
)

// The loads of these benchmarks are what a worker measures in a second: a
// typical one has 200 samples of 20 operations, a heavy one 5,000 of each of 10.
var wireLoads = []struct {
	name         string
	ops, samples int // samples of each operation
}{{"typical", 20, 10}, {"heavy", 10, 5000}}

func benchInterval(ops, samples int, rng *rand.Rand) *Interval {
	r := NewRecorder()
	for op := range ops {
		name := fmt.Sprintf("caps.Capability%d", op)
		for range samples {
			d := time.Duration(rng.ExpFloat64() * float64(20*ms))
			r.Record(name, d, d-d/100, "")
		}
	}
	r.Record("login", 0, 0, "presence")
	r.Count("objects", 12)
	r.Event(Event{T: s, Name: "agent.lost", Agent: "Load Bot12", Reason: "timeout"})
	return r.Swap(nil)
}

func BenchmarkAppendInterval(b *testing.B) {
	for _, load := range wireLoads {
		b.Run(load.name, func(b *testing.B) {
			iv := benchInterval(load.ops, load.samples, rand.New(rand.NewPCG(1, 2)))
			var data []byte
			b.ReportAllocs()
			for b.Loop() {
				data = AppendInterval(data[:0], iv)
			}
			b.ReportMetric(float64(len(data)), "B/frame")
		})
	}
}

// What a controller has to do with each frame: the merge of what a thousand
// frames came to, once a second, is divided among them.
func BenchmarkReadIntervalAndMerge(b *testing.B) {
	for _, load := range wireLoads {
		b.Run(load.name, func(b *testing.B) {
			const frames = 1000
			rng := rand.New(rand.NewPCG(1, 2))
			var kinds [8][]byte
			for i := range kinds {
				kinds[i] = AppendInterval(nil, benchInterval(load.ops, load.samples, rng))
			}
			c, err := NewCollector(Config{Dir: filepath.Join(b.TempDir(), "run"), Phase: "stage 1"})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { c.files.close() })
			sum, n := NewInterval(), 0
			b.ReportAllocs()
			for b.Loop() {
				if err := ReadInterval(kinds[n%len(kinds)], sum); err != nil {
					b.Fatal(err)
				}
				if n++; n%frames == 0 {
					c.Merge(sum)
				}
			}
		})
	}
}

// A second of a thousand workers, but for their intervals; with a flush, which
// comes each ten seconds.
func BenchmarkTickOfAThousandWorkers(b *testing.B) {
	for _, flush := range []bool{false, true} {
		b.Run(fmt.Sprintf("flush %v", flush), func(b *testing.B) {
			c, err := NewCollector(Config{Dir: filepath.Join(b.TempDir(), "run"), Phase: "stage 1"})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { c.files.close() })
			parts := make([]Sample, 1000)
			for i := range parts {
				parts[i].Generator.Cores = 2
				parts[i].Workers = []WorkerSample{{Segment: i, Of: len(parts), Epoch: 1, Worker: fmt.Sprintf("host%d:1", i), State: WorkerRunning}}
			}
			positions := map[string]uint64{}
			for i := range parts {
				positions[fmt.Sprintf("%d.1", i)] = 1
			}
			at := time.Duration(0)
			b.ReportAllocs()
			for b.Loop() {
				at += s
				for i := range parts {
					parts[i].T = at
					parts[i].Generator.CPUSeconds += 0.25
				}
				if !flush {
					c.flushed = at
				} else {
					c.flushed = at - time.Minute
				}
				c.SetPositions(positions)
				if err := c.Tick(Combine(parts)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(sizeOf(filepath.Join(c.Dir(), fileCheckpoint))), "B/checkpoint")
		})
	}
}

func BenchmarkSummaryOfAThousandWorkers(b *testing.B) {
	m := machinesOf(b, 1000)
	for i := range 6 {
		m.phase(fmt.Sprintf("stage %d", i+2))
		m.seconds(1, func() {})
	}
	b.ReportAllocs()
	for b.Loop() {
		m.Summary()
	}
}
