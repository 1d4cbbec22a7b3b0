package circuit

import (
	"errors"
	"net/netip"
	"testing"

	"github.com/slload/slload/internal/udp"
)

// Every circuit that a client opens passes Permit, whoever named the address.
func TestNoCircuitOpensWherePermitSaysNo(t *testing.T) {
	errStranger := errors.New("a stranger")
	conn := udp.NewMemory().Conn(udp.Config{})
	defer func() { _ = conn.Close() }()
	asked := 0
	loop := NewLoop(Config{Conn: conn, Permit: func(a netip.Addr) error {
		asked++
		if a.IsLoopback() {
			return nil
		}
		return errStranger
	}})
	if _, err := loop.Open(CircuitConfig{Peer: netip.MustParseAddrPort("198.51.100.7:9000")}); !errors.Is(err, errStranger) {
		t.Errorf("opened: %v, want what Permit says", err)
	}
	if _, err := loop.Open(CircuitConfig{Peer: netip.MustParseAddrPort("127.0.0.1:9000")}); err != nil {
		t.Errorf("to loopback: %v", err)
	}
	if n := len(loop.circuits.all); n != 1 || asked != 2 {
		t.Errorf("%d circuits after %d questions, want 1 after 2", n, asked)
	}
}
