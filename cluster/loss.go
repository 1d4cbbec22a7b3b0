package cluster

import (
	"fmt"
	"slices"
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
	c.watchSilence()
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
	for _, s := range c.slots {
		if s.worker != m || s.lost {
			continue
		}
		switch b := s.state(); {
		case b == nil:
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

// maxEpochs bounds how often a segment is handed out: one that breaks whoever has
// it isn't mended by more.
const maxEpochs = 16

// takeOver hands a lost segment to a standby, else to who has the least to do.
func (c *controller) takeOver(s *slot) {
	var best *member
	for _, m := range c.present() {
		if m != s.worker && (best == nil || c.has(m) < c.has(best)) && len(m.beat.Segments) < maxHeld {
			best = m
		}
	}
	now := c.stint.at(c.cfg.now())
	begin := now + c.cfg.times.takeover
	from := c.planAt(begin)
	if best == nil || from >= c.plan.Length-time.Second || s.Epoch >= maxEpochs {
		return
	}
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

// returned is a worker that was lost and is heard of again. What of its segments
// nobody else has goes on.
func (c *controller) returned(m *member) {
	c.cfg.Tell(fmt.Sprintf("worker %s is back", m.name()))
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
