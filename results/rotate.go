package results

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/slload/slload/internal/wholefile"
)

// What the files of a run directory grow to. Those of text, events.jsonl and
// slload.log, are two files each: when the newer is full it takes the place of
// the older, so that the newest is always there, and what went is counted.
// Those of figures never lose any: their blocks come further and further apart.
const (
	maxTextBytes     = 32 << 20 // of each of the two files
	maxTimelineBytes = 64 << 20
	maxHlogBytes     = 64 << 20
)

// older is the name that a file of text has when it is full: events.1.jsonl.
func older(path string) string {
	ext := filepath.Ext(path)
	return strings.TrimSuffix(path, ext) + ".1" + ext
}

// rotation is a file of text that gives way to a new one. The zero value never
// does.
type rotation struct {
	most  int64 // bytes; 0: it grows as it likes
	lines int64 // in the file
	aside int64 // in the older one
	cut   int64 // that went with older ones
}

// due tells whether a block more would be too much for a file of size.
func (r *rotation) due(size int64, block []byte) bool {
	return r.most > 0 && size > 0 && size+int64(len(block)) > r.most
}

func (r *rotation) count(block []byte) { r.lines += int64(bytes.Count(block, []byte("\n"))) }

// turn moves the file at path, f, aside, over the one that was moved there
// before, and gives an empty one in its place to go on with. Where that fails it
// gives one that is not empty, of the size given: the one that there was goes on,
// and the next block tries again.
func (r *rotation) turn(path string, f disk, was int64) (next disk, size int64, err error) {
	empty := path + ".tmp"
	if err := create(empty); err != nil { // known before anything is moved
		return f, was, &WriteError{path, err}
	}
	err = errors.Join(f.Sync(), f.Close()) // Windows moves no file that is open
	if e := r.shift(path); e == nil {
		err = errors.Join(err, os.Rename(empty, path))
	} else {
		err = errors.Join(err, e, os.Remove(empty))
	}
	opened, e := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if e != nil {
		return f, was, &WriteError{path, errors.Join(err, e)}
	}
	if info, e := opened.Stat(); e == nil {
		size = info.Size()
	}
	if err != nil {
		err = &WriteError{path, err}
	}
	return file{opened}, size, err
}

// create makes an empty file.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(wholefile.Sync(f), f.Close())
}

// shift moves the file at path aside, unless that was done before.
func (r *rotation) shift(path string) error {
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		return nil
	}
	if err := os.Rename(path, older(path)); err != nil {
		return err
	}
	r.cut += r.aside
	r.aside, r.lines = r.lines, 0
	return nil
}

// resume counts the lines that there are.
func (r *rotation) resume(cut int64, path string) {
	r.cut, r.lines, r.aside = cut, countLines(path), countLines(older(path))
}

// countLines counts the lines of a file; one that is missing has none.
func countLines(path string) (n int64) {
	data, err := os.ReadFile(path) // maxTextBytes at most
	if err != nil {
		return 0
	}
	return int64(bytes.Count(data, []byte("\n")))
}

// spacing is how far apart the blocks of a file may be which began base apart,
// now that it has grown to size of most bytes: twice as far once it is half
// full, four times at three quarters, and so on. What comes in between is
// merged into longer blocks, histograms by histograms, and nothing is lost.
func spacing(base time.Duration, size, most int64) time.Duration {
	const doublings = 12
	left := most - size
	for range doublings {
		if most /= 2; left > most {
			break
		}
		base *= 2
	}
	return base
}
