package udp

import (
	"errors"
	"syscall"

	"golang.org/x/sys/windows"
)

func kindOf(errno syscall.Errno) errorKind {
	switch errno {
	case windows.WSAECONNREFUSED, windows.WSAECONNRESET:
		return kindRefused
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

// isMessageTooLong: the datagram was cut to the buffer.
func isMessageTooLong(err error) bool { return errors.Is(err, windows.WSAEMSGSIZE) }

func descriptorLimit() string { return "" }
