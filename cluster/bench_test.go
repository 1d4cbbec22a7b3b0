package cluster

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
	"github.com/slload/slload/swarm"
)

// secondOf is what a busy worker sends of a second: operations as of the profile
// crowd, 1,000 samples in all.
func secondOf(b *testing.B, segment int, seq uint64) []byte {
	b.Helper()
	rec := results.NewRecorder()
	for _, op := range []string{"login", "login.auth", "login.handshake", "caps.seed", "eq.poll", "msg.ping", "msg.chat", "msg.im", "teleport", "logout"} {
		for i := range 100 {
			d := time.Duration(1+(i*i*(segment+1))%5000) * 10 * time.Microsecond
			rec.Record(op, d, d, "")
		}
	}
	f := &frame{
		key: key{segment, 1}, Run: "bench", Seq: seq, Worker: fmt.Sprint("host:", segment), Kind: frameTick, Step: 1, Phase: "stage 1",
		Sample: results.Sample{T: time.Duration(seq) * time.Second}, interval: results.AppendInterval(nil, rec.Swap(nil)),
	}
	f.Sample.Agents = results.Agents{Target: 1000, InWorld: 1000, Logins: 1000}
	f.Sample.Simulators = []results.Simulator{{Region: "Region 1", FPS: 45, TimeDilation: 1}}
	data, err := appendFrame(nil, f)
	if err != nil {
		b.Fatal(err)
	}
	return data
}

// BenchmarkController is the controller's work for one second of a run: reading,
// lining up, merging and writing what its workers sent.
func BenchmarkController(b *testing.B) {
	for _, n := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprint(n, "workers"), func(b *testing.B) {
			c := benchController(b, n)
			frames := make([][]byte, n)
			for i := range frames {
				frames[i] = secondOf(b, i, 1)
			}
			size := 0
			b.ReportAllocs()
			b.ResetTimer()
			for second := range b.N {
				for _, data := range frames {
					size += len(data)
					f, err := readFrame(data)
					if err != nil {
						b.Fatal(err)
					}
					f.Seq, f.Sample.T = uint64(second)+1, time.Duration(second+1)*time.Second
					c.accept(f)
				}
			}
			b.ReportMetric(float64(size)/float64(b.N)/float64(n), "B/frame")
			if c.lineup.last != time.Duration(b.N)*time.Second {
				b.Fatalf("closed up to %v", c.lineup.last)
			}
		})
	}
}

// benchController is a controller that has begun, without NATS.
func benchController(b *testing.B, n int) *controller {
	p, err := profiles.Load("crowd")
	if err == nil {
		err = p.Resolve()
	}
	if err != nil {
		b.Fatal(err)
	}
	plan, m, err := swarm.Lead(b.Context(), swarm.Config{Profile: p, LoginURI: "http://127.0.0.1:9/"}, time.Now())
	if err != nil {
		b.Fatal(err)
	}
	c := newController(ControllerConfig{Workers: n, Run: swarm.Config{Profile: p}, now: time.Now})
	c.plan, c.names, c.log, c.stage = plan, subjects{DefaultName, "bench"}, slog.New(slog.DiscardHandler), running
	c.stint.began = time.Now().Add(-maxTime)
	m.Workers = []results.ManifestWorker{{Worker: "host:0", Of: n}}
	collector, err := results.NewCollector(results.Config{Dir: filepath.Join(b.TempDir(), "run"), Phase: "stage 1", Manifest: m})
	if err != nil {
		b.Fatal(err)
	}
	c.collector, collector.OnFlushed = collector, c.flushed
	c.makeSlots(1)
	c.lineup = newLineup(1)
	for _, s := range c.slots {
		s.worker = &member{joinRequest: joinRequest{Host: "host", PID: s.Segment}}
		s.a = c.assignment(s.key)
		c.lineup.add(s.key, s.worker.name(), true)
	}
	b.Cleanup(func() {
		if _, err := collector.Finish(c.last); err != nil {
			b.Error(err)
		}
	})
	return c
}

// BenchmarkBeats is the controller's work for one second's beats.
func BenchmarkBeats(b *testing.B) {
	for _, n := range []int{100, 1000, 4000} {
		b.Run(fmt.Sprint(n, "workers"), func(b *testing.B) {
			c := benchController(b, n)
			for _, s := range c.slots {
				s.worker.beat.Segments = []segmentBeat{{key: s.key, State: stateRunning}}
			}
			b.ReportAllocs()
			for b.Loop() {
				for _, s := range c.slots {
					c.heard(s.worker)
				}
			}
		})
	}
}

// BenchmarkLineup lines up one second's frames, which come in any order.
func BenchmarkLineup(b *testing.B) {
	for _, n := range []int{100, 1000, 4000} {
		b.Run(fmt.Sprint(n, "segments"), func(b *testing.B) {
			l := newLineup(0)
			var order []*segment
			for i := range n {
				order = append(order, l.add(key{i, 1}, "host:1", true))
			}
			rng := rand.New(rand.NewPCG(1, 2))
			rng.Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
			second := uint64(0)
			b.ReportAllocs()
			for b.Loop() {
				second++
				closed := 0
				for _, s := range order {
					s.take(&frame{key: s.key, Seq: second, Kind: frameTick, Sample: results.Sample{T: time.Duration(second) * time.Second}})
					for cl := l.next(); cl != nil; cl = l.next() {
						closed += len(cl.frames)
					}
				}
				if closed != n {
					b.Fatalf("%d frames of second %d are closed", closed, second)
				}
			}
		})
	}
}
