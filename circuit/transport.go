package circuit

import "github.com/slload/slload/internal/udp"

// These names let programs outside of this module make a transport.
type (
	// Transport carries a loop's datagrams: see internal/udp, as for the others.
	Transport = udp.Conn
	// TransportConfig says which, and from where to where.
	TransportConfig = udp.Config
	// TransportMode is auto, shared, epoll or portable.
	TransportMode = udp.Mode
	// Endpoint is one of a transport's own addresses.
	Endpoint = udp.Endpoint
)

// NewTransport opens the transport that cfg asks for, or the best that works
// here. It belongs to the loop that gets it, which closes it.
func NewTransport(cfg TransportConfig) (Transport, error) { return udp.New(cfg) }
