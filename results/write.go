package results

import (
	"encoding/json"
	"fmt"
	"time"
)

// writeEvents appends the events since the last call to events.jsonl.
func (c *Collector) writeEvents() error {
	c.merge(c.own)
	block, err := eventLines(c.events, c.suppressed, c.ledger.last.T)
	if err != nil {
		return fmt.Errorf("encode %s: %w", fileEvents, err)
	}
	clear(c.events)
	c.events = c.events[:0]
	clear(c.suppressed)
	return c.files.events.append(block)
}

// writeLine appends a line to timeline.jsonl.
func (c *Collector) writeLine() error {
	if c.ledger.last.T == c.timeline.from {
		return nil // two calls at one instant
	}
	line := c.timeline.line(c.ledger.current().name, c.ledger.last)
	line.Workers = c.ledger.workerLines()
	if c.OnLine != nil {
		c.OnLine(line)
	}
	data, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("encode a line of %s: %w", fileTimeline, err)
	}
	return c.files.timeline.append(append(data, '\n'))
}

// writeCut appends what is open to histograms.hlog.
func (c *Collector) writeCut() error {
	now := c.ledger.last.T
	if now == c.cut && c.open.empty() {
		return nil
	}
	block, err := hlogCut(c.manifest.Started, c.ledger.current(), c.cut, now, c.open)
	if err != nil {
		return err
	}
	c.open.reset()
	c.cut = now
	return c.files.hlog.append(block)
}

// flush brings everything to disk, with a cut or with the open figures in the
// checkpoint.
func (c *Collector) flush(cut bool) error {
	c.flushed = c.ledger.last.T
	var errs firstError
	if cut {
		errs.add(c.writeCut())
	}
	errs.add(c.files.sync())
	if c.marked {
		errs.add(c.writeManifest())
	}
	errs.add(c.writeCheckpoint(false))
	c.tellFlushed(errs.err)
	return errs.err
}

// tellFlushed tells the positions of what is on disk, unless something is not.
func (c *Collector) tellFlushed(err error) {
	if err == nil && c.positions != nil && c.OnFlushed != nil && !c.files.pending() {
		c.OnFlushed(c.positions)
	}
}

// writeCheckpoint replaces checkpoint.json, unless the disk refuses the cuts
// that it would speak of: then the last one stays, which agrees with them. Where
// there are positions, that goes for all the files.
func (c *Collector) writeCheckpoint(finished bool) error {
	if len(c.files.hlog.pending) > 0 || c.positions != nil && c.files.pending() {
		return nil
	}
	c.countCut()
	cp := c.ledger.checkpoint()
	cp.Finished, cp.Cut = finished, seconds(c.cut)
	cp.HlogBytes, cp.TimelineBytes, cp.EventsBytes = c.files.sizes()
	var err error
	if cp.Open, err = encodeOpen(c.open); err != nil {
		return err
	}
	if cp.Line, err = c.timeline.checkpoint(c.ledger.last.T); err != nil {
		return err
	}
	c.checkpointPositions(cp)
	return c.files.writeJSON(fileCheckpoint, cp)
}

// sizes are the lengths of the appended files.
func (f *files) sizes() (hlog, timeline, events int64) {
	return f.hlog.size, f.timeline.size, f.events.size
}

// countCut takes over how many lines had to go.
func (c *Collector) countCut() {
	cut := counts{fileEvents: c.files.events.turns.cut, fileLog: c.files.log.cut()}
	for name, n := range cut {
		if n > 0 {
			c.ledger.cut[name] = n
		}
	}
}

// space sets how far apart lines and cuts are by what their files have grown
// to, and notes it where that changes.
func (c *Collector) space() {
	lines := spacing(c.timeline.base, c.files.timeline.size, maxTimelineBytes)
	cuts := spacing(c.cutBase, c.files.hlog.size, maxHlogBytes)
	if lines > c.timeline.every {
		c.timeline.every = lines
		c.coarser(fileTimeline, lines)
	}
	if cuts > c.logEvery {
		c.logEvery = cuts
		c.coarser(fileHlog, cuts)
	}
}

func (c *Collector) coarser(name string, every time.Duration) {
	c.Event(Event{T: c.ledger.last.T, Name: EventCoarser, Detail: fmt.Sprintf("%s grows large: from here on its intervals are %v long", name, every)})
}
