package cluster

import (
	"context"
	"fmt"
	"time"

	"github.com/slload/slload/results"
)

// slot is a segment of the run, whoever has it.
type slot struct {
	key
	worker *member // nil: nobody has it
	a      *assignment
	began  bool          // it was told when to begin
	lost   bool          // its worker is
	since  time.Duration // of the run's time, if so
	what   string        // that was lost, if so
}

// makeSlots makes a slot for each segment, to be handed out for the epoch-th time.
func (c *controller) makeSlots(epoch int) {
	c.slots = nil
	for i := range c.cfg.Workers {
		c.slots = append(c.slots, &slot{key: key{i, epoch}})
	}
}

// gather waits until each segment has a worker that is ready.
func (c *controller) gather(ctx context.Context) error {
	joining, cancel := context.WithTimeout(ctx, c.cfg.JoinTimeout)
	defer cancel()
	for {
		if err := c.await(joining, c.assignAll); err != nil {
			return c.whoIsMissing(joining, err)
		}
		preparing, cancel := context.WithTimeout(ctx, c.cfg.times.prepare)
		err := c.await(preparing, c.allReady)
		timedOut := preparing.Err() != nil && ctx.Err() == nil
		cancel()
		switch {
		case timedOut:
			return c.whoIsSlow()
		case err != nil:
			return err
		case c.everyReady():
			return nil
		}
	}
}

// whoIsMissing makes an error of the time that is over.
func (c *controller) whoIsMissing(joining context.Context, err error) error {
	if joining.Err() != context.DeadlineExceeded || err == errCrash { //nolint:errorlint // they are the ones
		return err
	}
	return &JoinError{fmt.Errorf("%d of %d workers have joined within %v: start the others, or give --workers %d",
		len(c.present()), len(c.slots), c.cfg.JoinTimeout, max(1, len(c.present())))}
}

// whoIsSlow tells of the first worker that doesn't get ready.
func (c *controller) whoIsSlow() error {
	for _, s := range c.slots {
		if b := s.state(); b == nil || b.State != stateReady {
			return &PrepareError{s.worker.name(), fmt.Sprintf("it isn't ready after %v", c.cfg.times.prepare), codeInternal}
		}
	}
	return nil
}

// assignAll hands the segments out when there are enough workers, and their
// spools are delivered.
func (c *controller) assignAll() (done bool, err error) {
	present := c.present()
	if len(present) < len(c.slots) {
		return false, nil
	}
	for _, m := range present {
		if m.beat.Spooling || m.beat.ID == "" {
			return false, nil
		}
	}
	if c.beforeAssign != nil {
		if done, err := c.beforeAssign(); !done || err != nil {
			return false, err
		}
	}
	c.deal(present)
	return true, nil
}

// deal hands the segments that nobody has to workers that have none: to who wants
// it, else in order of joining, those last whose wish can't be had.
func (c *controller) deal(present []*member) {
	busy := make(map[*member]bool)
	for _, s := range c.slots {
		busy[s.worker] = s.worker != nil
	}
	wishes := make(map[int]*member)
	var free, late []*member
	for _, m := range present {
		switch {
		case busy[m]:
		case m.Segment < 0:
			free = append(free, m)
		case wishes[m.Segment] == nil && c.slots[m.Segment].worker == nil:
			wishes[m.Segment] = m
		default:
			late = append(late, m)
		}
	}
	free = append(free, late...)
	for _, s := range c.slots {
		if s.worker != nil {
			continue
		}
		if s.worker = wishes[s.Segment]; s.worker == nil {
			s.worker, free = free[0], free[1:]
		}
		s.a = c.assignment(s.key)
		c.send(s)
	}
}

// assignment is the segment for who is to have it.
func (c *controller) assignment(k key) *assignment {
	run := &c.cfg.Run
	a := &assignment{
		Run: c.names.run, Segment: k.Segment, Of: len(c.slots), Epoch: k.Epoch, Seed: run.Seed,
		Profile: string(c.profile), LoginURI: run.LoginURI, Target: run.Target,
		Transport: string(run.Transport), Shards: run.Shards, From: c.stint.from,
	}
	if k.Segment == 0 {
		a.SimStats = run.SimStats
	}
	return a
}

// send tells a worker of its segment.
func (c *controller) send(s *slot) {
	_ = c.nc.Publish(c.names.worker(s.worker.ID), encode(s.a)) // told again until its beat shows it
}

// state is the segment as its worker tells; nil: it doesn't.
func (s *slot) state() *segmentBeat {
	if s.worker == nil {
		return nil
	}
	for i := range s.worker.beat.Segments {
		if b := &s.worker.beat.Segments[i]; b.key == s.key {
			return b
		}
	}
	return nil
}

// remind tells workers again what their beats don't show.
func (c *controller) remind() {
	for _, s := range c.slots {
		if s.worker == nil || s.lost {
			continue
		}
		if b := s.state(); b == nil || s.began && (b.State == stateReady || b.State == statePreparing) {
			c.send(s)
		}
	}
}

// allReady is done when all segments are ready, or one has lost its worker.
func (c *controller) allReady() (done bool, err error) {
	for _, s := range c.slots {
		if s.worker == nil {
			return true, nil
		}
		if b := s.state(); b != nil && b.State == stateFailed {
			return false, &PrepareError{s.worker.name(), b.Error, b.Code}
		}
	}
	return c.everyReady(), nil
}

func (c *controller) everyReady() bool {
	for _, s := range c.slots {
		if b := s.state(); b == nil || b.State != stateReady {
			return false
		}
	}
	return true
}

// forget drops workers that have gone before the run began.
func (c *controller) forget() {
	for _, m := range c.joined {
		if m.lost || time.Since(m.seen) <= c.cfg.LossTimeout && !m.beat.Leaving {
			continue
		}
		m.lost = true
		c.cfg.Tell(fmt.Sprintf("worker %s has gone", m.name()))
		for _, s := range c.slots {
			if s.worker == m {
				s.worker, s.a = nil, nil
				s.Epoch++
				c.epochs[s.Segment] = s.Epoch // who had it may come back
			}
		}
	}
}

// describeWorkers puts the workers, all of which are ready, into the manifest,
// and what they come to together.
func (c *controller) describeWorkers() {
	m := &c.manifest
	m.Workers, m.Loops, m.Cores = nil, 0, 0
	hosts := map[string]bool{}
	for i, s := range c.slots {
		b := s.state()
		m.Workers = append(m.Workers, results.ManifestWorker{
			Worker: s.worker.name(), Segment: s.Segment, Of: len(c.slots), Cores: s.worker.Cores,
			Transport: b.Transport, Loops: b.Loops,
		})
		m.Loops += b.Loops
		switch {
		case i == 0:
			m.Transport = b.Transport
		case m.Transport != b.Transport:
			m.Transport = "mixed"
		}
		if !hosts[s.worker.Host] {
			hosts[s.worker.Host] = true
			m.Cores += s.worker.Cores
		}
	}
}
