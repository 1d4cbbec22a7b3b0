// Package pipes is HTTP's network for tests that play in virtual time
// (testing/synctest): connections without sockets to one address, as
// internal/udp.Memory is for datagrams. It imports nothing of ours.
package pipes

import (
	"context"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
)

// Pipes is a net.Listener, and the way to reach it.
type Pipes struct {
	at     netip.AddrPort
	came   chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// New listens at an address that nobody else has to have free.
func New(at netip.AddrPort) *Pipes {
	return &Pipes{at: at, came: make(chan net.Conn), closed: make(chan struct{})}
}

// Dial is the DialContext of an http.Transport. Nobody listens at other addresses.
func (p *Pipes) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	if address != p.at.String() {
		return nil, &net.OpError{Op: "dial", Net: network, Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	}
	near, far := net.Pipe()
	select {
	case p.came <- far:
		return near, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Accept makes it a net.Listener, as Close and Addr do.
func (p *Pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.came:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close refuses who comes from now on; it may be called again.
func (p *Pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// Addr is the address that New got.
func (p *Pipes) Addr() net.Addr { return net.TCPAddrFromAddrPort(p.at) }
