package results

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// open opens the files of the run to go on with them. What came after last was
// not brought to an end, and is cut off: no total has it.
func (in *Interrupted) open(last time.Duration) (*files, error) {
	f := &files{dir: in.Dir, lock: in.lock}
	var errs firstError
	f.hlog = errs.reopen(in.Dir, fileHlog, func(line []byte) bool {
		return len(line) > 0 && (line[0] == '#' || line[0] == '"')
	})
	f.timeline = errs.reopen(in.Dir, fileTimeline, func(line []byte) bool {
		var l Line
		return json.Unmarshal(line, &l) == nil && fromSeconds(l.T) <= last
	})
	f.events = errs.reopen(in.Dir, fileEvents, func([]byte) bool { return true })
	if errs.err == nil {
		f.events.turns.most = maxTextBytes
		f.events.turns.resume(in.ledger.cut[fileEvents], f.events.path)
		f.log, errs.err = reopenLog(filepath.Join(in.Dir, fileLog), in.ledger.cut[fileLog])
	}
	if errs.err != nil {
		_ = f.close()
		return nil, errs.err
	}
	return f, nil
}

// reopen makes an appender that goes on behind the last whole line that keep
// wants, unless something failed before. A file that is missing begins anew.
func (f *firstError) reopen(dir, name string, keep func(line []byte) bool) *appender {
	if f.err != nil {
		return nil
	}
	path := filepath.Join(dir, name)
	size, err := wholeLength(path, keep)
	var out *os.File
	if err == nil {
		out, err = os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	}
	if err == nil {
		err = out.Truncate(size)
	}
	if err != nil {
		f.add(&WriteError{path, err})
		return nil
	}
	return &appender{path: path, file: file{out}, size: size}
}

// wholeLength is where the last whole line that keep wants ends; 0 in a file
// that is missing.
func wholeLength(path string, keep func(line []byte) bool) (size int64, err error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }() // read only
	err = eachLineTo(f, func(line []byte, end int64) {
		if keep(line) {
			size = end
		}
	})
	return size, err
}

// reopenLog goes on with slload.log, on a line of its own.
func reopenLog(path string, cut int64) (*logFile, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, &WriteError{path, err}
	}
	l := &logFile{path: path, file: file{f}, turns: rotation{most: maxTextBytes}}
	if info, err := f.Stat(); err == nil {
		l.size = info.Size()
	}
	l.turns.resume(cut, path)
	_, err = fmt.Fprintln(l)
	if err != nil {
		return nil, errors.Join(&WriteError{path, err}, f.Close())
	}
	return l, nil
}
