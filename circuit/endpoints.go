package circuit

import (
	"fmt"

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
	if p := e.peers[k.peer]; p != nil && !p.listed[k.endpoint] {
		p.released = append(p.released, k.endpoint)
		p.listed[k.endpoint] = true
	}
}
