package results

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// The files of a run directory.
const (
	fileManifest   = "manifest.json"
	fileConfig     = "config.yaml"
	fileSummary    = "summary.json"
	fileHlog       = "histograms.hlog"
	fileTimeline   = "timeline.jsonl"
	fileEvents     = "events.jsonl"
	fileCheckpoint = "checkpoint.json"
	fileLog        = "slload.log"
	fileReport     = "report.html"
)

// files are the files of a run directory that a run keeps open.
type files struct {
	dir                    string
	hlog, timeline, events *appender
	log                    *logFile
	lock                   *os.File // held while the run goes on
}

// createFiles makes the run directory with its manifest and its empty files.
func createFiles(cfg Config, m *Manifest) (*files, error) {
	f := &files{dir: cfg.Dir}
	if f.dir == "" {
		f.dir = filepath.Join(cfg.Parent, m.ID)
	}
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the run directory: %w", err)
	}
	if _, err := os.Lstat(filepath.Join(f.dir, fileManifest)); err == nil {
		return nil, fmt.Errorf("%s holds a run already: name another directory", f.dir)
	}
	errs := firstError{f.writeJSON(fileManifest, m)}
	errs.add(Replace(filepath.Join(f.dir, fileConfig), cfg.Profile))
	if errs.err == nil {
		f.lock, errs.err = lockRun(f.dir)
	}
	head, err := hlogHead(m.Started)
	errs.add(err)
	f.hlog = errs.create(f.dir, fileHlog, head)
	f.timeline = errs.create(f.dir, fileTimeline, nil)
	f.events = errs.create(f.dir, fileEvents, nil)
	if errs.err == nil {
		f.events.turns.most = maxTextBytes
		f.log, errs.err = createLog(filepath.Join(f.dir, fileLog))
	}
	if errs.err != nil {
		_ = f.close()
		return nil, errs.err
	}
	return f, nil
}

// create makes an appender unless something failed before.
func (f *firstError) create(dir, name string, head []byte) *appender {
	if f.err != nil {
		return nil
	}
	a, err := createAppender(dir, name, head)
	f.add(err)
	return a
}

func (f *files) writeJSON(name string, v any) error {
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	out.SetEscapeHTML(false)    // a threshold is read as it was written
	if name != fileCheckpoint { // that one is large and written often, and nobody reads it
		out.SetIndent("", "  ")
	}
	if err := out.Encode(v); err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	return Replace(filepath.Join(f.dir, name), b.Bytes())
}

// pending tells whether anything waits for a disk that refused it.
func (f *files) pending() bool {
	return len(f.hlog.pending)+len(f.timeline.pending)+len(f.events.pending) > 0
}

// sync brings all files to disk.
func (f *files) sync() error {
	errs := firstError{f.hlog.sync()}
	errs.add(f.timeline.sync())
	errs.add(f.events.sync())
	errs.add(f.log.sync())
	return errs.err
}

func (f *files) close() error {
	var errs firstError
	for _, a := range []*appender{f.hlog, f.timeline, f.events} {
		if a != nil {
			errs.add(a.close())
		}
	}
	if f.log != nil {
		errs.add(f.log.close())
	}
	if f.lock != nil {
		_ = f.lock.Close() // nothing was written there
	}
	return errs.err
}
