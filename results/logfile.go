package results

import (
	"os"
	"sync"
)

// logFile is slload.log. Any goroutine may write to it.
type logFile struct {
	path string

	mu    sync.Mutex
	file  disk
	size  int64
	turns rotation
}

func createLog(path string) (*logFile, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, &WriteError{path, err}
	}
	return &logFile{path: path, file: file{f}, turns: rotation{most: maxTextBytes}}, nil
}

// Write appends a record.
func (l *logFile) Write(p []byte) (n int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.turns.due(l.size, p) {
		if l.file, l.size, err = l.turns.turn(l.path, l.file, l.size); l.turns.due(l.size, p) {
			return 0, err // it is full, and there is no other
		}
	}
	n, err = l.file.Write(p)
	l.size += int64(n)
	l.turns.count(p[:n])
	return n, err
}

// cut is how many lines went.
func (l *logFile) cut() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.turns.cut
}

func (l *logFile) sync() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.file.Sync(); err != nil {
		return &WriteError{l.path, err}
	}
	return nil
}

func (l *logFile) close() error {
	errs := firstError{l.sync()}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.file.Close(); err != nil {
		errs.add(&WriteError{l.path, err})
	}
	return errs.err
}
