package cluster

import (
	"fmt"
	"time"

	"github.com/slload/slload/results"
)

// watch looks who is lost. Who can't be heard because NATS is away is not.
func (c *controller) watch() {
	if !c.nc.IsConnected() {
		c.reconnected()
		return
	}
	for _, m := range c.joined {
		if !m.lost && time.Since(m.seen) > c.cfg.LossTimeout {
			m.lost = true
			c.loseWorker(m, fmt.Sprintf("nothing is heard of it for %v", c.cfg.LossTimeout))
		}
	}
	c.retakeOver()
	c.watchSilence()
	c.loseEarly() // whose last frame came after one that never did
	c.watchLength()
}

// heard takes a member's beat.
func (c *controller) heard(m *member) {
	if m.lost {
		m.lost = false
		c.returned(m)
	}
	if c.stage != running {
		return
	}
	for i := range m.beat.Segments {
		b := &m.beat.Segments[i]
		if b.Segment >= len(c.slots) {
			continue
		}
		s := c.slots[b.Segment]
		if s.worker != m || s.key != b.key || s.lost {
			continue
		}
		switch {
		case b.State == stateFailed:
			if b.Code == codeUsage || b.Code == codeUnreachable { // no other worker can do better
				c.end(&PrepareError{m.name(), b.Error, b.Code})
			}
			c.lose(s, b.Error)
		case b.State == stateEnded && b.Made == 0:
			c.neverBegan(s)
		}
	}
	c.answerOrders()
}

// neverBegan is a segment that was told to end before its first frame: there will
// be no last one.
func (c *controller) neverBegan(s *slot) {
	if !c.orders.End {
		c.lose(s, "it ended before it began")
		return
	}
	seg := c.lineup.segments[s.key]
	seg.ended, seg.live = true, false
}

func (c *controller) loseWorker(m *member, why string) {
	for _, s := range c.slots {
		if s.worker == m && !s.lost && !c.endedSlot(s) {
			c.lose(s, why)
		}
	}
}

// lose marks the run, and does what the policy says.
func (c *controller) lose(s *slot, why string) {
	if s.lost {
		return
	}
	seg := c.lineup.segments[s.key]
	seg.live, s.lost, s.since = false, true, c.stint.from
	switch {
	case seg.merged != nil:
		s.since = seg.merged.Sample.T
	case seg.taking:
		s.since = seg.lostFrom
	}
	s.what = fmt.Sprintf("segment %d of %d on %s", s.Segment, len(c.slots), s.worker.name())
	c.cfg.Tell(fmt.Sprintf("worker %s is lost with segment %d: %s", s.worker.name(), s.Segment, why))
	c.collector.Event(results.Event{T: c.stint.at(c.cfg.now()), Name: eventLost, Detail: text(s.what + ": " + why)})
	c.mark(s.since, 0, s.what)
	switch {
	case c.orders.End || c.stage != running:
	case c.cfg.OnLoss == Abort:
		c.end(nil)
	case c.cfg.OnLoss == Rebalance:
		c.takeOver(s)
	}
	c.save()
}

// mark marks the run as one that lost load. to is 0 while that isn't known.
func (c *controller) mark(from, to time.Duration, what string) {
	c.warn(c.collector.LostLoad(from, to, text(what)))
	for _, known := range c.lost {
		if known == what {
			return
		}
	}
	if len(c.lost) < maxHeld {
		c.lost = append(c.lost, what)
	}
}

// returned is a worker that was lost and is heard of again. What of its segments
// nobody else has goes on.
func (c *controller) returned(m *member) {
	c.cfg.Tell(fmt.Sprintf("worker %s is back", m.name()))
	c.changed = time.Now()
	if c.stage != running {
		return
	}
	now := c.stint.at(c.cfg.now())
	c.collector.Event(results.Event{T: now, Name: eventReturned, Detail: m.name()})
	for _, s := range c.slots {
		if s.worker != m || !s.lost {
			continue
		}
		b := s.state()
		if b == nil || b.State == stateFailed {
			continue
		}
		seg := c.lineup.segments[s.key]
		s.lost, seg.live = false, !seg.ended
		seg.heardAt = time.Now()
		c.mark(s.since, now, s.what)
	}
	c.save()
}
