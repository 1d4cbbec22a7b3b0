package results

import (
	"io"
	"maps"
	"slices"
	"time"

	"github.com/slload/slload/profiles"
)

// flushEvery is how often everything is brought to disk: the most that a
// kill -9 takes.
const flushEvery = 10 * time.Second

// Config says what a Collector collects.
type Config struct {
	// Parent is the directory in which the run directory is made, named by the
	// run's id; it is made itself where it is missing. If Dir is set, that is
	// the run directory.
	Parent, Dir string
	Manifest    Manifest
	// Profile is the effective profile, written as config.yaml. It holds no
	// password.
	Profile []byte
	// Phase is the name of the run's first phase.
	Phase string
}

// Collector merges the loops' intervals and keeps the run directory. It belongs
// to one goroutine.
//
// The errors of its methods are *WriteError, about one file of the directory.
// They don't stop it: what was written stays, what could not be is kept (up to
// 16 MB a file) and tried again, and the summary stays right. A disk that goes
// on refusing is told of once, and again by Finish.
type Collector struct {
	// OnLine gets each line of timeline.jsonl; may be nil. The line is the
	// callee's to keep, not to change.
	OnLine func(Line)
	// OnFlushed is told the positions that are on disk now, with all that was
	// merged up to them; may be nil. They are the callee's to keep, not to change.
	OnFlushed func(positions map[string]uint64)

	files    *files
	manifest *Manifest
	ledger   *ledger
	timeline *timeline
	watches  []*watch
	abort    string

	tick tally // since the last Tick
	open tally // since the last cut of histograms.hlog
	own  *Interval

	events     []Event // since the last Tick, as are the next two
	suppressed counts
	counters   counts

	positions     map[string]uint64 // of what was booked; nil: nobody set any
	nextPositions map[string]uint64 // of what was merged

	// Of a run that was resumed: what it had counted before, and how far its
	// time is ahead of the plan's.
	before Sample
	offset time.Duration

	marked       bool          // the manifest has more than is on disk
	outage       bool          // the disk refuses, and that was told
	cutBase      time.Duration // how far apart cuts are while histograms.hlog is small
	logEvery     time.Duration
	cut, flushed time.Duration // when these were last done
}

// NewCollector makes the run directory and begins the run.
func NewCollector(cfg Config) (*Collector, error) {
	m := cfg.Manifest.complete()
	c := newCollector(&m, newLedger())
	c.ledger.beginPhase(cfg.Phase, 0)
	c.Event(Event{Name: EventPhase, Detail: cfg.Phase})
	var err error
	if c.files, err = createFiles(cfg, c.manifest); err != nil {
		return nil, err
	}
	errs := firstError{c.writeEvents()}
	errs.add(c.writeCheckpoint(false))
	if errs.err != nil {
		_ = c.files.close()
		return nil, errs.err
	}
	return c, nil
}

func newCollector(m *Manifest, l *ledger) *Collector {
	planned := fromSeconds(m.PlannedSeconds)
	c := &Collector{
		manifest: m, ledger: l, timeline: newTimeline(planned), watches: watchAll(m.Thresholds),
		tick: make(tally), open: make(tally), own: NewInterval(), suppressed: make(counts), counters: make(counts),
		cutBase: logEvery(planned), logEvery: logEvery(planned),
	}
	if len(m.Workers) > 0 {
		c.SetPositions(nil)
		c.positions = c.nextPositions
	}
	return c
}

// ID is the run's id.
func (c *Collector) ID() string { return c.manifest.ID }

// Dir is the run directory.
func (c *Collector) Dir() string { return c.files.dir }

// LogFile is slload.log, for one slog handler, which may be used by any
// goroutine until Finish.
func (c *Collector) LogFile() io.Writer { return c.files.log }

// Merge takes over what iv holds and leaves it empty, ready to be a spare.
func (c *Collector) Merge(iv *Interval) {
	iv.Shift(c.offset)
	c.merge(iv)
}

func (c *Collector) merge(iv *Interval) {
	c.tick.drain(iv)
	c.counters.merge(iv.counters)
	c.events = append(c.events, iv.events...)
	c.suppressed.merge(iv.suppressed)
	iv.Reset()
}

// Event notes an event that happened outside the loops; its time is the run's,
// which of a run that was resumed is not the plan's.
func (c *Collector) Event(e Event) { c.own.AddEvent(e) }

// Steered notes what somebody did to the run while it goes on, at t since its
// start. scaled tells that they changed the number of agents: the run is marked
// for good, and that is brought to disk at once.
func (c *Collector) Steered(t time.Duration, what string, scaled bool) error {
	c.Event(Event{T: t, Name: EventSteered, Detail: what})
	if !scaled || c.ledger.handScaled {
		return nil
	}
	c.ledger.handScaled = true
	return c.once(c.flush(false))
}

// Tick closes about a second: what was merged since the last call goes into
// the run's figures and timeline.jsonl, and every 10 s everything is brought to
// disk.
func (c *Collector) Tick(s Sample) error {
	c.book(s)
	now := c.ledger.last.T
	c.space()
	errs := firstError{c.writeEvents()}
	if c.timeline.due(now) {
		errs.add(c.writeLine())
	}
	// Ticks come a little early or late, and phases cut in between.
	if now-c.flushed >= flushEvery-time.Second/2 {
		errs.add(c.flush(now-c.cut > c.logEvery-flushEvery+time.Second))
	}
	return c.once(errs.err)
}

// BeginPhase ends the running phase at s, as a Tick does, and begins another.
// Merge what finished before the boundary first. When PhaseLogout begins,
// agents.in_world_at_end is taken from s.
func (c *Collector) BeginPhase(name string, s Sample) error {
	c.book(s)
	var errs firstError
	if c.ledger.current().from < c.ledger.last.T {
		errs.add(c.writeLine())
		errs.add(c.writeCut())
	}
	c.ledger.beginPhase(name, c.ledger.last.T)
	c.Event(Event{T: c.ledger.last.T, Name: EventPhase, Detail: name})
	errs.add(c.writeEvents())
	return c.once(errs.err)
}

// once leaves out an error of an outage that was told of before.
func (c *Collector) once(err error) error {
	told := c.outage
	c.outage = err != nil || told && c.files.pending()
	if told {
		return nil
	}
	return err
}

// Finish ends the run at s, writes the rest and summary.json, and closes the
// files. The summary is right even where there is an error.
func (c *Collector) Finish(s Sample) (*Summary, error) {
	c.book(s)
	c.Event(Event{T: c.ledger.last.T, Name: EventEnd})
	errs := firstError{c.writeEvents()}
	errs.add(c.writeLine())
	errs.add(c.writeCut())
	errs.add(c.files.sync())
	errs.add(c.writeCheckpoint(true))
	summary := c.Summary()
	errs.add(c.files.writeJSON(fileSummary, summary))
	c.tellFlushed(errs.err)
	errs.add(c.files.close())
	return summary, errs.err
}

// Summary is the summary up to the last Tick.
func (c *Collector) Summary() *Summary {
	c.countCut()
	return c.ledger.summary(c.manifest)
}

// Verdict is the judgement up to the last Tick.
func (c *Collector) Verdict() Verdict { return c.ledger.verdict(c.manifest) }

// Progress is the run up to the last Tick as a line of the timeline, but with
// the figures of the whole run so far: much cheaper than Summary.
func (c *Collector) Progress() Line {
	l := c.ledger
	return Line{
		T: seconds(l.last.T), Seconds: seconds(l.last.T), Phase: l.current().name,
		Agents: l.last.Agents, Ops: l.total.lineOps(), Actions: l.last.Actions, Transport: l.last.Transport,
		Generator: l.last.Generator, InPhase: l.last.InPhase, Simulators: l.last.Simulators, Counters: maps.Clone(l.counters),
	}
}

// Times are the histograms of the run up to the last Tick by operation, copies
// that stay as they are.
func (c *Collector) Times() map[string]Times {
	times := make(map[string]Times, len(c.ledger.total))
	for op, f := range c.ledger.total {
		if f.response.TotalCount() > 0 {
			times[op] = Times{f.response.Clone(), f.service.Clone()}
		}
	}
	return times
}

// Aborted is the threshold marked abort that failed first, with what was
// measured, or empty. A threshold over the whole run aborts it after 10 s at
// the earliest, a windowed one when a full window fails.
func (c *Collector) Aborted() string { return c.abort }

// book moves the merged figures on and takes the run's state at s.
func (c *Collector) book(s Sample) {
	s = s.after(&c.before)
	s.T = (s.T + c.offset).Round(time.Millisecond)
	if c.offset > 0 && len(s.Workers) > 0 {
		s.Workers = slices.Clone(s.Workers)
		for i := range s.Workers {
			s.Workers[i].T += c.offset
		}
	}
	c.merge(c.own)
	c.positions = c.nextPositions
	c.ledger.counters.merge(c.counters)
	c.timeline.counters.merge(c.counters)
	clear(c.counters)
	c.ledger.add(c.tick)
	c.open.merge(c.tick)
	c.timeline.ops.merge(c.tick)
	c.timeline.hear(s)
	c.ledger.observe(s)
	c.watch()
	c.tick.reset()
}

// watch judges the thresholds that are judged while the run goes on. Time
// stands still for them in warm-up and cool-down.
func (c *Collector) watch() {
	if profiles.LeftOut(c.ledger.current().name) {
		return
	}
	now := c.ledger.judgedTime()
	for _, w := range c.watches {
		what := w.tick(now, c.tick, c.ledger.judged)
		if what == "" {
			continue
		}
		name := w.threshold.String()
		if _, seen := c.ledger.breaches[name]; !seen && w.window != nil {
			c.ledger.breaches[name] = what
		}
		if w.threshold.Abort && c.abort == "" {
			c.abort = name + ": " + what
		}
	}
}

// firstError keeps the first of several errors: one disk that is full makes
// every file fail, and one line says so.
type firstError struct{ err error }

func (f *firstError) add(err error) {
	if f.err == nil {
		f.err = err
	}
}
