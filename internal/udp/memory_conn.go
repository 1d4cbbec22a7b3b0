package udp

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"
)

// memoryConn is one Conn of a Memory network. Its fields are guarded by the network's lock.
type memoryConn struct {
	net      *Memory
	sources  sources
	port     uint16
	local    []Addr // by endpoint
	open     []bool
	resting  []Endpoint // closed since the last ReadBatch
	free     []Endpoint
	queue    []Packet
	bytes    int // in queue
	limit    int
	longest  int
	counters Counters
	server   bool
	closed   bool

	gave     bool          // ReadBatch got datagrams since the last Wait
	window   time.Duration // for which Wait then leaves others alone
	returned time.Time     // when the last Wait ended
	heard    time.Time     // when the last one ended after which there was something to read

	readable chan struct{} // holds one while queue is not empty
	woken    chan struct{}
	done     chan struct{}
}

func (c *memoryConn) listen(at netip.AddrPort) {
	a := AddrFrom(at)
	if a.Port == 0 {
		a.Port = c.net.freePort()
	}
	if _, taken := c.net.bound[a]; taken {
		panic(fmt.Sprintf("udp: listen on %v: in use", a))
	}
	c.server = true
	c.net.bound[a] = binding{c, 0}
	c.local, c.open = []Addr{a}, []bool{true}
}

// receive appends to the queue; the network's lock is held.
func (c *memoryConn) receive(e Endpoint, from Addr, data []byte) {
	if c.bytes+len(data) > c.limit {
		c.counters.QueueDrops++
		return
	}
	p := Packet{Data: data, Time: time.Now().UnixNano(), Endpoint: e, Peer: from}
	if len(data) > c.longest {
		p.Data, p.Truncated = data[:c.longest], true
		c.counters.Truncated++
	}
	c.bytes += len(p.Data)
	c.queue = append(c.queue, p)
	notify(c.readable)
}

// notify leaves one token in a channel of capacity 1.
func notify(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

func (c *memoryConn) Open() (Endpoint, error) {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	var e Endpoint
	switch {
	case c.closed:
		return 0, fmt.Errorf("open endpoint: %w", net.ErrClosed)
	case c.server:
		return 0, errListening
	case len(c.local) < c.sources.n:
		e = Endpoint(len(c.local))
		c.local = append(c.local, Addr{IP: numberAddr(c.sources.at(int(e))), Port: c.port})
		c.open = append(c.open, false)
	case len(c.free) == 0:
		return 0, fmt.Errorf("open endpoint: all %d source addresses are taken: give more sources", c.sources.n)
	default:
		e, c.free = c.free[0], c.free[1:]
	}
	c.open[e] = true
	c.net.bound[c.local[e]] = binding{c, e}
	return e, nil
}

func (c *memoryConn) CloseEndpoint(e Endpoint) {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	if c.server || int(e) >= len(c.open) || !c.open[e] {
		return
	}
	c.open[e] = false
	delete(c.net.bound, c.local[e])
	c.resting = append(c.resting, e)
	c.queue = slices.DeleteFunc(c.queue, func(p Packet) bool {
		if p.Endpoint == e {
			c.bytes -= len(p.Data)
			c.counters.Strays++
		}
		return p.Endpoint == e
	})
}

func (c *memoryConn) Local(e Endpoint) netip.AddrPort {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	return c.local[e].AddrPort()
}

func (c *memoryConn) ReadBatch(p []Packet) (int, error) {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	if c.closed {
		return 0, net.ErrClosed
	}
	c.free = append(c.free, c.resting...)
	c.resting = c.resting[:0]
	n := copy(p, c.queue)
	for _, q := range c.queue[:n] {
		c.bytes -= len(q.Data)
	}
	c.queue = slices.Delete(c.queue, 0, n)
	c.counters.Received += uint64(n)
	c.gave = c.gave || n > 0
	if len(c.queue) == 0 {
		select {
		case <-c.readable:
		default:
		}
	}
	return n, nil
}

func (c *memoryConn) WriteBatch(p []Packet) (int, error) {
	for i := range p {
		c.net.mu.Lock()
		closed, e := c.closed, p[i].Endpoint
		usable := int(e) < len(c.open) && c.open[e]
		var from Addr
		if usable {
			from = c.local[e]
			c.counters.Sent++
		} else {
			c.counters.notOpen()
		}
		c.net.mu.Unlock()
		if closed {
			return i, net.ErrClosed
		}
		if usable {
			c.net.send(from, p[i].Peer, p[i].Data)
		}
	}
	return len(p), nil
}

// Gather is as on the sockets of Linux, but that nothing is left alone if it isn't called.
func (c *memoryConn) Gather(window time.Duration) { c.window = window }

// leftAlone is for how long from now datagrams are left alone.
func (c *memoryConn) leftAlone() (d time.Duration) {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	if c.gave {
		c.heard, c.gave = c.returned, false
	}
	if c.window > CoalesceWindow {
		d = time.Until(c.heard.Add(c.window))
	}
	return d
}

func (c *memoryConn) Wait(d time.Duration) error {
	defer func() { c.returned = time.Now() }()
	if d > 0 {
		readable := c.readable
		if alone := c.leftAlone(); alone > 0 {
			d, readable = min(d, alone), nil
		}
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-c.done:
		case <-c.woken:
		case <-readable:
			notify(c.readable) // only ReadBatch takes it
		case <-timer.C:
		}
	}
	select { // what announced itself while Wait was returning was there before it
	case <-c.woken:
	default:
	}
	select {
	case <-c.done:
		return net.ErrClosed
	default:
		return nil
	}
}

func (c *memoryConn) Wake() { notify(c.woken) }

func (c *memoryConn) Counters() Counters {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	return c.counters
}

func (c *memoryConn) Mode() Mode { return "memory" }

func (c *memoryConn) Close() error {
	c.net.mu.Lock()
	defer c.net.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	for e, open := range c.open {
		if open {
			delete(c.net.bound, c.local[e])
		}
	}
	close(c.done)
	return nil
}
