package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

// socketName is the socket in the run directory, or a link to it.
const socketName = "control.sock"

// newName is what it is called until somebody listens: who finds it under its own
// name and is refused takes the run's process to be gone.
const newName = "control.new"

// maxPath is the longest path of a socket that all systems take: their
// sockaddr_un holds 104 bytes or more, with a zero at the end.
const maxPath = 103

// listen makes the socket of a run directory. Where its path would be too long
// it lies in a directory of its own among the temporary files, and a link leads
// there.
func listen(dir string) (l net.Listener, remove func(), err error) {
	path := filepath.Join(dir, socketName)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, err
	}
	if len(path) <= maxPath {
		l, err = private(path)
		return l, func() { _ = os.Remove(path) }, err
	}
	near, err := os.MkdirTemp("", "slload-")
	if err != nil {
		return nil, nil, err
	}
	remove = func() { _ = os.Remove(path); _ = os.RemoveAll(near) }
	target := filepath.Join(near, socketName)
	if l, err = private(target); err == nil {
		if err = os.Symlink(target, path); err != nil {
			err = errors.Join(err, l.Close())
		}
	}
	if err != nil {
		remove()
		return nil, nil, err
	}
	return l, remove, nil
}

// private listens at a path that its owner alone may use.
func private(path string) (net.Listener, error) {
	config := net.ListenConfig{Control: ownerOnly}
	made := filepath.Join(filepath.Dir(path), newName)
	if err := os.Remove(made); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	l, err := config.Listen(context.Background(), "unix", made)
	if err != nil {
		return nil, err
	}
	if err = os.Chmod(made, 0o600); err == nil {
		err = os.Rename(made, path)
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	return l, nil
}

// StaleError is the socket of a run whose process is gone.
type StaleError struct{ Dir string }

func (e *StaleError) Error() string {
	return fmt.Sprintf("the run in %s is gone: its process ended without a word (see slload report %s)", e.Dir, e.Dir)
}

// EndedError is a run directory that nobody works in.
type EndedError struct{ Dir string }

func (e *EndedError) Error() string {
	return fmt.Sprintf("no run goes on in %s", e.Dir)
}

// connect connects to the run in dir.
func connect(ctx context.Context, dir string) (net.Conn, error) {
	path := filepath.Join(dir, socketName)
	target, linked := os.Readlink(path)
	if linked == nil {
		path = target
	}
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		if linked == nil {
			return nil, &StaleError{dir} // somebody cleaned up after it
		}
		return nil, &EndedError{dir}
	}
	if len(path) > maxPath {
		return nil, fmt.Errorf("connect to the run: the path of %s is longer than the %d bytes that a socket's may have", path, maxPath)
	}
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return nil, &StaleError{dir}
	case errors.Is(err, fs.ErrNotExist): // it ended just now
		return nil, &EndedError{dir}
	case err != nil:
		return nil, fmt.Errorf("connect to the run in %s: %w", dir, err)
	}
	return conn, nil
}
