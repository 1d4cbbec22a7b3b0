package cluster

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

// member is a worker as the controller sees it.
type member struct {
	joinRequest
	seen  time.Time // since when it hasn't been heard of, as far as it could have been
	heard time.Time // its last beat
	beat  workerBeat
	lost  bool
}

// quiet is for how many beats a worker may be unheard of until another may have
// its place.
const quiet = 3

// heardJoin is called by NATS.
func (c *controller) heardJoin(m *nats.Msg) {
	var r joinRequest
	if err := decode(m.Data, &r); err != nil {
		c.post(func() { c.log.Warn("a worker's request can't be read", "error", err) })
		return
	}
	c.post(func() {
		if c.stage == resuming {
			return // it asks again
		}
		why, later := c.admit(&r)
		if why != "" && !later {
			c.log.Info("worker refused", "worker", r.name(), "why", why)
		}
		_ = m.Respond(encode(joinReply{Run: c.names.run, Accepted: why == "", Why: why, Later: later})) // it asks again
	})
}

// admit takes a worker, or tells why not. later: that may change, as when one whose
// place it would have dies before the run has begun.
func (c *controller) admit(r *joinRequest) (why string, later bool) {
	if m := c.members[r.ID]; m != nil {
		m.seen = time.Now()
		return "", false // it didn't hear the answer
	}
	if why, later := c.refuse(r); why != "" {
		return why, later
	}
	m := &member{joinRequest: *r, seen: time.Now()}
	c.members[r.ID] = m
	c.joined = append(c.joined, m)
	c.changed = m.seen
	c.log.Info("worker joined", "worker", m.name(), "id", m.ID, "cores", m.Cores)
	switch c.stage {
	case gathering:
		c.cfg.Tell(fmt.Sprintf("%d of %d workers have joined: %s", len(c.present()), len(c.slots), m.name()))
	case running:
		c.cfg.Tell(fmt.Sprintf("worker %s stands by", m.name()))
	case resuming, finishing:
	}
	return "", false
}

func (c *controller) refuse(r *joinRequest) (why string, later bool) {
	spooled := false
	for _, run := range r.Spools {
		spooled = spooled || run == c.names.run
	}
	switch {
	case r.Version != c.cfg.Run.Version:
		return fmt.Sprintf("its version is %s, the controller's is %s", r.Version, c.cfg.Run.Version), false
	case c.stage == finishing:
		return "the run is ending", false
	case r.Segment >= len(c.slots):
		return fmt.Sprintf("it wants segment %d, and there are %d", r.Segment, len(c.slots)), false
	case len(c.members) >= maxWorkers:
		return "there are too many workers", false
	case spooled:
		return "", false // of this run, which must not be lost
	}
	if m := c.wisher(r.Segment); m != nil {
		return fmt.Sprintf("segment %d has the worker %s", r.Segment, m.name()), true
	}
	if len(c.present()) >= len(c.slots) && c.cfg.OnLoss != Rebalance {
		return fmt.Sprintf("the run has its %d workers, and takes more only with --on-worker-loss %s", len(c.slots), Rebalance), c.stage == gathering
	}
	return "", false
}

// wisher is the worker that wants a segment, and is there.
func (c *controller) wisher(segment int) *member {
	for _, m := range c.joined {
		if segment >= 0 && m.Segment == segment && !m.lost && time.Since(m.seen) < quiet*c.cfg.times.beat {
			return m
		}
	}
	return nil
}

// present are the workers that can be counted on, in order of joining.
func (c *controller) present() (list []*member) {
	for _, m := range c.joined {
		if !m.lost && !m.beat.Leaving {
			list = append(list, m)
		}
	}
	return list
}

// heardBeat is called by NATS.
func (c *controller) heardBeat(m *nats.Msg) {
	var b workerBeat
	if err := decode(m.Data, &b); err != nil || m.Subject != c.names.beatOf(b.ID) {
		c.post(func() { c.log.Warn("a worker's beat can't be read", "subject", m.Subject, "error", err) })
		return
	}
	c.post(func() {
		if m := c.members[b.ID]; m != nil {
			m.seen, m.heard, m.beat = time.Now(), time.Now(), b
			c.heard(m)
		}
	})
}

// reconnected: who couldn't be heard isn't lost.
func (c *controller) reconnected() {
	for _, m := range c.members {
		if !m.lost {
			m.seen = time.Now()
		}
	}
}

// tell publishes a beat.
func (c *controller) tell() {
	b := controllerBeat{Run: c.names.run, Incarnation: c.incarnation, Orders: c.orders, Epochs: c.epochs, Over: c.over, Safe: c.safe}
	_ = c.nc.Publish(c.names.beat(), encode(&b)) // lost, it is made good by the next
}

// dismiss lets all workers go, and waits a while for them to have heard it, and to
// have delivered what they measured last.
func (c *controller) dismiss(cut context.Context) {
	c.stage, c.over = finishing, true
	c.tell()
	limit, cancel := context.WithTimeout(cut, c.cfg.times.settle)
	defer cancel()
	_ = c.await(limit, func() (bool, error) {
		for _, m := range c.joined {
			if !m.lost && !m.beat.done() {
				return false, nil
			}
		}
		return true, nil
	})
}
