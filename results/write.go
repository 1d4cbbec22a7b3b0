package results

import (
	"encoding/json"
	"fmt"
)

// writeEvents appends the events since the last call to events.jsonl.
func (c *Collector) writeEvents() error {
	c.Merge(c.own)
	block, err := eventLines(c.events, c.suppressed, c.ledger.last.T)
	if err != nil {
		return fmt.Errorf("encode %s: %w", fileEvents, err)
	}
	clear(c.events)
	c.events = c.events[:0]
	clear(c.suppressed)
	if c.files.events.size+int64(len(block)) > maxEventBytes {
		return c.files.events.flush()
	}
	return c.files.events.append(block)
}

// writeLine appends a line to timeline.jsonl.
func (c *Collector) writeLine() error {
	if c.ledger.last.T == c.timeline.from {
		return nil // two calls at one instant
	}
	line := c.timeline.line(c.ledger.current().name, c.ledger.last)
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
	errs.add(c.writeCheckpoint(false))
	return errs.err
}

// writeCheckpoint replaces checkpoint.json, unless the disk refuses the cuts
// that it would speak of: then the last one stays, which agrees with them.
func (c *Collector) writeCheckpoint(finished bool) error {
	if len(c.files.hlog.pending) > 0 {
		return nil
	}
	cp := c.ledger.checkpoint()
	cp.Finished, cp.Cut = finished, seconds(c.cut)
	cp.HlogBytes, cp.TimelineBytes, cp.EventsBytes = c.files.sizes()
	var err error
	if cp.Open, err = encodeOpen(c.open); err != nil {
		return err
	}
	return c.files.writeJSON(fileCheckpoint, cp)
}

// sizes are the lengths of the appended files.
func (f *files) sizes() (hlog, timeline, events int64) {
	return f.hlog.size, f.timeline.size, f.events.size
}
