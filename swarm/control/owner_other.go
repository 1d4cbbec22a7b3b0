//go:build !linux

package control

import "syscall"

// ownerOnly: the run directory, which is private, keeps others out until the
// socket's own rights do.
func ownerOnly(_, _ string, _ syscall.RawConn) error { return nil }
