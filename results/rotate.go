package results

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"
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

// turn moves the file at path aside, over the one that was moved there before,
// and opens an empty one in its place. Where that fails, file goes on.
func (r *rotation) turn(path string, file disk) (disk, error) {
	next := path + ".tmp"
	fresh, err := openNew(next)
	if err != nil {
		return file, &WriteError{path, err}
	}
	err = errors.Join(file.Sync(), file.Close(), os.Rename(path, older(path)), os.Rename(next, path))
	r.cut += r.aside
	r.aside, r.lines = r.lines, 0
	if err != nil {
		return fresh, &WriteError{path, err}
	}
	return fresh, nil
}

func openNew(path string) (disk, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	return file{f}, nil
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
