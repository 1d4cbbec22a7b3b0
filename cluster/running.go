package cluster

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/slload/slload/results"
	"github.com/slload/slload/swarm"
)

// place is where a frame is in the stream.
type place struct{ seq, stream uint64 }

// receive takes a message of the stream.
func (c *controller) receive(r received) {
	if r.place == 0 { // the stream is another one: places of the old one mean nothing
		c.seen, c.replayTo, c.safe = 0, 0, 0
		clear(c.places)
		return
	}
	c.seen = max(c.seen, r.place)
	f, err := readFrame(r.data)
	if err != nil {
		c.log.Warn("a frame can't be read", "error", err)
		c.advance() // it may be the last of a replay
		return
	}
	f.stream = r.place
	c.accept(f)
}

// accept takes a frame, unless it can't be one of this run.
func (c *controller) accept(f *frame) {
	if err := c.acceptable(f); err != nil {
		c.log.Warn("a frame can't be used", "error", err)
		c.advance()
		return
	}
	seg := c.lineup.segments[f.key]
	c.places[f.key] = append(c.places[f.key], place{f.Seq, f.stream}) // where it is now, if it is a duplicate
	switch seg.take(f) {
	case frameTaken, frameWaits:
		seg.heardAt, seg.missedAt = time.Now(), time.Time{}
		if seg.silent || seg.taking {
			c.speaks(seg, f)
		}
		if c.stage == running {
			c.endsEarly(seg)
		}
	case frameRefused:
		c.log.Warn("too many frames wait for one that is missing", "segment", f.key)
	case frameDuplicate:
	}
	c.advance()
}

// future is how far a frame may be ahead of the controller's clock.
const future = time.Minute

func (c *controller) acceptable(f *frame) error {
	switch {
	case f.Run != c.names.run:
		return fmt.Errorf("it is of run %.80q", f.Run)
	case c.lineup == nil || c.lineup.segments[f.key] == nil:
		return fmt.Errorf("segment %s was never handed out", f.key)
	case c.stage == running && f.Sample.T > c.stint.at(c.cfg.now())+future:
		return fmt.Errorf("segment %s sends it from the future, %v", f.key, f.Sample.T)
	}
	return nil
}

// advance closes all that is complete, unless more is still to be read first.
func (c *controller) advance() {
	if c.replaying() || c.stage == gathering {
		return
	}
	c.closeAll()
}

// drain closes all that there is: who has sent all that came isn't waited for.
func (c *controller) drain() {
	for c.lineup.anyLive() {
		for _, seg := range c.lineup.order {
			seg.live = seg.live && seg.head() != nil
		}
		c.closeAll()
	}
	if rest := c.lineup.rest(); rest != nil {
		c.apply(rest)
	}
}

func (c *controller) closeAll() {
	for cl := c.lineup.next(); cl != nil; cl = c.lineup.next() {
		c.apply(cl)
	}
}

// apply brings a closing into the run's figures.
func (c *controller) apply(cl *closing) {
	for _, f := range cl.frames {
		if err := results.ReadInterval(f.interval, c.iv); err != nil {
			c.broken(f, err)
		}
		c.collector.Merge(c.iv)
		if f.Kind == frameFinal {
			c.log.Info("segment ended", "segment", f.Segment, "epoch", f.Epoch, "why", f.Why)
		}
	}
	if len(cl.late) > 0 {
		c.collector.Event(results.Event{T: cl.at, Name: eventLate, Detail: lateText(cl)})
	}
	c.last = c.sample(cl.at)
	c.collector.SetPositions(c.lineup.positions())
	if cl.phase != "" {
		c.warn(c.collector.BeginPhase(cl.phase, c.last))
		return
	}
	c.warn(c.collector.Tick(c.last))
	if why := c.collector.Aborted(); why != "" {
		c.end(fmt.Errorf("%w: %s", swarm.ErrAborted, why))
	}
	c.progress()
}

// endsEarly gives a segment up whose last frame has come before its time: its worker
// was told to stop, or its swarm failed. The frame itself waits for the run's end,
// as it is of the logouts.
func (c *controller) endsEarly(seg *segment) {
	s, f := c.slots[seg.Segment], seg.final()
	if f == nil || s.key != seg.key || f.Why == endPlan || f.Why == endOrder || c.orders.End {
		return
	}
	c.lose(s, fmt.Sprintf("it ended early: %s", f.Why))
}

// broken is a frame that can't be read: what it measured is lost.
func (c *controller) broken(f *frame, err error) {
	c.log.Error("a frame's figures can't be read", "segment", f.key, "frame", f.Seq, "error", err)
	c.mark(f.Sample.T, f.Sample.T, fmt.Sprintf("frame %s of %s, which can't be read", f.id(), f.Worker))
}

func lateText(cl *closing) string {
	counts := map[string]int{}
	for _, f := range cl.late {
		counts[fmt.Sprintf("segment %d (%s)", f.Segment, f.Worker)]++
	}
	var list []string
	for who, n := range counts {
		list = append(list, fmt.Sprintf("%d frames of %s", n, who))
	}
	slices.Sort(list)
	return text(fmt.Sprint(list))
}

// Events of a cluster.
const (
	eventLate     = "worker.late"
	eventLost     = "worker.lost"
	eventReturned = "worker.returned"
	eventTakeover = "worker.takeover"
)

// sample is the run's state at t: that of all segments.
func (c *controller) sample(t time.Duration) results.Sample {
	var parts []results.Sample
	now := c.stint.at(c.cfg.now())
	for _, seg := range c.lineup.order {
		if seg.merged == nil {
			continue
		}
		part := seg.merged.Sample
		part.Workers = []results.WorkerSample{{
			Segment: seg.Segment, Of: len(c.slots), Epoch: seg.Epoch, Worker: seg.worker,
			State: c.state(seg), Lag: max(0, now-part.T),
		}}
		if seg.ended {
			part.Workers[0].Lag = 0
		}
		parts = append(parts, part)
		seg.merged.Sample.Simulators, seg.merged.Sample.Reports = nil, nil // told once
	}
	all := results.Combine(parts)
	all.T = t
	if told := c.cfg.Run.GridCPUSeconds; told != nil {
		all.Generator.GridCPUSeconds = told()
	}
	return all
}

// state is a segment's, for people.
func (c *controller) state(seg *segment) string {
	s := c.slots[seg.Segment]
	switch {
	case s.Epoch != seg.Epoch:
		return results.WorkerTakenOver
	case seg.ended:
		return results.WorkerEnded
	case s.lost || seg.silent:
		return results.WorkerLost
	}
	return results.WorkerRunning
}

// standStill tells who watches that nothing comes, while a segment is waited for
// that may be lost: how old its newest frame is, and those of the others that wait
// with it.
func (c *controller) standStill() {
	if c.last.T == 0 || time.Since(c.told) < 2*c.cfg.times.beat {
		return
	}
	now := c.stint.at(c.cfg.now())
	c.last.Workers = slices.Clone(c.last.Workers) // others have these
	for i := range c.last.Workers {
		w := &c.last.Workers[i]
		if w.State == results.WorkerEnded {
			continue
		}
		newest := w.T
		if seg := c.lineup.segments[key{w.Segment, w.Epoch}]; seg != nil && len(seg.queue) > 0 {
			newest = max(newest, seg.queue[len(seg.queue)-1].Sample.T)
		}
		w.Lag = max(0, now-newest)
	}
	c.progress()
}

// progress tells who watches.
func (c *controller) progress() {
	c.told = time.Now()
	if c.cfg.Run.OnProgress == nil {
		return
	}
	c.cfg.Run.OnProgress(swarm.Progress{
		Sample: c.last, Phase: c.phaseName(), Length: c.plan.Length,
		Paused: c.last.T - c.planAt(c.last.T), Holding: c.paused(),
		Dir: c.collector.Dir(), Summary: c.collector.Summary, Times: c.collector.Times,
	})
}

// warn tells of results that could not be written; they are kept and tried again.
func (c *controller) warn(err error) {
	if err != nil {
		c.log.Error("write results", "error", err)
	}
}

// flushed is told what is on disk: JetStream needn't keep it.
func (c *controller) flushed(positions map[string]uint64) {
	for _, seg := range c.lineup.order {
		if seg.merged != nil {
			c.onDisk[seg.key] = seg.merged
		}
	}
	if !c.save() {
		return
	}
	to := c.seen + 1
	for k, list := range c.places {
		done := positions[k.String()]
		list = slices.DeleteFunc(list, func(p place) bool { return p.seq <= done })
		c.places[k] = list
		for _, p := range list {
			to = min(to, p.stream)
		}
	}
	c.safe = to
	select {
	case <-c.purge: // an older one
	default:
	}
	c.purge <- to
}

// joinOnce joins errors without saying one twice.
func joinOnce(a, b error) error {
	if a == nil || b == nil || errors.Is(a, b) {
		if a == nil {
			return b
		}
		return a
	}
	return errors.Join(a, b)
}
