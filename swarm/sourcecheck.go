package swarm

import (
	"fmt"
	"net"
	"net/netip"
)

// maxProbed bounds the addresses of a prefix that are tried.
const maxProbed = 4096

// CheckSources tells, by trying, whether this machine can send from the
// addresses. Of a prefix one is enough: runs pass over those that it doesn't
// have.
func CheckSources(sources []netip.Prefix) error {
	for i, p := range sources {
		if p.Bits() < 8 {
			return fmt.Errorf("%v: want a prefix of 8 bits or more", p)
		}
		for _, q := range sources[:i] {
			if p.Overlaps(q) {
				return fmt.Errorf("%v and %v overlap: give each address once", q, p)
			}
		}
		if usable, err := usableSources(p, 1); usable == 0 {
			return fmt.Errorf("%v: %w; this machine must have the address: ip addr add %v dev INTERFACE", p, err, netip.PrefixFrom(p.Addr(), 32))
		}
	}
	return nil
}

// usableSources counts the addresses of a prefix that this machine can send
// from, up to enough, and gives the first error.
func usableSources(p netip.Prefix, enough int) (usable int, err error) {
	addr := p.Masked().Addr()
	for range maxProbed {
		if !p.Contains(addr) || usable >= enough {
			break
		}
		c, bindErr := net.ListenUDP("udp4", &net.UDPAddr{IP: addr.AsSlice()})
		if bindErr == nil {
			usable++
			_ = c.Close() // nothing was sent
		} else if err == nil {
			err = bindErr
		}
		addr = addr.Next()
	}
	return usable, err
}

// countSources is how many addresses the prefixes have, those among them that
// the machine may not have included.
func countSources(sources []netip.Prefix) (n int) {
	for _, p := range sources {
		n += 1 << (32 - p.Bits())
	}
	return n
}
