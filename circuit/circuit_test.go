package circuit

import (
	"errors"
	"net/netip"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/message"
)

func TestSilentPeerTimesOut(t *testing.T) {
	s := newScene(t)
	p := s.open()
	s.elapse(30 * time.Second)
	p.sends("1 ChatFromSimulator(x)")
	s.elapse(DefaultTimeout - ms)
	if len(p.closed) != 0 {
		t.Fatalf("closed with %v before the timeout", p.closed)
	}
	s.elapse(2 * ms)
	if len(p.closed) != 1 || !errors.Is(p.closed[0], ErrTimeout) {
		t.Errorf("closed with %v, want ErrTimeout once", p.closed)
	}
	if s.counts["circuit.timeout"] != 1 {
		t.Errorf("%d timeouts reported, want 1", s.counts["circuit.timeout"])
	}
}

func TestCloseFailsWhatWaits(t *testing.T) {
	reason := errors.New("logged out")
	tests := []struct{ with, told, done error }{
		{nil, nil, ErrClosed},
		{reason, reason, reason},
	}
	for _, tt := range tests {
		s := newScene(t)
		p := s.open(func(cfg *CircuitConfig) { cfg.BytesPerSecond = 100 })
		unacked := p.saysReliably(strings.Repeat("x", 500))
		waiting := p.saysReliably("b")
		p.circuit.Close(s.now, tt.with)
		p.circuit.Close(s.now, errors.New("twice"))
		for name, o := range map[string]*outcome{"unacknowledged": unacked, "throttled": waiting} {
			if o.calls != 1 || !errors.Is(o.err, tt.done) {
				t.Errorf("%s packet: done %d times with %v, want once with %v", name, o.calls, o.err, tt.done)
			}
		}
		if diff := cmp.Diff([]error{tt.told}, p.closed, cmp.Comparer(errors.Is)); diff != "" {
			t.Errorf("OnClose (-want +got):\n%s", diff)
		}
		if _, ok := s.loop.timers.next(); ok || len(s.loop.circuits.all) != 0 {
			t.Error("a closed circuit left its timer or itself with the loop")
		}
		if err := p.circuit.Send(s.now, say("x")); !errors.Is(err, ErrClosed) {
			t.Errorf("send after close: %v, want ErrClosed", err)
		}
		if got := s.loop.Stats().Lost; got != 0 {
			t.Errorf("%d packets lost, but nobody gave up on them", got)
		}
	}
}

func TestWhatWasSentBeforeCloseGoesOut(t *testing.T) {
	s := newScene(t)
	p := s.open()
	p.says("bye")
	p.circuit.Close(s.now, nil)
	p.expects("1 ChatFromViewer(bye)", 0)
}

func TestPeersCloseCircuitClosesAfterItsHandlers(t *testing.T) {
	open := false
	s := newScene(t, func(cfg *Config) {
		cfg.Dispatch.On(message.IDCloseCircuit, func(ev *Event) { open = !ev.Circuit.Closed() })
	})
	p := s.open()
	p.sends("reliable 9 CloseCircuit")
	p.expects("1 PacketAck(9)", 0)
	if !open {
		t.Error("the handler of CloseCircuit saw a closed circuit, or ran not at all")
	}
	if diff := cmp.Diff([]error{ErrPeerClosed}, p.closed, cmp.Comparer(errors.Is)); diff != "" {
		t.Errorf("OnClose (-want +got):\n%s", diff)
	}
}

func TestMessageThatDoesNotFitIsRefused(t *testing.T) {
	s := newScene(t)
	p := s.open()
	big := say(strings.Repeat("x", MaxDatagram))
	tooLong := say(strings.Repeat("x", 1<<16)) // its length field has 16 bits
	for _, send := range []func(message.Message) error{
		func(m message.Message) error { return p.circuit.Send(s.now, m) },
		func(m message.Message) error { return p.circuit.SendReliable(s.now, m, nil) },
	} {
		if err := send(big); !errors.Is(err, ErrTooLarge) {
			t.Errorf("got error %v, want ErrTooLarge", err)
		}
		var overflow *message.OverflowError
		if err := send(tooLong); !errors.As(err, &overflow) {
			t.Errorf("got error %v, want an OverflowError", err)
		}
	}
	p.says("next")
	p.expects("1 ChatFromViewer(next)", 0) // no sequence number was used up
}

func TestSentTellsTheTimeOfTheWrite(t *testing.T) {
	for _, reliable := range []bool{false, true} {
		s := newScene(t)
		p := s.open()
		var sent Instant
		if err := p.circuit.SendWith(s.now, say("hi"), SendOptions{Reliable: reliable, Sent: &sent}); err != nil {
			t.Fatal(err)
		}
		s.now = s.now.Add(2 * ms)
		s.turn()
		if got := sent.Sub(start); got != 2*ms {
			t.Errorf("reliable %v: sent %v after the call, want 2ms", reliable, got)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	s := newScene(t)
	p := s.open()
	full := errors.New("no more ports")
	tests := []struct {
		name string
		cfg  CircuitConfig
		full error
		want error
	}{
		{"a taken endpoint", CircuitConfig{Peer: p.addr.AddrPort(), Endpoint: p.endpoint, HasEndpoint: true}, nil, ErrInUse},
		{"a Conn without endpoints", CircuitConfig{Peer: p.addr.AddrPort()}, full, full},
		{"no address", CircuitConfig{}, nil, nil},
		{"an IPv6 address", CircuitConfig{Peer: netip.MustParseAddrPort("[::1]:9000")}, nil, nil},
		{"port 0", CircuitConfig{Peer: netip.MustParseAddrPort("127.0.0.1:0")}, nil, nil},
	}
	for _, tt := range tests {
		s.conn.full = tt.full
		_, err := s.loop.Open(tt.cfg)
		if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("%s: got error %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestCircuitTellsItsAddresses(t *testing.T) {
	s := newScene(t)
	p := s.open(func(cfg *CircuitConfig) { cfg.Code = 42; cfg.Owner = "me" })
	c := p.circuit
	if c.Peer() != p.addr.AddrPort() || c.Local() != s.conn.Local(0) || c.Code() != 42 || c.Owner != "me" || c.Loop() != s.loop {
		t.Errorf("peer %v, local %v, code %d, owner %v", c.Peer(), c.Local(), c.Code(), c.Owner)
	}
}

func TestStatsCountBothWays(t *testing.T) {
	s := newScene(t)
	p := s.open()
	in := packetBytes(t, "reliable 7 ChatFromSimulator(hello)")
	p.sendsBytes(in)
	s.turn()
	p.says("hi")
	s.turn()
	out := len(p.written[0].data)
	got := p.circuit.Stats()
	want := CircuitStats{PacketsReceived: 1, BytesReceived: uint64(len(in)), PacketsSent: 1, BytesSent: uint64(out), RTO: initialRTO}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("circuit (-want +got):\n%s", diff)
	}
	loop := s.loop.Stats()
	if loop.PacketsReceived != 1 || loop.BytesReceived != uint64(len(in)) || loop.PacketsSent != 1 || loop.BytesSent != uint64(out) {
		t.Errorf("loop: %+v", loop)
	}
}

func TestIdleCircuitIsSmall(t *testing.T) {
	const n = 5000
	r := newRig(t, 1)
	before := heapInUse()
	for range n {
		if _, err := r.loop.Open(CircuitConfig{Peer: rigPeer}); err != nil {
			t.Fatal(err)
		}
	}
	if each := (heapInUse() - before) / n; each > 1024 {
		t.Errorf("an idle circuit takes %d bytes of heap, want 1024 at most", each)
	}
	runtime.KeepAlive(r)
}

func heapInUse() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

func TestEndpointsAreUniqueAtAPeerAndReusedAcrossPeers(t *testing.T) {
	s := newScene(t)
	one, two := netip.MustParseAddrPort("127.0.0.1:9000"), netip.MustParseAddrPort("127.0.0.1:9001")
	open := func(peer netip.AddrPort) *Circuit {
		t.Helper()
		c, err := s.loop.Open(CircuitConfig{Peer: peer})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	var at []udp.Endpoint
	for _, peer := range []netip.AddrPort{one, one, one, two, two} {
		at = append(at, open(peer).Endpoint())
	}
	if diff := cmp.Diff([]udp.Endpoint{0, 1, 2, 0, 1}, at); diff != "" {
		t.Errorf("endpoints (-want +got):\n%s", diff)
	}
	// The third at two is taken by name; the allocator goes round it.
	child, err := s.loop.Open(CircuitConfig{Peer: two, Endpoint: 2, HasEndpoint: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := open(two).Endpoint(); got != 3 {
		t.Errorf("with 0 to 2 taken at this peer: endpoint %d, want a new one, 3", got)
	}
	child.Close(s.now, nil)
	if got := open(two).Endpoint(); got != 2 {
		t.Errorf("after 2 was released: endpoint %d, want 2 again", got)
	}
}

func TestReleasedEndpointsRestLongest(t *testing.T) {
	s := newScene(t)
	peer := netip.MustParseAddrPort("127.0.0.1:9000")
	var circuits [3]*Circuit
	for i := range circuits {
		circuits[i], _ = s.loop.Open(CircuitConfig{Peer: peer})
	}
	for _, i := range []int{1, 0, 2} {
		circuits[i].Close(s.now, nil)
	}
	// Taken by name and released again: still listed once.
	for range 100 {
		c, err := s.loop.Open(CircuitConfig{Peer: peer, Endpoint: 0, HasEndpoint: true})
		if err != nil {
			t.Fatal(err)
		}
		c.Close(s.now, nil)
	}
	if got := len(s.loop.endpoints.peers[udp.AddrFrom(peer)].released); got != 3 {
		t.Errorf("%d endpoints listed as released, want 3", got)
	}
	// Endpoint 1 would be next, but somebody takes it by name.
	if _, err := s.loop.Open(CircuitConfig{Peer: peer, Endpoint: 1, HasEndpoint: true}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []udp.Endpoint{0, 2, 3} {
		c, err := s.loop.Open(CircuitConfig{Peer: peer})
		if err != nil || c.Endpoint() != want {
			t.Errorf("endpoint %d, error %v; want %d", c.Endpoint(), err, want)
		}
	}
}
