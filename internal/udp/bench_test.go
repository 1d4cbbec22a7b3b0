package udp

import (
	"testing"
	"time"
)

// transfer is what a loop does with a batch: 64 endpoints send a datagram each, the server reads them.
func transfer(r *rig, out, in []Packet) {
	for done := 0; done < len(out); {
		n, err := r.client.WriteBatch(out[done:])
		if err != nil {
			r.Fatal(err)
		}
		done += n
	}
	for got := 0; got < len(out); {
		n, err := r.server.ReadBatch(in)
		if err != nil {
			r.Fatal(err)
		}
		if got += n; n == 0 {
			if err := r.server.Wait(time.Millisecond); err != nil {
				r.Fatal(err)
			}
		}
	}
}

func newTransfer(t testing.TB, tr transport) (r *rig, out, in []Packet) {
	r = newRig(t, tr, Config{}, Config{})
	out, in = make([]Packet, 64), make([]Packet, 64)
	for i, e := range r.endpoints(len(out)) {
		out[i] = Packet{Data: make([]byte, 100), Endpoint: e, Peer: r.toServer}
	}
	return r, out, in
}

// BenchmarkTransfer is the cost of a batch of 64 datagrams from 64 endpoints to one server on loopback, both sides.
func BenchmarkTransfer(b *testing.B) {
	for _, tr := range transports() {
		b.Run(tr.name, func(b *testing.B) {
			r, out, in := newTransfer(b, tr)
			b.ReportAllocs()
			for b.Loop() {
				transfer(r, out, in)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(out)), "ns/datagram")
		})
	}
}

// BenchmarkWake is a wake-up from the loop's own goroutine and the Wait that it ends.
func BenchmarkWake(b *testing.B) {
	for _, tr := range transports() {
		b.Run(tr.name, func(b *testing.B) {
			r := newRig(b, tr, Config{}, Config{})
			b.ReportAllocs()
			for b.Loop() {
				r.client.Wake()
				if err := r.client.Wait(time.Second); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkTimeout is a Wait of 100 µs for nothing: what is above that is how late it ends.
func BenchmarkTimeout(b *testing.B) {
	for _, tr := range transports() {
		b.Run(tr.name, func(b *testing.B) {
			r := newRig(b, tr, Config{}, Config{})
			b.ReportAllocs()
			for b.Loop() {
				if err := r.client.Wait(100 * time.Microsecond); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestBatchesDoNotAllocate(t *testing.T) {
	conform(t, func(t *testing.T, tr transport) {
		if tr.mode == "memory" {
			t.Skip("it copies: it is for tests")
		}
		r, out, in := newTransfer(t, tr)
		for range 50 { // the first ones may
			transfer(r, out, in)
		}
		if n := testing.AllocsPerRun(50, func() { transfer(r, out, in) }); n >= 1 {
			t.Errorf("%v allocations for 64 datagrams", n)
		}
		wait := func() {
			r.client.Wake()
			if err := r.client.Wait(time.Second); err != nil {
				t.Fatal(err)
			}
			if err := r.client.Wait(10 * time.Microsecond); err != nil {
				t.Fatal(err)
			}
		}
		if n := testing.AllocsPerRun(50, wait); n >= 1 {
			t.Errorf("%v allocations for two waits", n)
		}
	})
}
