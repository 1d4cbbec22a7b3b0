// Package wholefile replaces files whole: whoever reads one, and whatever ends
// the process or the machine meanwhile, finds what was there before or what is
// there now, and never half of it. All files that people or later commands read
// are written so, but for those that grow.
package wholefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Sync brings a file to the disk itself. Tests that play thousands of writes put
// their own in its place.
var Sync = (*os.File).Sync

// Replace writes a file under a hidden name of its own beside path, and gives it
// the name path when it is on the disk. A process that is killed in between leaves
// that hidden file.
func Replace(path string, data []byte, mode fs.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // for its owner alone
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if mode != 0o600 {
		err = errors.Join(err, f.Chmod(mode))
	}
	if err = errors.Join(err, Sync(f), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the error before tells more
		return err
	}
	syncDir(filepath.Dir(path))
	return nil
}

// syncDir makes a rename last through a power cut where the system can do that;
// where it cannot (Windows), the rename still is atomic.
func syncDir(dir string) {
	if f, err := os.Open(dir); err == nil {
		_ = Sync(f)
		_ = f.Close()
	}
}
