package cluster

import (
	"fmt"
	"slices"
	"time"
)

// watchSilence gives up waiting for segments whose workers are heard, and whose
// frames don't come; and for a frame that never comes.
func (c *controller) watchSilence() {
	missing := c.lineup.waitsFor()
	for _, seg := range c.lineup.order {
		if !slices.Contains(missing, seg) {
			seg.missedAt = time.Time{}
			continue
		}
		if seg.missedAt.IsZero() {
			seg.missedAt = time.Now()
		}
		if time.Since(seg.missedAt) > c.cfg.LossTimeout && c.isHeard(seg) {
			c.goOnWithout(seg)
		}
	}
	for _, seg := range c.lineup.order {
		if len(seg.ahead) > 0 && time.Since(seg.heardAt) > c.cfg.LossTimeout {
			from, to := seg.skipHole()
			if from = max(from, seg.skip+1); from > to {
				continue // they are in the run's figures
			}
			c.mark(c.lineup.last, c.lineup.last, fmt.Sprintf("frames %d to %d of segment %s, which never came", from, to, seg.key))
		}
	}
}

// isHeard tells that the segment's worker is: else it is about to be lost.
func (c *controller) isHeard(seg *segment) bool {
	return time.Since(c.slots[seg.Segment].worker.heard) <= quiet*c.cfg.times.beat
}

// goOnWithout waits no more for a segment whose frames don't come.
func (c *controller) goOnWithout(seg *segment) {
	seg.silent, seg.live = true, false
	seg.lostFrom = c.lineup.last
	seg.lostWhat = fmt.Sprintf("frames of segment %d of %d on %s", seg.Segment, len(c.slots), seg.worker)
	c.mark(seg.lostFrom, 0, seg.lostWhat)
	c.cfg.Tell(seg.lostWhat + " don't come: the run goes on without them")
}

// speaks waits for the frames of a segment that was silent, or was taken over,
// from f on.
func (c *controller) speaks(seg *segment, f *frame) {
	seg.silent, seg.taking = false, false
	if s := c.slots[seg.Segment]; s.key == seg.key && !s.lost {
		seg.live = !seg.ended
	}
	c.mark(seg.lostFrom, max(seg.lostFrom, f.Sample.T), seg.lostWhat)
}

// watchLength gives up segments of which no end is heard.
func (c *controller) watchLength() {
	grace := c.cfg.times.end
	over := c.planAt(c.stint.at(c.cfg.now())) - c.plan.Length
	if c.orders.End && c.ending.IsZero() {
		c.ending = time.Now()
	}
	if over < grace && (c.ending.IsZero() || time.Since(c.ending) < grace) {
		return
	}
	for _, s := range c.slots {
		if !s.lost && !c.endedSlot(s) {
			c.lose(s, "its end isn't heard of")
		}
	}
}
