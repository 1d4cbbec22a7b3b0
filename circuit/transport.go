package circuit

import "github.com/slload/slload/internal/udp"

// A Transport carries a loop's datagrams. These names let programs outside of
// this module make one; internal/udp documents the fields.
type (
	Transport       = udp.Conn
	TransportConfig = udp.Config
	TransportMode   = udp.Mode
)

// NewTransport opens the transport that cfg asks for, or the best that works
// here. It belongs to the loop that gets it, which closes it.
func NewTransport(cfg TransportConfig) (Transport, error) { return udp.New(cfg) }
