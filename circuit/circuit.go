package circuit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/message"
)

// What a CircuitConfig's zero fields stand for.
const (
	DefaultTimeout  = 60 * time.Second // OpenSimulator drops a silent client as late
	DefaultPing     = 5 * time.Second
	DefaultAckDelay = 500 * time.Millisecond // OpenSimulator's ack timer
	DefaultUnacked  = 512
	DefaultWaiting  = 512
)

// CircuitConfig describes a circuit to open.
type CircuitConfig struct { //nolint:revive // Config is the loop's
	Peer netip.AddrPort // IPv4

	// Endpoint is this side's, if HasEndpoint. Else the loop chooses one
	// that no other circuit of it uses at Peer.
	Endpoint    udp.Endpoint
	HasEndpoint bool

	// Code is the circuit code of the login. A server sets it so that a peer
	// that comes back with another one is taken for a new circuit: see
	// Config.Accept. Circuits send no UseCircuitCode by themselves.
	Code uint32

	Owner any // whatever handlers need to find; Circuit.Owner

	// OnClose is called once, when the circuit closes for any reason: nil
	// where Close was called with nil, ErrTimeout, ErrPeerClosed,
	// ErrReplaced, ErrStopped with the loop, or the error given to Close.
	OnClose func(now Instant, c *Circuit, err error)

	// Timeout closes the circuit after so long a silence of the peer, or
	// when a reliable packet stays unacknowledged for as long.
	Timeout   time.Duration
	PingEvery time.Duration // negative: never

	// AckDelay is how long the peer may hold back an ack by itself; resends
	// wait that much longer. Negative: not at all.
	AckDelay time.Duration

	// BytesPerSecond limits what is sent, 0 not at all. What exceeds it
	// waits; acks, pings and resends don't, but are paid for.
	BytesPerSecond int

	MaxUnacked int // reliable packets that may be unacknowledged at once
	MaxWaiting int // packets that may wait for the throttle

	// Seed spreads the circuit's pings; 0: made from Code and the addresses.
	Seed uint64
}

// Circuit is one side of a UDP circuit. All methods are for the loop's
// goroutine only.
type Circuit struct {
	Owner any

	loop    *Loop
	key     key
	code    uint32
	seed    uint64
	onClose func(now Instant, c *Circuit, err error)
	closed  bool
	prompt  bool // see Prompt
	hasty   bool // counted by the loop's gathering

	timer     Timer // one for all that is due some time: see due
	timeout   time.Duration
	ackDelay  time.Duration
	lastHeard Instant
	heard     bool

	// Receiving.
	received window
	acks     *ackQueue // owed; nil: none
	acksDue  Instant
	wants    *wantSet

	// Sending.
	sequence   uint32 // last used
	unacked    packetList
	maxUnacked int
	resendDue  Instant    // not after the first packet of unacked is due
	waiting    packetList // for the throttle
	maxWaiting int
	throttle   bucket
	rtt        rtt
	ping       pinger

	stats CircuitStats
}

// wantSet is a set of message IDs.
type wantSet [(message.NumMessages + 63) / 64]uint64

// Open opens a circuit. It fails with ErrInUse where Endpoint has a circuit to
// that peer, with ErrStopped once the loop ends, and as Config.Permit and udp.Conn's
// Open do.
func (l *Loop) Open(cfg CircuitConfig) (*Circuit, error) {
	if l.ended {
		return nil, fmt.Errorf("open circuit to %v: %w", cfg.Peer, ErrStopped)
	}
	if !cfg.Peer.IsValid() || !cfg.Peer.Addr().Unmap().Is4() || cfg.Peer.Port() == 0 {
		return nil, fmt.Errorf("open circuit to %v: want an IPv4 address and port", cfg.Peer)
	}
	if l.permit != nil {
		if err := l.permit(cfg.Peer.Addr()); err != nil {
			return nil, fmt.Errorf("open circuit to %v: %w", cfg.Peer, err)
		}
	}
	k := key{cfg.Endpoint, udp.AddrFrom(cfg.Peer)}
	if !cfg.HasEndpoint {
		var err error
		if k.endpoint, err = l.endpoints.allocate(k.peer, l.has); err != nil {
			return nil, fmt.Errorf("open circuit to %v: %w", cfg.Peer, err)
		}
	}
	if l.has(k) {
		return nil, fmt.Errorf("open circuit from endpoint %d to %v: %w", k.endpoint, cfg.Peer, ErrInUse)
	}
	c := newCircuit(l, k, cfg)
	l.circuits.add(c)
	return c, nil
}

func newCircuit(l *Loop, k key, cfg CircuitConfig) *Circuit {
	c := &Circuit{
		Owner: cfg.Owner, loop: l, key: k, code: cfg.Code, seed: cfg.Seed, onClose: cfg.OnClose,
		timeout: or(cfg.Timeout, DefaultTimeout), ackDelay: max(0, or(cfg.AckDelay, DefaultAckDelay)),
		maxUnacked: or(cfg.MaxUnacked, DefaultUnacked), maxWaiting: or(cfg.MaxWaiting, DefaultWaiting),
		throttle: bucket{rate: int64(cfg.BytesPerSecond)},
		ping:     pinger{every: or(cfg.PingEvery, DefaultPing)},
	}
	if c.seed == 0 {
		c.seed = uint64(cfg.Code)<<32 ^ uint64(k.endpoint)<<16 ^ uint64(k.peer.Port)
	}
	c.seed = mix(c.seed)
	c.timer.Fire = c.fire
	c.lastHeard = l.clock().now
	c.due(c.lastHeard.Add(c.timeout))
	return c
}

// or gives v, or its default where v is zero.
func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// mix spreads a number over 64 bits: the finaliser of splitmix64.
func mix(x uint64) uint64 {
	x += 0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// Want makes Dispatch.Other get the messages of this type that arrive on this
// circuit, or ends that.
func (c *Circuit) Want(id message.ID, on bool) {
	if c.wants == nil {
		if !on {
			return
		}
		c.wants = new(wantSet)
	}
	if on {
		c.wants[id/64] |= 1 << (id % 64)
	} else {
		c.wants[id/64] &^= 1 << (id % 64)
	}
	c.hurry(c.prompt)
}

func (c *Circuit) wanted(id message.ID) bool {
	return c != nil && c.wants != nil && c.wants[id/64]&(1<<(id%64)) != 0
}

// Close ends the circuit: what it owes in acks is sent, reliable packets that
// still wait get err (ErrClosed for nil) in their done, and OnClose is told
// err. Closing twice does nothing.
func (c *Circuit) Close(now Instant, err error) {
	if c.closed {
		return
	}
	c.sendAcks(now)
	c.closed = true
	c.hurry(false)
	c.timer.stop()
	c.loop.circuits.remove(c)
	c.loop.endpoints.release(c.key)
	c.fail(now, err)
	if log := c.loop.log; log.Enabled(context.Background(), slog.LevelDebug) {
		log.Debug("circuit closed", "peer", c.Peer(), "local", c.Local(), "cause", err)
	}
	if c.onClose != nil {
		c.onClose(now, c, err)
	}
}

// fail gives up all packets that wait.
func (c *Circuit) fail(now Instant, err error) {
	if err == nil {
		err = ErrClosed
	}
	for _, list := range []*packetList{&c.unacked, &c.waiting} {
		for p := list.head; p != nil; p = list.head {
			list.remove(p)
			done := p.done
			if errors.Is(err, ErrTimeout) && p.reliable {
				c.loop.stats.Lost++
			}
			c.loop.packets.put(p)
			if done != nil {
				done(now, err)
			}
		}
	}
}

// Closed tells whether the circuit is closed.
func (c *Circuit) Closed() bool { return c.closed }

// LastHeard is when the peer's last packet came; before the first, when the
// circuit was opened.
func (c *Circuit) LastHeard() Instant { return c.lastHeard }

// Loop gives the loop that owns the circuit.
func (c *Circuit) Loop() *Loop { return c.loop }

// Code gives the circuit code it was opened with.
func (c *Circuit) Code() uint32 { return c.code }

// Endpoint gives this side's endpoint, for another circuit of the same owner.
func (c *Circuit) Endpoint() udp.Endpoint { return c.key.endpoint }

// Peer gives the other side's address.
func (c *Circuit) Peer() netip.AddrPort { return c.key.peer.AddrPort() }

// Local gives this side's address.
func (c *Circuit) Local() netip.AddrPort { return c.loop.conn.Local(c.key.endpoint) }

// RTT gives the smoothed time from sending a reliable packet to its ack, which
// holds what the peer waits before it acknowledges; 0 before the first.
func (c *Circuit) RTT() time.Duration { return c.rtt.smoothed }

// Stats gives the circuit's counters.
func (c *Circuit) Stats() CircuitStats {
	s := c.stats
	s.Unacked, s.Waiting = c.unacked.n, c.waiting.n
	s.RTT, s.RTO, s.Ping = c.rtt.smoothed, c.rtt.timeout(c.ackDelay), c.ping.last
	return s
}
