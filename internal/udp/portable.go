package udp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// portableQueue bounds the datagrams that wait for ReadBatch in the portable transport.
const portableQueue = 4096

// portable has a standard library connection for each endpoint, and a goroutine for each that reads it into one
// bounded queue. It has no kernel receive times, and where a send buffer is full WriteBatch waits for the kernel to
// drain it instead of returning short: the standard library has no other way.
type portable struct {
	sources sources // empty: the kernel's choice
	ports   ports
	server  bool
	rcvBuf  int
	longest int

	endpoints []*portableEndpoint // by Endpoint; nil or closed where free
	resting   []Endpoint          // closed since the last ReadBatch
	free      []Endpoint
	nextSrc   int
	counters  Counters
	given     []*datagram // what the last ReadBatch gave out
	held      *datagram   // what Wait took from the queue
	timer     *time.Timer

	queue         chan *datagram
	spare         chan *datagram
	queueDrops    atomic.Uint64
	receiveErrors atomic.Uint64
	refused       atomic.Uint64
	woken         chan struct{}
	done          chan struct{}
	readers       sync.WaitGroup
	guard         guard
}

type portableEndpoint struct {
	conn   *net.UDPConn
	number Endpoint
	open   bool // the loop's
}

func newPortable(cfg Config) (Conn, error) {
	s, err := newSources(cfg.Sources)
	if err != nil {
		return nil, err
	}
	ports, err := newPorts(cfg.SourcePorts)
	if err != nil {
		return nil, err
	}
	c := &portable{
		sources: s, ports: ports, rcvBuf: cfg.RcvBuf, longest: cfg.MaxDatagram,
		queue: make(chan *datagram, portableQueue), spare: make(chan *datagram, portableQueue), woken: make(chan struct{}, 1), done: make(chan struct{}),
		timer: time.NewTimer(time.Hour),
	}
	c.timer.Stop()
	c.guard.init(c.Wake, c.release)
	if cfg.Listen.IsValid() {
		c.server = true
		if err := c.bind(0, cfg.Listen); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// bind opens the socket of endpoint e and starts its reader.
func (c *portable) bind(e Endpoint, local netip.AddrPort) error {
	var conn *net.UDPConn
	err := c.ports.bind(local, func(at netip.AddrPort) (err error) {
		conn, err = net.ListenUDP("udp4", net.UDPAddrFromAddrPort(at))
		return err
	})
	if errors.Is(err, errPortsUsedUp) {
		return err
	}
	if err != nil {
		return openError(err, local)
	}
	if c.rcvBuf > 0 {
		if err := conn.SetReadBuffer(c.rcvBuf); err != nil {
			_ = conn.Close()
			return fmt.Errorf("set receive buffer of %v to %d bytes: %w", local, c.rcvBuf, err)
		}
	}
	p := &portableEndpoint{conn: conn, number: e, open: true}
	if int(e) == len(c.endpoints) {
		c.endpoints = append(c.endpoints, p)
	} else {
		c.endpoints[e] = p
	}
	c.readers.Go(func() { c.read(p) })
	return nil
}

func (c *portable) Open() (Endpoint, error) {
	if !c.guard.enter() {
		return 0, fmt.Errorf("open endpoint: %w", net.ErrClosed)
	}
	defer c.guard.leave()
	if c.server {
		return 0, errListening
	}
	if len(c.free) == 0 {
		e := Endpoint(len(c.endpoints))
		return e, c.bindNextSource(e)
	}
	e := c.free[0]
	if err := c.bindNextSource(e); err != nil {
		return 0, err
	}
	c.free = c.free[1:]
	return e, nil
}

// bindNextSource goes through the sources in turn and passes over those that are used up or not this machine's.
func (c *portable) bindNextSource(e Endpoint) error {
	if c.sources.n == 0 {
		return c.bind(e, netip.AddrPortFrom(netip.IPv4Unspecified(), 0))
	}
	var err error
	for range min(c.sources.n, maxSourceTries) {
		ip := numberAddr(c.sources.at(c.nextSrc))
		c.nextSrc = (c.nextSrc + 1) % c.sources.n
		err = c.bind(e, netip.AddrPortFrom(netip.AddrFrom4(ip), 0))
		if err == nil || !tryNextSource(err) {
			return err
		}
	}
	return err
}

func (c *portable) CloseEndpoint(e Endpoint) {
	if !c.guard.enter() {
		return
	}
	defer c.guard.leave()
	if c.server || int(e) >= len(c.endpoints) || !c.endpoints[e].open {
		return
	}
	c.endpoints[e].open = false
	_ = c.endpoints[e].conn.Close() // nothing is buffered in a UDP socket that could get lost
	c.resting = append(c.resting, e)
}

func (c *portable) Local(e Endpoint) netip.AddrPort {
	a := c.endpoints[e].conn.LocalAddr().(*net.UDPAddr).AddrPort()
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

func (c *portable) ReadBatch(p []Packet) (int, error) {
	if !c.guard.enter() {
		return 0, net.ErrClosed
	}
	defer c.guard.leave()
	for _, d := range c.given {
		c.putBack(d)
	}
	c.given = c.given[:0]
	c.free = append(c.free, c.resting...)
	c.resting = c.resting[:0]
	n := 0
	for n < len(p) {
		d := c.next()
		if d == nil {
			break
		}
		c.given = append(c.given, d)
		if !d.to.open {
			c.counters.Strays++
			continue
		}
		if d.truncated {
			c.counters.Truncated++
		}
		p[n] = Packet{Data: d.data, Endpoint: d.to.number, Peer: d.peer, Truncated: d.truncated}
		n++
	}
	c.counters.Received += uint64(n)
	return n, nil
}

func (c *portable) next() *datagram {
	if d := c.held; d != nil {
		c.held = nil
		return d
	}
	select {
	case d := <-c.queue:
		return d
	default:
		return nil
	}
}

func (c *portable) WriteBatch(p []Packet) (int, error) {
	if !c.guard.enter() {
		return 0, net.ErrClosed
	}
	defer c.guard.leave()
	for i := range p {
		e := p[i].Endpoint
		if int(e) >= len(c.endpoints) || !c.endpoints[e].open {
			c.counters.notOpen()
			continue
		}
		_, err := c.endpoints[e].conn.WriteToUDPAddrPort(p[i].Data, p[i].Peer.AddrPort())
		c.counters.sent(err)
	}
	return len(p), nil
}

func (c *portable) Wait(d time.Duration) error {
	if !c.guard.enter() {
		return net.ErrClosed
	}
	defer c.guard.leave()
	defer c.dropWake()
	if d <= 0 || c.held != nil {
		return c.guard.err()
	}
	c.timer.Reset(d)
	select {
	case c.held = <-c.queue:
	case <-c.woken:
	case <-c.timer.C:
	}
	c.timer.Stop()
	return c.guard.err()
}

// dropWake forgets a wake-up that came while Wait was returning anyway: what it announced was there before it.
func (c *portable) dropWake() {
	select {
	case <-c.woken:
	default:
	}
}

func (c *portable) Wake() { notify(c.woken) }

func (c *portable) Counters() Counters {
	k := c.counters
	k.QueueDrops = c.queueDrops.Load()
	k.ReceiveErrors = c.receiveErrors.Load()
	k.Refused = c.refused.Load()
	return k
}

func (c *portable) Mode() Mode { return ModePortable }

func (c *portable) Close() error { return c.guard.close() }

func (c *portable) release() error {
	close(c.done)
	var errs []error
	for _, p := range c.endpoints {
		if p.open {
			errs = append(errs, p.conn.Close())
		}
	}
	c.readers.Wait()
	return errors.Join(errs...)
}
