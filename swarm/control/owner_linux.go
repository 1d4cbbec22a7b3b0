package control

import "syscall"

// ownerOnly takes others' rights from a socket before it has a name: Linux gives
// the name those of the descriptor.
func ownerOnly(_, _ string, c syscall.RawConn) error {
	var chmod error
	if err := c.Control(func(fd uintptr) { chmod = syscall.Fchmod(int(fd), 0o600) }); err != nil {
		return err
	}
	return chmod
}
