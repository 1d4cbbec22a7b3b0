package udp

import (
	"net/netip"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

type socketOptions struct {
	rcvBuf, sndBuf int  // bytes; 0: the system's default
	pktinfo        bool // tell the destination of what is received
}

// bindSocket opens a socket on local that tells kernel receive times and drops, and tells its port.
func bindSocket(local netip.AddrPort, o socketOptions) (fd int, port uint16, err error) {
	fd, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, 0, err
	}
	if err = os.NewSyscallError("setsockopt", setOptions(fd, o)); err == nil {
		port, err = bindPort(fd, local)
	}
	if err != nil {
		_ = unix.Close(fd)
		return -1, 0, err
	}
	return fd, port, nil
}

func setOptions(fd int, o socketOptions) error {
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1); err != nil {
		return err
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RXQ_OVFL, 1); err != nil {
		return err
	}
	if o.pktinfo {
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_PKTINFO, 1); err != nil {
			return err
		}
	}
	if err := setBuffer(fd, o.rcvBuf, unix.SO_RCVBUFFORCE, unix.SO_RCVBUF); err != nil {
		return err
	}
	return setBuffer(fd, o.sndBuf, unix.SO_SNDBUFFORCE, unix.SO_SNDBUF)
}

// setBuffer sets a buffer's size past the system's limit where this process may, else up to that limit.
func setBuffer(fd, size, force, ask int) error {
	if size == 0 || unix.SetsockoptInt(fd, unix.SOL_SOCKET, force, size) == nil {
		return nil
	}
	return unix.SetsockoptInt(fd, unix.SOL_SOCKET, ask, size)
}

// bindPort binds a socket, to a port of the kernel's choice where local has none. Such a port would be lost when the
// socket is disconnected; a port that was asked for stays. So it is given back at once and asked for by number, and in
// the rare case that somebody took it in between another one is.
func bindPort(fd int, local netip.AddrPort) (uint16, error) {
	name := unix.SockaddrInet4{Addr: local.Addr().Unmap().As4(), Port: int(local.Port())}
	for {
		if err := unix.Bind(fd, &name); err != nil || local.Port() != 0 {
			return local.Port(), err
		}
		sa, err := unix.Getsockname(fd)
		if err != nil {
			return 0, err
		}
		if err := disconnect(fd); err != nil {
			return 0, err
		}
		chosen := *sa.(*unix.SockaddrInet4)
		if err := unix.Bind(fd, &chosen); err != unix.EADDRINUSE {
			return uint16(chosen.Port), err
		}
	}
}

// disconnect undoes connect, and the kernel's choice of a port.
func disconnect(fd int) error {
	name := unix.RawSockaddrInet4{Family: unix.AF_UNSPEC}
	_, _, errno := unix.RawSyscall(unix.SYS_CONNECT, uintptr(fd), uintptr(unsafe.Pointer(&name)), unix.SizeofSockaddrInet4)
	if errno != 0 {
		return errno
	}
	return nil
}
