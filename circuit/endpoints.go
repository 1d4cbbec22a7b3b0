package circuit

import (
	"fmt"
	"net/netip"

	"github.com/slload/slload/internal/udp"
)

// key finds a circuit: a peer knows us by our endpoint, and we know it by its
// address.
type key struct {
	endpoint udp.Endpoint
	peer     udp.Addr
}

// endpoints gives each new circuit an endpoint that no other circuit uses at
// its peer. Endpoints stay open for reuse, at other peers at once.
type endpoints struct {
	conn  udp.Conn
	open  []udp.Endpoint // opened by this allocator, in order
	peers map[udp.Addr]*peerEndpoints
	// reserved are opened by Reserve, and never given out here; nil before.
	reserved map[udp.Endpoint]bool
}

// peerEndpoints is what the allocator knows about one peer.
type peerEndpoints struct {
	untried  int                   // endpoints.open from here on was never given out for this peer
	released []udp.Endpoint        // used at this peer and free again, longest ago first
	listed   map[udp.Endpoint]bool // those in released
}

// allocate finds an endpoint for a circuit to peer. used tells whether a
// circuit has it already.
func (e *endpoints) allocate(peer udp.Addr, used func(key) bool) (udp.Endpoint, error) {
	p := e.peers[peer]
	if p == nil {
		p = &peerEndpoints{listed: map[udp.Endpoint]bool{}}
		e.peers[peer] = p
	}
	// The longest released come first: the peer may still send to the others.
	for len(p.released) > 0 {
		end := p.released[0]
		p.released = p.released[1:]
		delete(p.listed, end)
		if !used(key{end, peer}) {
			return end, nil
		}
	}
	for {
		if p.untried == len(e.open) {
			end, err := e.conn.Open()
			if err != nil {
				return 0, fmt.Errorf("open an endpoint beside %d others: %w", len(e.open), err)
			}
			e.open = append(e.open, end)
		}
		end := e.open[p.untried]
		p.untried++
		if !used(key{end, peer}) {
			return end, nil
		}
	}
}

// release takes back the endpoint of a closed circuit.
func (e *endpoints) release(k key) {
	if p := e.peers[k.peer]; p != nil && !p.listed[k.endpoint] && !e.reserved[k.endpoint] {
		p.released = append(p.released, k.endpoint)
		p.listed[k.endpoint] = true
	}
}

// Reserve opens an endpoint that circuits get by CircuitConfig.Endpoint alone,
// and tells its address: for an owner whose circuits must all have one source.
// On the loop's goroutine only. It fails with ErrStopped once the loop ends, and as
// the transport's Open does.
func (l *Loop) Reserve() (Endpoint, netip.AddrPort, error) {
	if l.ended {
		return 0, netip.AddrPort{}, fmt.Errorf("reserve an endpoint: %w", ErrStopped)
	}
	e, err := l.conn.Open()
	if err != nil {
		return 0, netip.AddrPort{}, fmt.Errorf("reserve an endpoint: %w", err)
	}
	if l.endpoints.reserved == nil {
		l.endpoints.reserved = map[udp.Endpoint]bool{}
	}
	l.endpoints.reserved[e] = true
	return e, l.conn.Local(e), nil
}

// Release gives back a reserved endpoint, whose circuits must have closed.
// What is still queued for it is not sent. On the loop's goroutine only.
func (l *Loop) Release(e Endpoint) {
	if l.endpoints.reserved[e] {
		delete(l.endpoints.reserved, e)
		l.conn.CloseEndpoint(e)
	}
}
