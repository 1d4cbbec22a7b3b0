package results

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"
)

// The load of these benchmarks is twenty operations with fifty samples each a
// second, on two loops; times spread as an exponential distribution does.
const (
	benchOps     = 20
	benchSamples = 50
)

type benchRun struct {
	*Collector
	loops [2]*Recorder
	spare [2]*Interval
	names [benchOps]string
	rng   *rand.Rand
	at    time.Duration
}

func newBenchRun(b *testing.B) *benchRun {
	c, err := NewCollector(Config{Dir: filepath.Join(b.TempDir(), "run"), Phase: "stage 1"})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.files.close() })
	r := &benchRun{Collector: c, loops: [2]*Recorder{NewRecorder(), NewRecorder()}, rng: rand.New(rand.NewPCG(1, 2))}
	for i := range r.names {
		r.names[i] = fmt.Sprintf("caps.Capability%d", i)
	}
	return r
}

// second records and ticks a second; without disk, nothing is flushed.
func (r *benchRun) second(b *testing.B, disk bool) {
	for op, name := range r.names {
		for range benchSamples {
			d := time.Duration(r.rng.ExpFloat64() * float64(20*ms))
			r.loops[op%2].Record(name, d, d/2, "")
		}
	}
	for i, l := range r.loops {
		iv := l.Swap(r.spare[i])
		r.Merge(iv)
		r.spare[i] = iv
	}
	r.at += s
	if !disk {
		r.flushed = r.at
	}
	if err := r.Tick(Sample{T: r.at}); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkTick(b *testing.B) {
	r := newBenchRun(b)
	b.ReportAllocs()
	for b.Loop() {
		r.second(b, false)
	}
}

func BenchmarkTenSecondsWithFlush(b *testing.B) {
	r := newBenchRun(b)
	b.ReportAllocs()
	for b.Loop() {
		for range 10 {
			r.second(b, true)
		}
	}
	b.ReportMetric(float64(r.files.hlog.size)/float64(b.N), "hlog-B/op")
	b.ReportMetric(float64(r.files.timeline.size)/float64(b.N), "timeline-B/op")
}

func BenchmarkProgress(b *testing.B) {
	r := newBenchRun(b)
	for range 60 {
		r.second(b, false)
	}
	b.ReportAllocs()
	for b.Loop() {
		r.Progress()
	}
}

func BenchmarkSummary(b *testing.B) {
	r := newBenchRun(b)
	for range 60 {
		r.second(b, false)
	}
	b.ReportAllocs()
	for b.Loop() {
		r.Summary()
	}
}

// BenchmarkWorkerLines is what a line of the timeline costs more where there are
// as many workers as runs have been measured with.
func BenchmarkWorkerLines(b *testing.B) {
	m := machinesOf(b, 1000)
	m.seconds(1, func() {})
	b.ReportAllocs()
	for b.Loop() {
		m.ledger.workerLines()
	}
}
