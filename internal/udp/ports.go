package udp

import (
	"errors"
	"fmt"
	"net/netip"
)

// ports is a range of source ports to choose from; the zero value leaves the choice to the kernel.
type ports struct {
	first, last int
	next        int // is tried next: neighbours are likely taken as well
}

func newPorts(r [2]uint16) (ports, error) {
	if r != [2]uint16{} && (r[0] == 0 || r[0] > r[1]) {
		return ports{}, fmt.Errorf("source ports %d to %d: want a first and a last one, from 1 to 65535", r[0], r[1])
	}
	return ports{int(r[0]), int(r[1]), int(r[0])}, nil
}

var errPortsUsedUp = errors.New("every source port that was given is in use: give more of them, or more source addresses")

// bind binds local by open: at the port that it has, at one of the kernel's choice, or at the first of the range that
// nobody has.
func (p *ports) bind(local netip.AddrPort, open func(netip.AddrPort) error) error {
	if p.first == 0 || local.Port() != 0 {
		return open(local)
	}
	for range p.last - p.first + 1 {
		at := netip.AddrPortFrom(local.Addr(), uint16(p.next))
		if p.next++; p.next > p.last {
			p.next = p.first
		}
		if err := open(at); !isAddressInUse(err) {
			return err
		}
	}
	return fmt.Errorf("open a socket on %v, ports %d to %d: %w", local.Addr(), p.first, p.last, errPortsUsedUp)
}
