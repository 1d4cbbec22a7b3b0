package results

import (
	"fmt"
	"maps"
	"time"
)

// SetPositions tells up to where what was merged so far goes, by names that are
// the caller's own, such as the last frame of each segment. The next Tick,
// BeginPhase or Finish makes them part of the run's figures, and the flush after
// it brings both to disk in one, so that Reclaim gives the ones that belong to
// each other.
func (c *Collector) SetPositions(positions map[string]uint64) {
	c.nextPositions = make(map[string]uint64, len(positions))
	maps.Copy(c.nextPositions, positions)
}

// checkpointWindow is a sliding window of a threshold.
type checkpointWindow struct {
	EndNS  int64            `json:"end_ns"`
	Filled int              `json:"filled"`
	Slots  []checkpointSlot `json:"slots"`
}

// checkpointSlot is a part of a window.
type checkpointSlot struct {
	Times  []byte `json:"times,omitempty"` // buckets, as in an interval's form
	OK     int64  `json:"ok,omitempty"`
	Failed int64  `json:"failed,omitempty"`
}

// checkpointBefore are the totals of a run before it was resumed the last time.
type checkpointBefore struct {
	OffsetNS int64 `json:"offset_ns"` // of its time from the plan's
	checkpointTotals
}

// checkpointPositions puts into cp what Reclaim needs beside the figures.
func (c *Collector) checkpointPositions(cp *checkpoint) {
	if c.positions == nil {
		return
	}
	cp.Positions, cp.Aborted = c.positions, c.abort
	for _, w := range c.watches {
		cp.Windows = append(cp.Windows, w.window.checkpoint())
	}
	if c.before.T > 0 {
		cp.Before = &checkpointBefore{int64(c.offset), totalsOf(&c.before)}
	}
}

// takePositions is checkpointPositions' inverse.
func (c *Collector) takePositions(cp *checkpoint) error {
	c.SetPositions(cp.Positions)
	c.positions, c.abort = c.nextPositions, cp.Aborted
	if len(cp.Windows) != len(c.watches) {
		return fmt.Errorf("%d windows for %d thresholds", len(cp.Windows), len(c.watches))
	}
	for i, w := range c.watches {
		if err := w.window.take(cp.Windows[i]); err != nil {
			return err
		}
	}
	if b := cp.Before; b != nil {
		c.before, c.offset = b.sample(), time.Duration(b.OffsetNS)
	}
	return nil
}

// checkpoint is the window; nothing of none, that of a threshold over the whole
// run.
func (w *window) checkpoint() checkpointWindow {
	if w == nil {
		return checkpointWindow{}
	}
	c := checkpointWindow{EndNS: int64(w.end), Filled: w.filled}
	for _, o := range w.slots {
		s := checkpointSlot{OK: o.ok, Failed: o.failed}
		if o.response.TotalCount() > 0 {
			s.Times = appendBuckets(nil, o.response)
		}
		c.Slots = append(c.Slots, s)
	}
	return c
}

// take is checkpoint's inverse.
func (w *window) take(c checkpointWindow) error {
	if w == nil {
		return nil
	}
	if len(c.Slots) != len(w.slots) || c.Filled < 0 {
		return fmt.Errorf("a window of %d parts, want %d", len(c.Slots), len(w.slots))
	}
	w.end, w.filled = time.Duration(c.EndNS), c.Filled
	for i, s := range c.Slots {
		o := w.slots[i]
		o.ok, o.failed = s.OK, s.Failed
		if len(s.Times) == 0 {
			continue
		}
		r := &wireReader{data: s.Times}
		r.bucketsInto(r.uvarint(maxWireBuckets), o.response.RecordValues)
		if r.err != nil {
			return fmt.Errorf("a part of a window: %w", r.err)
		}
	}
	return nil
}
