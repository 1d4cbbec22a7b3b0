package udp

import (
	"errors"
	"fmt"
	"net/netip"
)

// sources is an ordered list of source addresses, held as ranges: 127.0.0.0/8 has 16 million.
type sources struct {
	ranges []sourceRange
	n      int // addresses in all ranges
}

type sourceRange struct {
	first uint32 // address
	start int    // index of first in the list
	n     int
}

var errIPv4Only = errors.New("the protocol has IPv4 addresses only")

// newSources lists the usable addresses of the prefixes: all but network and broadcast address.
func newSources(prefixes []netip.Prefix) (sources, error) {
	var s sources
	for _, p := range prefixes {
		if !p.IsValid() || !p.Addr().Is4() {
			return sources{}, fmt.Errorf("source %v: %w", p, errIPv4Only)
		}
		if p.Bits() < 8 {
			return sources{}, fmt.Errorf("source %v: want a prefix of 8 bits or more", p)
		}
		for _, q := range prefixes[:len(s.ranges)] {
			if p.Overlaps(q) {
				return sources{}, fmt.Errorf("sources %v and %v overlap: an address can be given once", q, p)
			}
		}
		first, n := usable(p.Masked())
		s.ranges = append(s.ranges, sourceRange{first: first, start: s.n, n: n})
		s.n += n
	}
	return s, nil
}

// usable is the range of a prefix's addresses that a host can have. Inside 127.0.0.0/8 every address is the
// machine's own, but for the two ends of the whole; elsewhere the ends of a prefix are the network and its broadcast
// address, unless it is a /31 or /32.
func usable(p netip.Prefix) (first uint32, n int) {
	first = addrNumber(p.Addr().As4())
	n = 1 << (32 - p.Bits())
	loopback := p.Addr().IsLoopback()
	lowest, highest := addrNumber([4]byte{127}), addrNumber([4]byte{127, 255, 255, 255})
	dropFirst, dropLast := !loopback && p.Bits() < 31, !loopback && p.Bits() < 31
	dropFirst = dropFirst || first == lowest
	dropLast = dropLast || first+uint32(n-1) == highest
	if dropFirst {
		first, n = first+1, n-1
	}
	if dropLast {
		n--
	}
	return first, n
}

// at is the address with index i, 0 <= i < n.
func (s *sources) at(i int) uint32 {
	for _, r := range s.ranges {
		if i < r.start+r.n {
			return r.first + uint32(i-r.start)
		}
	}
	panic("udp: source index out of range")
}

// index finds an address; ok tells whether it is one of the list.
func (s *sources) index(addr uint32) (i int, ok bool) {
	for j := range s.ranges {
		r := &s.ranges[j]
		if off := addr - r.first; off < uint32(r.n) {
			return r.start + int(off), true
		}
	}
	return 0, false
}
