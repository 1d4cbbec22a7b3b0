package udp

import (
	"encoding/binary"
	"net/netip"
)

// Addr is an IPv4 address and port in 6 bytes, comparable: the protocol knows IPv4 only (its IPADDR is 4 bytes).
type Addr struct {
	IP   [4]byte
	Port uint16
}

// AddrFrom converts a, which must be IPv4 or IPv4 in IPv6; any other address becomes 0.0.0.0 with a's port.
func AddrFrom(a netip.AddrPort) Addr {
	ip := a.Addr().Unmap()
	if !ip.Is4() {
		return Addr{Port: a.Port()}
	}
	return Addr{IP: ip.As4(), Port: a.Port()}
}

// AddrPort converts a to the standard library's form.
func (a Addr) AddrPort() netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4(a.IP), a.Port)
}

func (a Addr) String() string { return a.AddrPort().String() }

// addrNumber is an IPv4 address as a number, so that a range of addresses is a range of numbers.
func addrNumber(ip [4]byte) uint32 { return binary.BigEndian.Uint32(ip[:]) }

func numberAddr(n uint32) (ip [4]byte) {
	binary.BigEndian.PutUint32(ip[:], n)
	return ip
}
