package cluster

import (
	"fmt"
	"time"

	"github.com/slload/slload/results"
)

// maxEpochs bounds how often a segment is handed out: one that breaks whoever has
// it isn't mended by more.
const maxEpochs = 16

// successor is who may take a lost segment over: a worker that has none, else one
// of those with the fewest; nil: nobody, or there is too little left of the plan.
func (c *controller) successor(s *slot) (best *member) {
	begin := c.stint.at(c.cfg.now()) + c.cfg.times.takeover
	if c.cfg.OnLoss != Rebalance || c.orders.End || s.Epoch >= maxEpochs || c.planAt(begin) >= c.plan.Length-time.Second {
		return nil
	}
	has := make(map[*member]int)
	for _, other := range c.slots {
		if !other.lost && !c.endedSlot(other) {
			has[other.worker]++
		}
	}
	for _, m := range c.present() {
		if m != s.worker && (best == nil || has[m] < has[best]) && len(m.beat.Segments) < maxHeld {
			best = m
		}
	}
	return best
}

// retakeOver hands out segments that nobody could take when they were lost. Who
// was cut off with all others has the time to come back to his own first.
func (c *controller) retakeOver() {
	if c.cfg.OnLoss != Rebalance || time.Since(c.changed) < c.cfg.LossTimeout {
		return
	}
	for _, s := range c.slots {
		if s.lost {
			c.takeOver(s)
		}
	}
}

// takeOver hands a lost segment to a standby, else to who has the least to do.
func (c *controller) takeOver(s *slot) {
	best := c.successor(s)
	if best == nil {
		return
	}
	now := c.stint.at(c.cfg.now())
	begin := now + c.cfg.times.takeover
	from := c.planAt(begin)
	s.Epoch++
	c.epochs[s.Segment] = s.Epoch
	s.worker, s.lost, s.began = best, false, true
	s.a = c.assignment(s.key)
	s.a.From, s.a.Ahead, s.a.Takeover = from, begin-from, true
	s.a.Toggles = c.orders.Toggles &^ 1
	s.a.At = c.stint.began.Add(begin - c.stint.from).UnixNano()
	seg := c.lineup.add(s.key, best.name(), false)
	seg.lostFrom, seg.lostWhat, seg.taking = s.since, s.what, true
	seg.heardAt = time.Now()
	c.save() // first: a controller that goes on with the run must not hand the same one out again
	c.send(s)
	c.tell() // who had it is fenced
	c.cfg.Tell(fmt.Sprintf("worker %s takes segment %d over", best.name(), s.Segment))
	c.collector.Event(results.Event{T: now, Name: eventTakeover, Detail: text(fmt.Sprintf("segment %d goes to %s", s.Segment, best.name()))})
}

// mayGoOn tells that somebody may take a lost segment over.
func (c *controller) mayGoOn() bool {
	for _, s := range c.slots {
		if s.lost && c.stage == running && c.successor(s) != nil {
			return true
		}
	}
	return false
}

// mayReturn tells that nobody is left but workers that are cut off, as they all are
// when this machine is: without a controller they make their load for a while, and
// keep what they measure.
func (c *controller) mayReturn() bool {
	if c.orders.End || c.stage != running {
		return false
	}
	for _, s := range c.slots {
		if s.lost && s.worker.lost && !c.endedSlot(s) && time.Since(s.worker.seen) < c.cfg.times.orphan {
			return true
		}
	}
	return false
}
