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

// The transports, best first.
const (
	ModeShared   = udp.ModeShared   // one socket for many source addresses
	ModeEpoll    = udp.ModeEpoll    // a socket for each endpoint
	ModePortable = udp.ModePortable // and a goroutine for each
)

// LoopbackSources is how many source addresses a shared transport has for a
// grid on this machine, where none are given.
var LoopbackSources = 1 << (32 - udp.LoopbackSources.Bits())

// NewTransport opens the transport that cfg asks for, or the best that works
// here. It belongs to the loop that gets it, which closes it.
func NewTransport(cfg TransportConfig) (Transport, error) { return udp.New(cfg) }
