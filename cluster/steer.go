package cluster

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
	"github.com/slload/slload/swarm"
)

// waitingOrder is an order that was told to all workers, and not done by all yet.
type waitingOrder struct {
	swarm.Order
	n     uint64 // of the orders
	until time.Time
}

// obey does what is asked of the run while it goes on.
func (c *controller) obey(o swarm.Order) {
	if o.What == swarm.OrderStatus && c.collector != nil {
		o.Answer(c.status(), nil)
		return
	}
	if err := c.command(o); err != nil {
		o.Answer(swarm.Status{}, err)
		return
	}
	c.orders.N++
	c.waiting = append(c.waiting, waitingOrder{o, c.orders.N, time.Now().Add(c.cfg.LossTimeout)})
	c.save()
	c.tell()
	c.answerOrders()
}

func (c *controller) command(o swarm.Order) error {
	now := c.stint.at(c.cfg.now())
	switch {
	case c.stage == gathering:
		return errors.New("the run hasn't begun")
	case c.stage == finishing || c.orders.End:
		return swarm.ErrEnding
	case o.What == swarm.OrderPause && c.paused():
		return swarm.ErrPaused
	case o.What == swarm.OrderResume && !c.paused():
		return swarm.ErrNotPaused
	case o.What == swarm.OrderScale && (o.Agents < 0 || o.Agents > math.MaxInt32):
		return &swarm.ConfigError{Err: fmt.Errorf("%d agents: want 0 at least", o.Agents)}
	}
	switch o.What {
	case swarm.OrderPause:
		c.stint.since = now
		c.orders.Toggles++
	case swarm.OrderResume:
		c.stint.paused += now - c.stint.since
		c.orders.Toggles++
	case swarm.OrderScale:
		c.orders.Scales++
		c.orders.Agents = o.Agents
	}
	what, scaled := o.What, o.What == swarm.OrderScale
	if scaled {
		what = fmt.Sprintf("scale to %d agents", o.Agents)
	}
	c.log.Info("steered by hand", "what", what, "t", now)
	c.warn(c.collector.Steered(now, what, scaled))
	return nil
}

// answerOrders answers what all workers have done, or one has refused.
func (c *controller) answerOrders() {
	keep := c.waiting[:0]
	for _, w := range c.waiting {
		switch behind, refused := c.behind(w.n); {
		case refused != nil:
			w.Answer(swarm.Status{}, refused)
		case behind == nil:
			w.Answer(swarm.Status{}, nil)
		case time.Now().After(w.until):
			w.Answer(swarm.Status{}, fmt.Errorf("worker %s hasn't done it yet; it will when it is heard of", behind.name()))
		default:
			keep = append(keep, w)
		}
	}
	clear(c.waiting[len(keep):])
	c.waiting = keep
}

// behind is a worker that hasn't come to the n-th orders, and what one says
// against them.
func (c *controller) behind(n uint64) (m *member, refused error) {
	for _, s := range c.slots {
		b := s.state()
		switch {
		case s.lost || c.endedSlot(s):
		case b == nil || b.Applied < n:
			m = s.worker
		case b.Applied == n && b.Refused != "":
			return nil, &swarm.ConfigError{Err: fmt.Errorf("worker %s: %s", s.worker.name(), b.Refused)}
		}
	}
	return m, nil
}

// status is how the run stands.
func (c *controller) status() swarm.Status {
	p := c.collector.Progress()
	plan := c.planAt(c.last.T)
	status := swarm.Status{
		Schema: swarm.StatusSchema, Run: c.names.run, Profile: c.cfg.Run.Profile.Name, State: swarm.StateRunning, Phase: p.Phase,
		Seconds: round(c.last.T), PlanSeconds: round(plan), PlannedSeconds: c.plan.Length.Seconds(),
		PausedSeconds: round(c.last.T - plan), HandScaled: c.manifest.HandScaled || c.orders.Scales > 0,
		Agents: p.Agents, Actions: p.Actions, Verdict: c.collector.Verdict(),
	}
	if c.orders.Scales > 0 {
		status.Agents.Target = c.orders.Agents
	}
	switch {
	case c.orders.End || p.Phase == results.PhaseLogout:
		status.State = swarm.StateEnding
	case c.paused() || p.Phase == profiles.PausedPhase:
		status.State = swarm.StatePaused
	}
	return status
}

// round is d in seconds, to the millisecond.
func round(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }
