package results

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Rebuild makes the summary of the run in dir from its manifest, histograms,
// timeline and checkpoint, and replaces summary.json with it. Of a run that was
// cut off it gives everything up to the last flush; Notes say where that was,
// and what was missing or damaged. The run must have ended: while its process
// lives, that process writes summary.json.
func Rebuild(dir string) (*Summary, error) {
	summary, err := recall(dir)
	if err != nil {
		return nil, err
	}
	f := files{dir: dir}
	return summary, f.writeJSON(fileSummary, summary)
}

// recall makes the summary and writes nothing.
func recall(dir string) (*Summary, error) {
	m, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	r := &rebuild{dir: dir}
	summary, err := r.summary(m)
	if err != nil {
		return nil, fmt.Errorf("rebuild the summary of %s: %w", dir, err)
	}
	return summary, nil
}

// ReadManifest reads the manifest of a run directory.
func ReadManifest(dir string) (*Manifest, error) {
	path := filepath.Join(dir, fileManifest)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is no run directory: it has no %s", dir, fileManifest)
	}
	if err != nil {
		return nil, fmt.Errorf("read the run directory: %w", err)
	}
	var m Manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if m.Schema != ManifestSchema {
		return nil, fmt.Errorf("read %s: its schema is %q, want %q", path, m.Schema, ManifestSchema)
	}
	return &m, nil
}

// rebuild gathers what is left of a run.
type rebuild struct {
	dir   string
	cp    *checkpoint // nil: none that can be read
	cuts  []cut
	lines []Line
	notes []string
}

func (r *rebuild) summary(m *Manifest) (*Summary, error) {
	l, err := r.ledger()
	if err != nil {
		return nil, err
	}
	return r.summarize(l, m), nil
}

// summarize is l's summary, with what there is to say about the files.
func (r *rebuild) summarize(l *ledger, m *Manifest) *Summary {
	s := l.summary(m)
	if s.Run.CutOff = r.cp == nil || !r.cp.Finished; s.Run.CutOff {
		r.note("the run was cut off; these are its results up to %.3g s", s.Run.Seconds)
	}
	s.Notes = append(r.notes, s.Notes...)
	return s
}

// ledger reads the files and gives what they come to.
func (r *rebuild) ledger() (*ledger, error) {
	if err := r.read(); err != nil {
		return nil, err
	}
	l := newLedger()
	if r.cp != nil {
		l = r.cp.ledger()
	}
	end := r.end(l.last.T)
	l.replay(r.lines, l.last.T, end)
	for _, c := range r.cuts {
		l.addCut(c)
	}
	slices.SortStableFunc(l.phases, func(a, b *phase) int { return cmp.Compare(a.from, b.from) })
	return l, nil
}

func (r *rebuild) note(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

// read reads the files. One that is missing or damaged is noted; what can be
// had without it is had.
func (r *rebuild) read() error {
	if err := r.readCheckpoint(); err != nil {
		return err
	}
	err := r.open(fileHlog, func(f io.Reader) (int, error) {
		return readHlog(f, func(c cut) { r.cuts = append(r.cuts, c) })
	})
	if err != nil {
		return err
	}
	r.addOpen()
	return r.open(fileTimeline, func(f io.Reader) (int, error) {
		return readTimeline(f, func(l Line) { r.lines = append(r.lines, l) })
	})
}

func (r *rebuild) open(name string, read func(io.Reader) (damaged int, err error)) error {
	f, err := os.Open(filepath.Join(r.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		r.note("%s is missing", name)
		return nil
	}
	if err != nil {
		return err
	}
	damaged, err := read(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("read %s: %w", f.Name(), err)
	}
	if damaged > 0 {
		r.note("%s: damaged parts that were left out: %d", name, damaged)
	}
	return nil
}

func (r *rebuild) readCheckpoint() error {
	data, err := os.ReadFile(filepath.Join(r.dir, fileCheckpoint))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil {
		r.cp, err = parseCheckpoint(data)
	}
	if err != nil {
		r.note("%s cannot be read (%v); its counters come from %s", fileCheckpoint, err, fileTimeline)
	}
	return nil
}

// addOpen adds what was open at the checkpoint as one more cut, unless a later
// cut holds it.
func (r *rebuild) addOpen() {
	if r.cp == nil {
		return
	}
	var last time.Duration
	if len(r.cuts) > 0 {
		last = r.cuts[len(r.cuts)-1].to
	}
	at := fromSeconds(r.cp.Cut)
	if last < at {
		r.note("%s ends at %.3g s, before its last checkpoint at %.3g s: what lies between is lost",
			fileHlog, seconds(last), r.cp.Cut)
	}
	if last > at {
		return
	}
	c, err := r.cp.open()
	if err != nil {
		r.note("%s: the open histograms are damaged and left out (%v)", fileCheckpoint, err)
		return
	}
	r.cuts = append(r.cuts, c)
}

// end is up to where the figures are whole: the checkpoint's time, or the last
// cut's if that was written after it. Lines past it would add errors without
// the successes beside them.
func (r *rebuild) end(checkpoint time.Duration) time.Duration {
	if len(r.cuts) == 0 {
		return checkpoint
	}
	return max(checkpoint, r.cuts[len(r.cuts)-1].to)
}

// replay takes in the lines after from and up to end.
func (l *ledger) replay(lines []Line, from, end time.Duration) {
	for _, line := range lines {
		s := line.sample()
		if s.T <= from || s.T > end {
			continue
		}
		if len(l.phases) == 0 || l.current().name != line.Phase {
			l.beginPhase(line.Phase, s.T-fromSeconds(line.Seconds))
		}
		l.take(s)
		l.counters.merge(line.Counters)
		l.add(line.failures())
	}
}

// failures are the parts of a line that no histogram holds.
func (l Line) failures() tally {
	t := make(tally)
	for op, o := range l.Ops {
		f := t.figures(op)
		f.errors.merge(o.Reasons)
		f.clamped = o.Clamped
	}
	return t
}

// addCut books a cut in its phase, which is made if nothing else told of it.
func (l *ledger) addCut(c cut) {
	l.total.merge(c.ops)
	l.last.T = max(l.last.T, c.to)
	for _, p := range slices.Backward(l.phases) {
		if p.from == c.since {
			p.ops.merge(c.ops)
			p.to = max(p.to, c.to)
			return
		}
	}
	l.phases = append(l.phases, &phase{name: c.phase, from: c.since, to: c.to, ops: c.ops})
}
