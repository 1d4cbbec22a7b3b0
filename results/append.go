package results

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/slload/slload/internal/wholefile"
)

// WriteError says that a file of a run directory could not be written. What
// was in it before is still there.
type WriteError struct {
	Path string
	Err  error // errors.Is(err, syscall.ENOSPC) tells a full disk
}

func (e *WriteError) Error() string {
	reason := strings.ReplaceAll(e.Err.Error(), "\n", "; ") // several are joined by line
	return fmt.Sprintf("write results to %s: %s; what was written before is kept", e.Path, reason)
}

func (e *WriteError) Unwrap() error { return e.Err }

// maxPending bounds what an appender keeps in memory while its disk refuses it.
const maxPending = 16 << 20

// disk is the part of an os.File that an appender needs.
type disk interface {
	Write([]byte) (int, error)
	Truncate(size int64) error
	Sync() error
	Close() error
}

// appender appends whole blocks to a file: a block that doesn't fit is taken
// back, so the file never ends in half of one, and kept until it does.
type appender struct {
	path    string
	file    disk
	size    int64 // of the blocks that are in the file
	torn    bool  // half a block stands behind size and could not be taken back
	pending []byte
	lost    int64 // bytes that did not even fit into pending
	turns   rotation
}

// createAppender makes a new file with the block head.
func createAppender(dir, name string, head []byte) (*appender, error) {
	path := filepath.Join(dir, name)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, &WriteError{path, err}
	}
	a := &appender{path: path, file: file{f}}
	return a, a.append(head)
}

// append writes block after all that was appended before.
func (a *appender) append(block []byte) error {
	if len(a.pending)+len(block) > maxPending {
		a.lost += int64(len(block))
	} else {
		a.pending = append(a.pending, block...)
	}
	return a.flush()
}

// flush writes what is pending.
func (a *appender) flush() error {
	if len(a.pending) == 0 {
		return nil
	}
	if err := a.takeBack(); err != nil {
		return &WriteError{a.path, err}
	}
	turned := a.turn()
	n, err := a.file.Write(a.pending)
	if err != nil {
		a.torn = n > 0
		return &WriteError{a.path, errors.Join(err, a.takeBack())}
	}
	a.turns.count(a.pending)
	a.size += int64(n)
	a.pending = a.pending[:0]
	return turned
}

// turn goes on in a new file where what is pending would be too much for this.
func (a *appender) turn() error {
	if !a.turns.due(a.size, a.pending) {
		return nil
	}
	var err error
	a.file, a.size, err = a.turns.turn(a.path, a.file, a.size)
	return err
}

// takeBack cuts off the half block of a write that failed.
func (a *appender) takeBack() error {
	if !a.torn {
		return nil
	}
	err := a.file.Truncate(a.size)
	a.torn = err != nil
	return err
}

// sync brings what was written to the disk itself.
func (a *appender) sync() error {
	if err := a.flush(); err != nil {
		return err
	}
	if err := a.file.Sync(); err != nil {
		return &WriteError{a.path, err}
	}
	return nil
}

func (a *appender) close() error {
	err := a.sync()
	if e := a.file.Close(); e != nil && err == nil {
		err = &WriteError{a.path, e}
	}
	if a.lost > 0 && err == nil {
		err = &WriteError{a.path, fmt.Errorf("%d bytes were given up while the disk took none", a.lost)}
	}
	return err
}

// file is an os.File that syncs as files that are replaced do.
type file struct{ *os.File }

func (f file) Sync() error { return wholefile.Sync(f.File) }

// Replace writes a file of a run, or of several, whole: whatever happens, there is
// the old one or the new one. The error is a *WriteError.
func Replace(path string, data []byte) error {
	if err := wholefile.Replace(path, data, 0o600); err != nil {
		return &WriteError{path, err}
	}
	return nil
}
