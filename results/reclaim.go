package results

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Suspend writes a checkpoint and closes the files: the run has not ended, and
// Reclaim goes on with it. What was merged since the last Tick is left out, as
// its positions are.
func (c *Collector) Suspend() error {
	clear(c.events)
	c.events = c.events[:0]
	clear(c.suppressed)
	errs := firstError{c.writeEvents()} // the collector's own
	errs.add(c.flush(false))
	errs.add(c.files.close())
	return errs.err
}

// Reclaim goes on with the run in dir exactly at its last checkpoint, whatever
// came after it: the files are cut back to the lengths that they had then, and
// the run's time goes on without a gap. It gives the manifest, the effective
// profile and the positions of what the run has, so that the caller can merge all
// that came later once more. It fails where the run has ended, where it never had
// positions, with a *BusyError where another process has it, and where files have
// lost what the checkpoint speaks of; Resume can go on with that one.
func Reclaim(dir string) (c *Collector, m *Manifest, profile []byte, positions map[string]uint64, err error) {
	fail := func(err error) (*Collector, *Manifest, []byte, map[string]uint64, error) {
		return nil, nil, nil, nil, fmt.Errorf("go on with the run in %s: %w", dir, err)
	}
	if m, err = ReadManifest(dir); err != nil {
		return nil, nil, nil, nil, err
	}
	if profile, err = ReadConfig(dir); err != nil {
		return fail(err)
	}
	lock, err := lockRun(dir)
	if err != nil {
		return nil, nil, nil, nil, err
	}
	in := &Interrupted{Dir: dir, Manifest: m, rebuild: &rebuild{dir: dir}, lock: lock}
	if c, err = in.reclaim(); err != nil {
		_ = lock.Close() // if the files didn't
		return fail(err)
	}
	for _, name := range []string{fileSummary, fileReport} { // which are of the run so far
		_ = os.Remove(filepath.Join(dir, name))
	}
	return c, m, profile, c.positions, nil
}

// reclaim cuts the files back and takes up the checkpoint's state.
func (in *Interrupted) reclaim() (*Collector, error) {
	r := in.rebuild
	if err := r.readCheckpoint(); err != nil {
		return nil, err
	}
	switch {
	case r.cp == nil:
		return nil, fmt.Errorf("%s can't be read, and without it nobody knows how far the run came", fileCheckpoint)
	case r.cp.Finished:
		return nil, errors.New("it came to its end: there is nothing to go on with")
	case len(in.Manifest.Workers) == 0 && r.cp.Positions == nil || len(r.cp.Phases) == 0:
		return nil, errors.New("it was made by one process: slload resume goes on with it")
	}
	if err := in.cutBack(); err != nil {
		return nil, err
	}
	if err := in.readLedger(); err != nil {
		return nil, err
	}
	c := newCollector(in.Manifest, in.ledger)
	if err := c.takeUp(r); err != nil {
		return nil, fmt.Errorf("read %s: %w", fileCheckpoint, err)
	}
	var err error
	c.files, err = in.open(in.ledger.last.T)
	return c, err
}

// cutBack cuts the appended files to the lengths that the checkpoint tells.
func (in *Interrupted) cutBack() error {
	cp, dir := in.rebuild.cp, in.Dir
	if err := turnBack(filepath.Join(dir, fileEvents), cp.EventsBytes); err != nil {
		return err
	}
	sizes := map[string]int64{fileHlog: cp.HlogBytes, fileTimeline: cp.TimelineBytes, fileEvents: cp.EventsBytes}
	for name, size := range sizes { // all, before any is touched
		if now := sizeOf(filepath.Join(dir, name)); now < size {
			return fmt.Errorf("%s has %d bytes, and had %d at the last checkpoint: the disk lost some", name, now, size)
		}
	}
	for name, size := range sizes {
		if err := os.Truncate(filepath.Join(dir, name), size); err != nil {
			return err
		}
	}
	return nil
}

// turnBack undoes that the file of text at path gave way to a new one since it
// had so many bytes.
func turnBack(path string, had int64) error {
	if sizeOf(path) >= had || sizeOf(older(path)) < had {
		return nil
	}
	return os.Rename(older(path), path)
}

// sizeOf is a file's length; that of a missing one is 0.
func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// readLedger reads what the files, now cut back, come to.
func (in *Interrupted) readLedger() (err error) {
	if in.ledger, err = in.rebuild.ledger(); err != nil {
		return err
	}
	if notes := in.rebuild.notes; len(notes) > 0 {
		return errors.New(notes[0])
	}
	return nil
}

// takeUp has the collector stand where it stood at the checkpoint.
func (c *Collector) takeUp(r *rebuild) error {
	cp, now := r.cp, c.ledger.last.T
	open, err := cp.open()
	if err != nil {
		return err
	}
	c.open = open.ops
	c.cut, c.flushed, c.timeline.from = fromSeconds(cp.Cut), now, now
	if cp.Line != nil {
		if err := c.timeline.take(cp.Line); err != nil {
			return err
		}
	}
	c.timeline.every = spacing(c.timeline.base, cp.TimelineBytes, maxTimelineBytes)
	c.logEvery = spacing(c.cutBase, cp.HlogBytes, maxHlogBytes)
	return c.takePositions(cp)
}
