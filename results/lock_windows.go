package results

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// lock makes f the process's own until it is closed; false: another one has
// it. It locks a byte far behind the file's end, so that all can read it.
func lock(f *os.File) bool {
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY,
		0, 1, 0, &windows.Overlapped{OffsetHigh: 1 << 30})
	return !errors.Is(err, windows.ERROR_LOCK_VIOLATION)
}
