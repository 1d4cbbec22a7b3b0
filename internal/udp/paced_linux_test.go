package udp

import (
	"flag"
	"net/netip"
	"syscall"
	"testing"
	"time"
)

var (
	pacedPeer      = flag.String("paced.peer", "", "address of a datagram echo in another process; without it BenchmarkPaced is skipped")
	pacedEndpoints = flag.Int("paced.endpoints", 10000, "endpoints of BenchmarkPaced")
	pacedRate      = flag.Int("paced.rate", 10, "datagrams a second that each endpoint of BenchmarkPaced sends")
	pacedSeconds   = flag.Int("paced.seconds", 5, "seconds that BenchmarkPaced measures, after one second of warm-up")
)

// BenchmarkPaced is a load generator's traffic with nothing above the transport: every endpoint sends at a steady rate,
// spread evenly over time in slots of a millisecond, and what an echo elsewhere sends back is read. It reports the
// CPU seconds of this process for each million of datagrams (sent and received), kernel time included, and how many a
// second went each way. Run it on a processor of its own, the echo on another:
//
//	taskset -c 0 go test -run '^$' -bench Paced -benchtime 1x ./internal/udp -paced.peer 127.0.0.1:9999
func BenchmarkPaced(b *testing.B) {
	if *pacedPeer == "" {
		b.Skip("needs -paced.peer")
	}
	peer, err := netip.ParseAddrPort(*pacedPeer)
	if err != nil {
		b.Fatal(err)
	}
	for _, mode := range []Mode{ModeShared, ModeEpoll, ModePortable} {
		b.Run(string(mode), func(b *testing.B) {
			for range b.N {
				g := newPaced(b, Config{Mode: mode, Target: peer.Addr()}, AddrFrom(peer))
				g.run(b, time.Second)
				before := g.snapshot()
				g.run(b, time.Duration(*pacedSeconds)*time.Second)
				g.report(b, before)
			}
		})
	}
}

// paced is the state of one run: endpoint i's datagram number k is due at start + (k + i/n) * period.
type paced struct {
	conn     Conn
	in, out  []Packet
	start    time.Time
	took     int // datagrams written so far
	received int
}

func newPaced(b *testing.B, cfg Config, peer Addr) *paced {
	conn, err := New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	g := &paced{conn: conn, in: make([]Packet, 64), out: make([]Packet, *pacedEndpoints), start: time.Now()}
	for i := range g.out {
		e, err := conn.Open()
		if err != nil {
			b.Fatal(err)
		}
		g.out[i] = Packet{Data: make([]byte, 100), Endpoint: e, Peer: peer}
	}
	return g
}

func (g *paced) run(b *testing.B, d time.Duration) {
	if g.took == 0 {
		g.start = time.Now()
	}
	perSecond := *pacedEndpoints * *pacedRate
	slot := time.Since(g.start)
	for end := slot + d; ; {
		now := time.Since(g.start)
		if now >= end {
			return
		}
		for n, err := g.conn.ReadBatch(g.in); n > 0; n, err = g.conn.ReadBatch(g.in) {
			if err != nil {
				b.Fatal(err)
			}
			g.received += n
		}
		g.write(b, int(now.Seconds()*float64(perSecond)))
		for slot <= now {
			slot += time.Millisecond
		}
		if err := g.conn.Wait(slot - time.Since(g.start)); err != nil {
			b.Fatal(err)
		}
	}
}

// write sends until want datagrams went out since the start.
func (g *paced) write(b *testing.B, want int) {
	for g.took < want {
		at := g.took % len(g.out)
		n, err := g.conn.WriteBatch(g.out[at:min(at+want-g.took, at+64, len(g.out))])
		if err != nil {
			b.Fatal(err)
		}
		g.took += n
	}
}

type pacedSnapshot struct {
	cpu            time.Duration
	sent, received int
	at             time.Time
}

func (g *paced) snapshot() pacedSnapshot {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		panic(err)
	}
	return pacedSnapshot{time.Duration(use.Utime.Nano() + use.Stime.Nano()), g.took, g.received, time.Now()}
}

func (g *paced) report(b *testing.B, before pacedSnapshot) {
	after := g.snapshot()
	sent, received := after.sent-before.sent, after.received-before.received
	seconds := after.at.Sub(before.at).Seconds()
	b.ReportMetric((after.cpu-before.cpu).Seconds()/float64(sent+received)*1e6, "cpu-s/Mpkt")
	b.ReportMetric(float64(sent)/seconds, "sent/s")
	b.ReportMetric(float64(received)/seconds, "received/s")
	c := g.conn.Counters()
	b.ReportMetric(float64(c.SendErrors+c.KernelDrops+c.QueueDrops), "lost")
}
