package circuit

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/message"
)

const (
	ms = time.Millisecond
	// start is when a scene's clock begins.
	start = Instant(1000 * ms)
)

// scene is a loop whose clock and network belong to the test. Time passes only
// in elapse, expects and their like, from one thing that is due to the next.
type scene struct {
	testing.TB
	loop     *Loop
	conn     *fakeConn
	now      Instant
	wall     int64 // wall clock ahead of now, ns
	heard    []string
	measured []measurement
	counts   map[string]int
	peers    []*peer
}

type measurement struct {
	op                  string
	intended, sent, end Instant
	reason              string
}

// newScene makes a scene whose dispatch hears every chat.
func newScene(t testing.TB, configure ...func(*Config)) *scene {
	s := &scene{TB: t, now: start, wall: int64(1700000000 * time.Second), counts: map[string]int{}}
	s.conn = &fakeConn{scene: s}
	cfg := Config{Conn: s.conn, Dispatch: NewDispatch(), Observer: s}
	hear := func(ev *Event) { s.heard = append(s.heard, arguments(ev.Message)) }
	cfg.Dispatch.On(message.IDChatFromSimulator, hear)
	cfg.Dispatch.On(message.IDChatFromViewer, hear)
	for _, f := range configure {
		f(&cfg)
	}
	s.loop = newLoop(cfg, func() reading { return reading{s.now, int64(s.now) + s.wall} })
	return s
}

func (s *scene) Done(op string, intended, sent, end Instant, reason string) {
	s.measured = append(s.measured, measurement{op, intended, sent, end, reason})
}

func (s *scene) Count(name string, n int) { s.counts[name] += n }

// turn lets the loop take one turn.
func (s *scene) turn() time.Duration {
	s.Helper()
	wait, err := s.loop.turn()
	if err != nil {
		s.Fatalf("turn: %v", err)
	}
	return wait
}

// elapse lets d pass.
func (s *scene) elapse(d time.Duration) {
	s.Helper()
	s.until(d, func() bool { return false })
}

// until lets time pass until done says so, at most d; it tells whether done
// did.
func (s *scene) until(d time.Duration, done func() bool) bool {
	s.Helper()
	end := s.now.Add(d)
	for {
		wait := s.turn()
		if done() {
			return true
		}
		if s.now >= end {
			return false
		}
		s.now = min(s.now.Add(wait), end)
	}
}

// hears checks what chat was delivered since it was asked last.
func (s *scene) hears(want ...string) {
	s.Helper()
	s.turn()
	if !slices.Equal(s.heard, want) {
		s.Errorf("delivered %q, want %q", s.heard, want)
	}
	s.heard = nil
}

// peer is the other side of a circuit, as it shows on the wire.
type peer struct {
	*scene
	addr     udp.Addr
	endpoint udp.Endpoint
	circuit  *Circuit
	written  []written // to it, not expected yet
	closed   []error   // what OnClose was told
}

type written struct {
	at   Instant
	data []byte
}

// open opens a circuit to a new peer; without pings unless configured.
func (s *scene) open(configure ...func(*CircuitConfig)) *peer {
	s.Helper()
	p := s.stranger()
	cfg := CircuitConfig{
		Peer: p.addr.AddrPort(), PingEvery: -1,
		OnClose: func(_ Instant, _ *Circuit, err error) { p.closed = append(p.closed, err) },
	}
	for _, f := range configure {
		f(&cfg)
	}
	c, err := s.loop.Open(cfg)
	if err != nil {
		s.Fatal(err)
	}
	p.circuit, p.endpoint, p.addr = c, c.Endpoint(), udp.AddrFrom(cfg.Peer)
	return p
}

// stranger is a peer without a circuit.
func (s *scene) stranger() *peer {
	p := &peer{scene: s, addr: udp.Addr{IP: [4]byte{127, 0, 0, 1}, Port: uint16(9000 + len(s.peers))}}
	s.peers = append(s.peers, p)
	return p
}

// sends puts a packet on its way to the loop.
func (p *peer) sends(lines ...string) {
	p.Helper()
	for _, line := range lines {
		p.sendsBytes(packetBytes(p, line))
	}
}

func (p *peer) sendsBytes(data []byte) {
	p.conn.arrived = append(p.conn.arrived, udp.Packet{
		Data: data, Endpoint: p.endpoint, Peer: p.addr, Time: int64(p.now) + p.wall,
	})
}

// says sends a chat line from the loop's side.
func (p *peer) says(text string) {
	p.Helper()
	if err := p.circuit.Send(p.now, say(text)); err != nil {
		p.Error(err)
	}
}

// saysReliably does so reliably and gives where the outcome will stand.
func (p *peer) saysReliably(text string) *outcome {
	p.Helper()
	o := &outcome{}
	if err := p.circuit.SendReliable(p.now, say(text), o.done); err != nil {
		p.Error(err)
	}
	return o
}

func say(text string) *message.ChatFromViewer {
	m := &message.ChatFromViewer{}
	m.ChatData.Message = []byte(text)
	return m
}

// outcome is what a done was told.
type outcome struct {
	calls int
	at    Instant
	err   error
}

func (o *outcome) done(now Instant, err error) { o.calls, o.at, o.err = o.calls+1, now, err }

// expects waits for the next packet to this peer, which must come within d and
// read like line. It gives the time of its write.
func (p *peer) expects(line string, d time.Duration) Instant {
	p.Helper()
	if !p.until(d, func() bool { return len(p.written) > 0 }) {
		p.Fatalf("nothing came within %v, want %q", d, line)
	}
	w := p.written[0]
	p.written = p.written[1:]
	if got := describe(p, w.data); got != line {
		p.Fatalf("got %q, want %q", got, line)
	}
	if len(w.data) > MaxDatagram {
		p.Errorf("%q has %d bytes, at most %d are allowed", line, len(w.data), MaxDatagram)
	}
	return w.at
}

// expectsNothing lets d pass in silence.
func (p *peer) expectsNothing(d time.Duration) {
	p.Helper()
	p.elapse(d)
	for _, w := range p.written {
		p.Errorf("got %q after %v, want nothing", describe(p, w.data), w.at.Sub(p.now)+d)
	}
	p.written = nil
}

// fakeConn is the scene's network.
type fakeConn struct {
	*scene
	arrived []udp.Packet
	opened  udp.Endpoint
	room    *int  // how many packets it still takes; nil: any number
	broken  error // what reading and writing give
	full    error // what Open gives
	closed  bool
}

func (c *fakeConn) Open() (udp.Endpoint, error) {
	if c.full != nil {
		return 0, c.full
	}
	c.opened++
	return c.opened - 1, nil
}

func (c *fakeConn) Local(e udp.Endpoint) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 1, byte(e >> 8), byte(e)}), 40000)
}

func (c *fakeConn) ReadBatch(p []udp.Packet) (int, error) {
	n := copy(p, c.arrived)
	c.arrived = c.arrived[n:]
	return n, c.broken
}

func (c *fakeConn) WriteBatch(packets []udp.Packet) (int, error) {
	for i := range packets {
		if c.room != nil {
			if *c.room == 0 {
				return i, c.broken
			}
			*c.room--
		}
		c.write(&packets[i])
	}
	return len(packets), c.broken
}

func (c *fakeConn) write(packet *udp.Packet) {
	for _, p := range c.peers {
		if p.addr == packet.Peer && p.endpoint == packet.Endpoint {
			p.written = append(p.written, written{c.now, slices.Clone(packet.Data)})
			return
		}
	}
	panic(fmt.Sprintf("packet to %v, which is nobody", packet.Peer))
}

// Wait lets time pass, as nobody can wake up a scene.
func (c *fakeConn) Wait(d time.Duration) error {
	c.now = c.now.Add(max(d, 0))
	return c.broken
}

func (c *fakeConn) Close() error               { c.closed = true; return nil }
func (c *fakeConn) CloseEndpoint(udp.Endpoint) {}
func (c *fakeConn) Wake()                      {}
func (c *fakeConn) Counters() (n udp.Counters) { return n }
func (c *fakeConn) Mode() udp.Mode             { return "fake" }
