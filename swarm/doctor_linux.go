package swarm

import (
	"os"

	"golang.org/x/sys/unix"
)

// receiveBuffer tells how large a UDP receive buffer gets that is asked to
// have size bytes.
func receiveBuffer(size int) (bytes int, err error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, os.NewSyscallError("socket", err)
	}
	defer func() { _ = unix.Close(fd) }() // nothing was sent
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, size) != nil {
		if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, size); err != nil {
			return 0, os.NewSyscallError("setsockopt", err)
		}
	}
	got, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF)
	return got / 2, os.NewSyscallError("getsockopt", err) // it tells twice the size: its own book-keeping included
}
