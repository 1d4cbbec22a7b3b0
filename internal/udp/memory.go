package udp

import (
	"container/heap"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// Memory is a network without sockets, for tests: what one Conn of it writes, another one reads, in the order of
// writing. It uses nothing but channels and the time package, so under testing/synctest time is the bubble's and
// every run is the same. Packet.Time is time.Now at delivery.
type Memory struct {
	// Filter decides what becomes of a datagram: it returns one delay for each copy to deliver, so none loses it, a
	// single 0 delivers it, {0, time.Second} delivers it twice. Nil delivers everything at once. It is called by the
	// writing goroutine, one call at a time; it may change data's bytes, and must not use the network. Set it before
	// the first WriteBatch.
	Filter func(from, to Addr, data []byte) []time.Duration

	mu       sync.Mutex
	bound    map[Addr]binding
	nextPort uint16
	delayed  delayedHeap
	writes   int
}

// NewMemory makes an empty network.
func NewMemory() *Memory {
	return &Memory{bound: map[Addr]binding{}, nextPort: 49152}
}

// Conn attaches to the network. Config is used as by New, with every address taken to be local and the
// endpoints cut from LoopbackSources when it names no sources; Mode is ignored, RcvBuf bounds what waits to be read (4
// MiB unless given). It panics where New would fail.
func (m *Memory) Conn(cfg Config) Conn {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := &memoryConn{
		net: m, readable: make(chan struct{}, 1), woken: make(chan struct{}, 1), done: make(chan struct{}),
		limit: cfg.RcvBuf, longest: cfg.MaxDatagram,
	}
	if c.limit == 0 {
		c.limit = 4 << 20
	}
	if c.longest == 0 {
		c.longest = DefaultMaxDatagram
	}
	if cfg.Listen.IsValid() {
		c.listen(cfg.Listen)
		return c
	}
	prefixes := cfg.Sources
	if len(prefixes) == 0 {
		prefixes = []netip.Prefix{LoopbackSources}
	}
	var err error
	if c.sources, err = newSources(prefixes); err != nil {
		panic("udp: " + err.Error())
	}
	c.port = m.freePort()
	return c
}

// freePort gives each Conn a port of its own, so two of them can cut endpoints from the same sources.
func (m *Memory) freePort() uint16 {
	m.nextPort++
	return m.nextPort - 1
}

// send hands one datagram to the filter and delivers what is left of it.
func (m *Memory) send(from, to Addr, data []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	data = slices.Clone(data)
	if m.Filter == nil {
		m.deliver(from, to, data)
		return
	}
	for _, d := range m.Filter(from, to, data) {
		if d <= 0 {
			m.deliver(from, to, slices.Clone(data))
			continue
		}
		m.writes++
		heap.Push(&m.delayed, delayed{due: time.Now().Add(d), order: m.writes, from: from, to: to, data: slices.Clone(data)})
		time.AfterFunc(d, m.deliverDue)
	}
}

// deliverDue delivers what was delayed until now, in the order of writing: which of the timers of one instant fires
// first is not defined, so the first one delivers for all.
func (m *Memory) deliverDue() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for now := time.Now(); len(m.delayed) > 0 && !m.delayed[0].due.After(now); {
		d := heap.Pop(&m.delayed).(delayed)
		m.deliver(d.from, d.to, d.data)
	}
}

// deliver puts a datagram into the queue of the Conn that has the address; nobody there loses it, as UDP does.
func (m *Memory) deliver(from, to Addr, data []byte) {
	if b, ok := m.bound[to]; ok {
		b.conn.receive(b.endpoint, from, data)
	}
}

// binding is who has an address.
type binding struct {
	conn     *memoryConn
	endpoint Endpoint
}

// delayed is a datagram on its way.
type delayed struct {
	due      time.Time
	order    int
	from, to Addr
	data     []byte
}

type delayedHeap []delayed

func (h delayedHeap) Len() int { return len(h) }
func (h delayedHeap) Less(i, j int) bool {
	if h[i].due.Equal(h[j].due) {
		return h[i].order < h[j].order
	}
	return h[i].due.Before(h[j].due)
}
func (h delayedHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *delayedHeap) Push(x any)   { *h = append(*h, x.(delayed)) }
func (h *delayedHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
