package udp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// The tests of this file hold for every transport.

func TestEcho(t *testing.T) {
	conform(t, func(t *testing.T, tr transport) {
		r := newRig(t, tr, Config{}, Config{})
		if r.client.Mode() != tr.mode {
			t.Fatalf("mode %q, want %q", r.client.Mode(), tr.mode)
		}
		e := r.endpoint()
		r.say(e, "hello")
		p := r.hear(r.server, "hello")[0]
		if p.Endpoint != 0 {
			t.Errorf("the server's endpoint is %d, want 0", p.Endpoint)
		}
		if local := r.client.Local(e); p.Peer.Port != local.Port() || !local.Addr().IsUnspecified() && p.Peer.AddrPort() != local {
			t.Errorf("the server sees %v, the client says it is %v", p.Peer, local)
		}
		r.write(r.server, 0, p.Peer, "and back")
		if p := r.hear(r.client, "and back")[0]; p.Endpoint != e || p.Peer != r.toServer {
			t.Errorf("the answer came to endpoint %d from %v, want %d from %v", p.Endpoint, p.Peer, e, r.toServer)
		}
	})
}

func TestEndpointsHaveDistinctSources(t *testing.T) {
	// 128 addresses for 300 endpoints: a shared socket needs two more of its kind.
	conform(t, func(t *testing.T, tr transport) {
		if tr.mode == "memory" {
			t.Skip("a Conn has one port there")
		}
		sources := netip.MustParsePrefix("127.0.1.0/25")
		r := newRig(t, tr, Config{}, Config{Sources: []netip.Prefix{sources}})
		peers := map[Addr]Endpoint{}
		for i, e := range r.endpoints(300) {
			text := fmt.Sprint("from ", i)
			r.say(e, text)
			p := r.hear(r.server, text)[0]
			if other, taken := peers[p.Peer]; taken {
				t.Fatalf("endpoints %d and %d both are %v", other, e, p.Peer)
			}
			if !sources.Contains(p.Peer.AddrPort().Addr()) || p.Peer.AddrPort() != r.client.Local(e) {
				t.Fatalf("endpoint %d sends from %v, want %v, out of %v", e, p.Peer, r.client.Local(e), sources)
			}
			peers[p.Peer] = e
		}
		for peer, e := range peers {
			r.write(r.server, 0, peer, "to you")
			if p := r.hear(r.client, "to you")[0]; p.Endpoint != e {
				t.Fatalf("what was sent to %v came to endpoint %d, want %d", peer, p.Endpoint, e)
			}
		}
	})
}

func TestBatchKeepsOrder(t *testing.T) {
	conform(t, func(t *testing.T, tr transport) {
		r := newRig(t, tr, Config{}, Config{})
		e := r.endpoint()
		texts := make([]string, 200)
		for i := range texts {
			texts[i] = fmt.Sprint("number ", i)
		}
		for range 3 {
			r.say(e, texts...)
			r.hear(r.server, texts...)
		}
	})
}

func TestBatchOfManyEndpoints(t *testing.T) {
	conform(t, func(t *testing.T, tr transport) {
		r := newRig(t, tr, Config{}, Config{})
		list := r.endpoints(150)
		batch := make([]Packet, len(list))
		for i, e := range list {
			batch[i] = Packet{Data: []byte{byte(i)}, Endpoint: e, Peer: r.toServer}
		}
		if n, err := r.client.WriteBatch(batch); n != len(batch) || err != nil {
			t.Fatal(n, err)
		}
		for _, p := range r.read(r.server, len(list)) {
			r.write(r.server, 0, p.Peer, string(p.Data))
		}
		for _, p := range r.read(r.client, len(list)) {
			if p.Endpoint != list[p.Data[0]] {
				sent := list[p.Data[0]]
				t.Errorf("what endpoint %d (%v) sent came back to endpoint %d (%v)", sent, r.client.Local(sent), p.Endpoint, r.client.Local(p.Endpoint))
			}
		}
	})
}

func TestSmallReadBatches(t *testing.T) {
	conform(t, func(t *testing.T, tr transport) {
		r := newRig(t, tr, Config{}, Config{})
		a, b := r.endpoint(), r.endpoint()
		r.say(a, "a")
		r.say(b, "b")
		for _, p := range r.read(r.server, 2) {
			r.write(r.server, 0, p.Peer, string(p.Data)+"1", string(p.Data)+"2", string(p.Data)+"3")
		}
		seen := map[string]Endpoint{}
		var one [1]Packet
		for end := time.Now().Add(patience); len(seen) < 6 && time.Now().Before(end); {
			if err := r.client.Wait(time.Second); err != nil {
				t.Fatal(err)
			}
			if n, err := r.client.ReadBatch(one[:]); err != nil {
				t.Fatal(err)
			} else if n == 1 && r.mine(&one[0]) {
				seen[string(one[0].Data)] = one[0].Endpoint
			}
		}
		for text, want := range map[string]Endpoint{"a1": a, "a2": a, "a3": a, "b1": b, "b2": b, "b3": b} {
			if got, ok := seen[text]; !ok || got != want {
				t.Errorf("%q: came %v, to endpoint %d, want %d", text, ok, got, want)
			}
		}
	})
}

func TestDatagramSizes(t *testing.T) {
	for _, size := range []int{0, 1, 1200, 1400, 16384, 65507} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			conform(t, func(t *testing.T, tr transport) {
				r := newRig(t, tr, Config{}, Config{})
				text := strings.Repeat("x", size)
				r.say(r.endpoint(), text, "next")
				p := r.hear(r.server, text, "next")[0]
				if p.Truncated {
					t.Error("marked as truncated")
				}
				r.write(r.server, 0, p.Peer, text)
				r.hear(r.client, text)
			})
		})
	}
}

func TestTruncated(t *testing.T) {
	conform(t, func(t *testing.T, tr transport) {
		r := newRig(t, tr, Config{MaxDatagram: 100}, Config{})
		r.say(r.endpoint(), strings.Repeat("a", 100), strings.Repeat("b", 101), "c")
		got := r.hear(r.server, strings.Repeat("a", 100), strings.Repeat("b", 100), "c")
		for i, want := range []bool{false, true, false} {
			if got[i].Truncated != want {
				t.Errorf("datagram %d: truncated %v, want %v", i, got[i].Truncated, want)
			}
		}
		if n := r.server.Counters().Truncated; n != 1 {
			t.Errorf("%d counted as truncated, want 1", n)
		}
	})
}

func TestPacketTime(t *testing.T) {
	conform(t, func(t *testing.T, tr transport) {
		r := newRig(t, tr, Config{}, Config{})
		before := time.Now()
		r.say(r.endpoint(), "what time is it?")
		p := r.read(r.server, 1)[0]
		after := time.Now()
		if !tr.kernelTime {
			if p.Time != 0 {
				t.Errorf("time %d, want 0: this transport has none", p.Time)
			}
			return
		}
		if p.Time < before.UnixNano() || p.Time > after.UnixNano() {
			t.Errorf("received at %v, sent after %v and read before %v", time.Unix(0, p.Time), before, after)
		}
	})
}

func TestReuseAfterCloseEndpoint(t *testing.T) {
	conform(t, func(t *testing.T, tr transport) {
		r := newRig(t, tr, Config{}, Config{Sources: []netip.Prefix{netip.MustParsePrefix("127.0.1.8/30")}})
		list := r.endpoints(4)
		r.say(list[1], "first life")
		former := r.hear(r.server, "first life")[0].Peer
		r.client.CloseEndpoint(list[1])
		r.client.CloseEndpoint(list[1]) // no harm
		r.write(r.server, 0, former, "too late")
		r.silent(r.client)

		e := r.endpoint()
		for _, other := range []Endpoint{list[0], list[2], list[3]} {
			if e == other || r.client.Local(e) == r.client.Local(other) {
				t.Fatalf("endpoint %d, %v, is open already", e, r.client.Local(e))
			}
		}
		r.say(e, "second life")
		r.write(r.server, 0, r.hear(r.server, "second life")[0].Peer, "welcome")
		if p := r.hear(r.client, "welcome")[0]; p.Endpoint != e {
			t.Errorf("came to endpoint %d, want %d", p.Endpoint, e)
		}
	})
}

func TestIndexRestsUntilReadBatch(t *testing.T) {
	// The rest of a batch may still carry the closed endpoint's index: nobody else may have it yet.
	conform(t, func(t *testing.T, tr transport) {
		r := newRig(t, tr, Config{}, Config{})
		a := r.endpoint()
		r.client.CloseEndpoint(a)
		if b := r.endpoint(); b == a {
			t.Errorf("endpoint %d was given out again at once", a)
		}
	})
}

func TestDeadPort(t *testing.T) {
	conform(t, func(t *testing.T, tr transport) {
		r := newRig(t, tr, Config{}, Config{})
		gone, err := r.open(Config{Listen: netip.AddrPortFrom(loopback, 0)})
		if err != nil {
			t.Fatal(err)
		}
		nobody := AddrFrom(gone.Local(0))
		if err := gone.Close(); err != nil {
			t.Fatal(err)
		}
		e := r.endpoint()
		for range 20 {
			r.write(r.client, e, nobody, "anybody there?")
			r.silent(r.client)
		}
		r.say(e, "you are")
		r.hear(r.server, "you are")
		c := r.client.Counters()
		if tr.mode == ModeEpoll && c.Refused == 0 {
			t.Error("the ICMP answers were not counted")
		}
		if c.Sent != 21 || c.SendErrors != 0 || c.ReceiveErrors != 0 {
			t.Errorf("counters %+v, want 21 sent and no errors", c)
		}
	})
}

func TestEndpointHasManyPeers(t *testing.T) {
	// An agent sees neighbour regions from the one address that its own region knows.
	conform(t, func(t *testing.T, tr transport) {
		r := newRig(t, tr, Config{}, Config{})
		e := r.endpoint()
		r.say(e, "to the first")
		self := r.hear(r.server, "to the first")[0].Peer
		r.write(r.server, 0, self, "sent before the endpoint had another peer")
		servers := []Conn{r.server}
		for range 2 {
			s := r.must(r.open(Config{Listen: netip.AddrPortFrom(loopback, 0)}))
			r.know(s.Local(0))
			servers = append(servers, s)
		}
		for range 2 {
			for _, s := range servers {
				r.write(r.client, e, AddrFrom(s.Local(0)), "to each")
				if p := r.hear(s, "to each")[0]; p.Peer != self {
					t.Errorf("%v sees the endpoint as %v, the first server as %v", s.Local(0), p.Peer, self)
				}
			}
		}
		r.hear(r.client, "sent before the endpoint had another peer")
		for _, s := range servers {
			r.write(s, 0, self, "from each")
			if p := r.hear(r.client, "from each")[0]; p.Endpoint != e || p.Peer.AddrPort() != s.Local(0) {
				t.Errorf("endpoint %d heard %v, want %d and %v", p.Endpoint, p.Peer, e, s.Local(0))
			}
		}
	})
}

func TestWriteFromClosedEndpoint(t *testing.T) {
	conform(t, func(t *testing.T, tr transport) {
		r := newRig(t, tr, Config{}, Config{})
		a, b := r.endpoint(), r.endpoint()
		r.client.CloseEndpoint(a)
		batch := []Packet{
			{Data: []byte("lost"), Endpoint: a, Peer: r.toServer},
			{Data: []byte("kept"), Endpoint: b, Peer: r.toServer},
			{Data: []byte("lost"), Endpoint: 70000, Peer: r.toServer},
			{Data: []byte("too"), Endpoint: b, Peer: r.toServer},
		}
		if n, err := r.client.WriteBatch(batch); n != 4 || err != nil {
			t.Fatal(n, err)
		}
		r.hear(r.server, "kept", "too")
		if c := r.client.Counters(); c.NotOpen != 2 || c.SendErrors != 2 || c.Sent != 2 {
			t.Errorf("counters %+v, want 2 not open, 2 sent", c)
		}
	})
}

func TestListenHasOneEndpoint(t *testing.T) {
	conform(t, func(t *testing.T, tr transport) {
		r := newRig(t, tr, Config{}, Config{})
		if e, err := r.server.Open(); err == nil {
			t.Errorf("a server opened endpoint %d", e)
		}
		r.server.CloseEndpoint(0) // its only one stays
		r.say(r.endpoint(), "still there?")
		r.hear(r.server, "still there?")
	})
}

func TestClosedConn(t *testing.T) {
	conform(t, func(t *testing.T, tr transport) {
		r := newRig(t, tr, Config{}, Config{})
		e := r.endpoint()
		for range 2 {
			if err := r.client.Close(); err != nil {
				t.Fatal(err)
			}
		}
		r.client.Wake()
		r.client.CloseEndpoint(e)
		r.client.Counters()
		_, errOpen := r.client.Open()
		_, errRead := r.client.ReadBatch(make([]Packet, 1))
		_, errWrite := r.client.WriteBatch([]Packet{{Endpoint: e, Peer: r.toServer}})
		for call, err := range map[string]error{
			"Open": errOpen, "ReadBatch": errRead, "WriteBatch": errWrite, "Wait": r.client.Wait(time.Hour),
		} {
			if !errors.Is(err, net.ErrClosed) {
				t.Errorf("%s after Close: %v, want %v", call, err, net.ErrClosed)
			}
		}
	})
}

func TestListenAddressInUse(t *testing.T) {
	conform(t, func(t *testing.T, tr transport) {
		if !tr.system {
			t.Skip("it panics there")
		}
		r := newRig(t, tr, Config{}, Config{})
		c, err := New(Config{Mode: tr.mode, Listen: r.server.Local(0)})
		if err == nil {
			_ = c.Close()
			t.Fatal("two servers on one address")
		}
		if !isAddressInUse(err) || !strings.Contains(err.Error(), r.server.Local(0).String()) {
			t.Errorf("error %q does not say that %v is in use", err, r.server.Local(0))
		}
	})
}
