package results

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/slload/slload/profiles"
)

// Interrupted is a run that ended before its plan did, whatever ended it. It is
// this process's alone until Close, or until the run that goes on with it ends.
type Interrupted struct {
	Dir      string
	Manifest *Manifest
	Profile  []byte // config.yaml
	// Plan is how much of the plan the run came through. The time in which
	// agents logged out, pauses and gaps are no part of it.
	Plan time.Duration
	// HandScaled tells that somebody changed the number of agents meanwhile.
	HandScaled bool

	rebuild *rebuild
	ledger  *ledger
	lock    *os.File
}

// BusyError is a run directory that another process still writes.
type BusyError struct{ Dir string }

func (e *BusyError) Error() string {
	return fmt.Sprintf("the run in %s goes on: a process has it; end that one first", e.Dir)
}

// ReadInterrupted reads the run in dir for one that is to go on with it. It
// fails where there is nothing left of its plan, and with a *BusyError where the
// run has not ended at all.
func ReadInterrupted(dir string) (*Interrupted, error) {
	m, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	in := &Interrupted{Dir: dir, Manifest: m, rebuild: &rebuild{dir: dir}}
	if in.lock, err = lockRun(dir); err != nil {
		return nil, err
	}
	if err := in.read(); err != nil {
		return nil, errors.Join(err, in.Close())
	}
	return in, nil
}

// Close lets go of the run.
func (in *Interrupted) Close() error { return in.lock.Close() }

func (in *Interrupted) read() (err error) {
	if in.ledger, err = in.rebuild.ledger(); err != nil {
		return fmt.Errorf("resume the run in %s: %w", in.Dir, err)
	}
	if in.rebuild.cp == nil || len(in.ledger.phases) == 0 {
		return fmt.Errorf("resume the run in %s: %s can't be read, and without it nobody knows how far the run came; slload report tells what there is",
			in.Dir, fileCheckpoint)
	}
	if in.Profile, err = ReadConfig(in.Dir); err != nil {
		return fmt.Errorf("resume the run in %s: %w", in.Dir, err)
	}
	in.Plan, in.HandScaled = in.ledger.planTime(), in.ledger.handScaled
	if planned := fromSeconds(in.Manifest.PlannedSeconds); planned-in.Plan < time.Second {
		return fmt.Errorf("the run in %s came to the end of its plan: there is nothing to resume", in.Dir)
	}
	return nil
}

// planTime is how much of the plan the phases come to.
func (l *ledger) planTime() (d time.Duration) {
	for _, p := range l.phases {
		switch p.name {
		case profiles.GapPhase, profiles.PausedPhase, PhaseLogout:
		default:
			d += p.to - p.from
		}
	}
	return d
}

// lockRun makes the run in dir this process's own until the file is closed.
// config.yaml, which is never replaced, is what the lock is on.
func lockRun(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, fileConfig), os.O_RDWR, 0)
	if err != nil {
		return nil, fmt.Errorf("open the run in %s: %w", dir, err)
	}
	if !lock(f) {
		return nil, errors.Join(&BusyError{dir}, f.Close())
	}
	return f, nil
}

// Resume goes on with a run that broke off, at the instant now by the wall
// clock. The collector's times are those of the plan: of it, in.Plan has passed.
// What counts from the run's start may begin at zero again. phase is the first
// phase of what is left. Positions stay those of the last checkpoint, so a run
// that has any is reclaimed and suspended first: then they are those of all that
// it has.
func Resume(in *Interrupted, phase string, now time.Time) (*Collector, error) {
	m, l := *in.Manifest, in.ledger
	c := newCollector(&m, l)
	if cp := in.rebuild.cp; cp.Positions != nil {
		c.SetPositions(cp.Positions)
		c.positions = c.nextPositions
	}
	last := l.last.T
	for _, w := range c.watches {
		w.begin(l.judgedTime())
	}
	var err error
	if c.files, err = in.open(last); err != nil {
		return nil, err
	}
	if err := c.goOn(in); err != nil {
		return nil, errors.Join(err, c.files.close())
	}
	c.bridge(in, now)
	errs := firstError{c.logGap()}
	c.ledger.beginPhase(phase, c.ledger.last.T)
	c.Event(Event{T: c.ledger.last.T, Name: EventPhase, Detail: phase})
	errs.add(c.files.writeJSON(fileManifest, &m))
	errs.add(c.writeEvents())
	errs.add(c.writeCheckpoint(false))
	if errs.err != nil {
		return nil, errors.Join(errs.err, c.files.close())
	}
	for _, name := range []string{fileSummary, fileReport} { // which are of the run so far
		_ = os.Remove(filepath.Join(in.Dir, name))
	}
	return c, nil
}

// goOn brings the files up to where the run broke off: what was open then is
// written now.
func (c *Collector) goOn(in *Interrupted) error {
	r, last := in.rebuild, c.ledger.last.T
	c.flushed, c.cut = last, last
	if c.files.hlog.size == 0 { // it was missing, or nothing in it was whole
		head, err := hlogHead(c.manifest.Started)
		if err == nil {
			err = c.files.hlog.append(head)
		}
		if err != nil {
			return err
		}
	}
	if n := len(r.cuts); n > 0 && r.cuts[n-1].open {
		open := r.cuts[n-1]
		block, err := hlogCut(c.manifest.Started, &phase{name: open.phase, from: open.since}, open.from, open.to, open.ops)
		if err != nil {
			return err
		}
		if err := c.files.hlog.append(block); err != nil {
			return err
		}
	}
	c.timeline.from = last
	if line := r.cp.Line; line != nil && last == fromSeconds(r.cp.T) && !r.hasLine(fromSeconds(line.From), last) {
		if err := c.timeline.take(line); err != nil {
			return fmt.Errorf("read %s: %w", fileCheckpoint, err)
		}
		return c.writeLine()
	}
	return nil
}

// logGap appends the gap, which has just been booked, to histograms.hlog: one that
// ended before it would have lost something by the next checkpoint's reckoning.
func (c *Collector) logGap() error {
	gap := c.ledger.current()
	block, err := hlogCut(c.manifest.Started, gap, gap.from, gap.to, nil)
	if err != nil {
		return err
	}
	return c.files.hlog.append(block)
}

// hasLine tells whether the timeline has a line after from, up to to.
func (r *rebuild) hasLine(from, to time.Duration) bool {
	for _, l := range r.lines {
		if t := fromSeconds(l.T); t > from && t <= to {
			return true
		}
	}
	return false
}

// bridge books the gap and begins a segment.
func (c *Collector) bridge(in *Interrupted, now time.Time) {
	l, m := c.ledger, c.manifest
	broke := l.last.T
	if len(m.Segments) == 0 {
		m.Segments = []Segment{{Started: m.Started}}
	} else {
		m.Segments = append([]Segment{}, m.Segments...)
	}
	m.Segments[len(m.Segments)-1].To = seconds(broke)
	l.beginPhase(profiles.GapPhase, broke)
	// A wall clock that was set back meanwhile makes no run go backwards.
	back := max(now.Sub(m.Started).Round(time.Millisecond), broke+time.Millisecond)
	l.last.T, l.current().to = back, back
	l.last.Agents.InWorld, l.last.Simulators = 0, nil
	l.inWorldAtEnd = -1
	l.leaveWorkers(back)
	c.before, c.offset, c.timeline.from, c.cut, c.flushed = l.last, back-in.Plan, back, back, back
	m.Segments = append(m.Segments, Segment{Started: now.Round(0).UTC(), From: seconds(back), Plan: seconds(in.Plan)})
	c.Event(Event{T: broke, Name: EventGap, Detail: fmt.Sprintf("the run broke off here and was resumed %s later, at %.3f s", Human(back-broke), seconds(back))})
}
