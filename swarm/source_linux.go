package swarm

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// shareLocalPorts puts off the choice of a port from bind to connect: bind
// would take one that no other connection of the address has, whatever its
// peer, and soon find none.
func shareLocalPorts(_, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1) // a kernel without it has fewer ports
	})
}
