package main

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slload/slload/internal/udp"
)

// echoing is a network whose echo sends back all that comes, when asked.
type echoing struct {
	conn udp.Conn
	got  map[udp.Addr]int
}

func (e *echoing) answer(t *testing.T) {
	in := make([]udp.Packet, batch)
	for {
		n, err := e.conn.ReadBatch(in)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
		for i := range in[:n] {
			e.got[in[i].Peer]++
		}
		if _, err := e.conn.WriteBatch(in[:n]); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPacedTrafficIsEvenAndCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := udp.NewMemory()
		echo := &echoing{net.Conn(udp.Config{Listen: netip.MustParseAddrPort("127.0.0.1:9999")}), map[udp.Addr]int{}}
		defer echo.conn.Close()
		conn := net.Conn(udp.Config{})
		defer conn.Close()
		o := load{endpoints: 50, rate: 10}
		g, err := newPaced(conn, o, udp.AddrFrom(echo.conn.Local(0)))
		if err != nil {
			t.Fatal(err)
		}
		for tenth := 1; tenth <= 20; tenth++ { // 100 ms: one datagram of each endpoint
			if err := g.run(100 * time.Millisecond); err != nil {
				t.Fatal(err)
			}
			echo.answer(t)
			for from, n := range echo.got {
				if n < tenth-1 || n > tenth {
					t.Fatalf("%v sent %d datagrams in %d periods", from, n, tenth)
				}
			}
		}
		if err := g.read(); err != nil {
			t.Fatal(err)
		}
		const all = 2 * 50 * 10
		if s := g.sample(); int(s.sent) < all-1 || s.sent > all || s.received != s.sent || len(echo.got) != 50 {
			t.Errorf("%d sent from %d endpoints, %d received; want %d from 50", s.sent, len(echo.got), s.received, all)
		}
	})
}
