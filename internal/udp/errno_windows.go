package udp

import (
	"errors"
	"syscall"

	"golang.org/x/sys/windows"
)

func kindOf(errno syscall.Errno) errorKind {
	switch errno {
	case windows.WSAENOBUFS:
		return kindNoBuffers
	case windows.WSAEACCES:
		return kindDenied
	case windows.WSAENETUNREACH, windows.WSAEHOSTUNREACH, windows.WSAENETDOWN, windows.WSAEHOSTDOWN, windows.WSAEADDRNOTAVAIL:
		return kindUnreachable
	}
	return kindOther
}

func isAddressInUse(err error) bool { return errors.Is(err, windows.WSAEADDRINUSE) }
func isNotLocal(err error) bool     { return errors.Is(err, windows.WSAEADDRNOTAVAIL) }

// isRefused tells of an ICMP answer to an earlier datagram, which the call brought instead of doing its own work.
func isRefused(err error) bool {
	return errors.Is(err, windows.WSAECONNREFUSED) || errors.Is(err, windows.WSAECONNRESET)
}

// isMessageTooLong: the datagram was cut to the buffer.
func isMessageTooLong(err error) bool { return errors.Is(err, windows.WSAEMSGSIZE) }

func descriptorLimit() string { return "" }
