package testgrid

import (
	"net"
	"net/netip"

	"github.com/slload/slload/internal/udp"
)

// OnNetwork is c for a grid on a network of its maker's, such as one without
// sockets, on which tests let days pass in minutes: openUDP opens the port of a
// region, openHTTP that of logins and capabilities.
func (c Config) OnNetwork(openUDP func(udp.Config) (udp.Conn, error), openHTTP func(at netip.AddrPort) (net.Listener, error)) Config {
	c.openUDP, c.openHTTP = openUDP, openHTTP
	return c
}
