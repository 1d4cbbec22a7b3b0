package udp

import (
	"errors"
	"fmt"
	"net/netip"
	"syscall"
)

// maxSourceTries bounds how many source addresses Open passes over that turn out unusable.
const maxSourceTries = 4096

var (
	errListening   = errors.New("open endpoint: this connection listens: it has endpoint 0 only")
	errUnknownMode = errors.New(`unknown: want "auto", "shared", "epoll" or "portable"`)
)

// openError tells what opening a socket at local failed with, and which limit to raise.
func openError(err error, local netip.AddrPort) error {
	switch {
	case isDescriptorLimit(err):
		return limitError("open a socket for an endpoint", err)
	case isAddressInUse(err) && local.Port() == 0:
		return fmt.Errorf("open a socket on %v: %w: the ports for this address are used up: give more source addresses, or widen net.ipv4.ip_local_port_range", local.Addr(), err)
	case isNotLocal(err):
		return fmt.Errorf("open a socket on %v: %w: the address is not this machine's: assign it to an interface, or give another", local, err)
	}
	return fmt.Errorf("open a socket on %v: %w", local, err)
}

// isDescriptorLimit tells that there are no more file descriptors: another transport would only meet that later.
func isDescriptorLimit(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}

// limitError says what was attempted, and which limit to raise where that is what failed.
func limitError(attempt string, err error) error {
	switch {
	case errors.Is(err, syscall.EMFILE):
		return fmt.Errorf("%s: %w: raise the limit of this process%s", attempt, err, descriptorLimit())
	case errors.Is(err, syscall.ENFILE):
		return fmt.Errorf("%s: %w: raise the system's limit (sysctl fs.file-max)", attempt, err)
	}
	return fmt.Errorf("%s: %w", attempt, err)
}

// tryNextSource tells whether a bind failed for a reason that another source address may not have.
func tryNextSource(err error) bool {
	return isAddressInUse(err) || isNotLocal(err) || errors.Is(err, errPortsUsedUp)
}

// sent counts what became of one datagram.
func (c *Counters) sent(err error) {
	if err == nil {
		c.Sent++
		return
	}
	var errno syscall.Errno
	errors.As(err, &errno)
	c.failed(errno)
}

// failed counts one datagram that the kernel refused.
func (c *Counters) failed(errno syscall.Errno) {
	c.SendErrors++
	switch kindOf(errno) {
	case kindNoBuffers:
		c.NoBuffers++
	case kindDenied:
		c.Denied++
	case kindUnreachable:
		c.Unreachable++
	default:
		c.OtherErrors++
	}
}

func (c *Counters) notOpen() {
	c.SendErrors++
	c.NotOpen++
}

// errorKind groups the system's error numbers as Counters does.
type errorKind int

const (
	kindOther errorKind = iota
	kindNoBuffers
	kindDenied
	kindUnreachable
)
