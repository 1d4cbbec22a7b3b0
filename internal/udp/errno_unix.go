//go:build unix

package udp

import (
	"errors"
	"fmt"
	"syscall"
)

func kindOf(errno syscall.Errno) errorKind {
	switch errno {
	case syscall.ENOBUFS, syscall.ENOMEM:
		return kindNoBuffers
	case syscall.EPERM, syscall.EACCES:
		return kindDenied
	case syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.ENETDOWN, syscall.EHOSTDOWN, syscall.EADDRNOTAVAIL:
		return kindUnreachable
	}
	return kindOther
}

func isAddressInUse(err error) bool { return errors.Is(err, syscall.EADDRINUSE) }
func isNotLocal(err error) bool     { return errors.Is(err, syscall.EADDRNOTAVAIL) }

// isRefused tells of an ICMP answer to an earlier datagram, which the call brought instead of doing its own work.
func isRefused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

// isMessageTooLong: only Windows says so, others cut.
func isMessageTooLong(error) bool { return false }

// descriptorLimit says what the limit is and how to raise it.
func descriptorLimit() string {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return " (ulimit -n)"
	}
	return fmt.Sprintf(" (ulimit -n is %d, at most %d)", limit.Cur, limit.Max)
}
