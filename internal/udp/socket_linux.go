package udp

import (
	"errors"
	"net/netip"

	"golang.org/x/sys/unix"
)

type socketOptions struct {
	rcvBuf, sndBuf int  // bytes; 0: the system's default
	pktinfo        bool // tell the destination of what is received
}

// bindSocket opens a socket on local that tells kernel receive times and drops.
func bindSocket(local netip.AddrPort, o socketOptions) (int, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	err = errors.Join(
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1),
		unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RXQ_OVFL, 1),
	)
	if o.pktinfo {
		err = errors.Join(err, unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_PKTINFO, 1))
	}
	if o.rcvBuf > 0 {
		err = errors.Join(err, setBuffer(fd, o.rcvBuf, unix.SO_RCVBUFFORCE, unix.SO_RCVBUF))
	}
	if o.sndBuf > 0 {
		err = errors.Join(err, setBuffer(fd, o.sndBuf, unix.SO_SNDBUFFORCE, unix.SO_SNDBUF))
	}
	if err == nil {
		err = unix.Bind(fd, &unix.SockaddrInet4{Addr: local.Addr().Unmap().As4(), Port: int(local.Port())})
	}
	if err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// setBuffer sets a buffer's size past the system's limit where this process may, else up to that limit.
func setBuffer(fd, size, force, ask int) error {
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, force, size) == nil {
		return nil
	}
	return unix.SetsockoptInt(fd, unix.SOL_SOCKET, ask, size)
}

func boundPort(fd int) (uint16, error) {
	sa, err := unix.Getsockname(fd)
	if err != nil {
		return 0, err
	}
	return uint16(sa.(*unix.SockaddrInet4).Port), nil
}
