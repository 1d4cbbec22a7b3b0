package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
	"github.com/slload/slload/swarm"
)

// resume goes on with a run whose controller ended. First it has the run's
// figures exactly as of the last checkpoint, and reads again what JetStream keeps
// since. Then, if workers are heard of, they go on: nothing has happened to them.
// If none is, what they measured is brought in, and the rest of the plan is made
// by new ones after a gap, as slload resume does on one machine.
func (c *controller) resume(ctx, cut context.Context) (*results.Summary, error) {
	positions, s, err := c.reclaim(ctx)
	if err != nil {
		return nil, err
	}
	c.stage = resuming
	c.cfg.Listen = cmp.Or(s.Listen, c.cfg.Listen)
	err = c.open(ctx)
	if err == nil {
		defer c.close()
		c.restore(s, positions)
		err = c.goOn(ctx, cut)
	}
	if err != nil {
		return nil, c.giveBack(err)
	}
	return c.run(ctx, cut)
}

// giveBack leaves the run for another try.
func (c *controller) giveBack(err error) error {
	if err == errCrash { //nolint:errorlint // it is the one
		return err
	}
	if c.interrupted != nil {
		return errors.Join(err, c.interrupted.Close())
	}
	c.collector.OnFlushed = nil // cluster.json stays: segments that nobody has got are no state to go on from
	return errors.Join(err, c.collector.Suspend())
}

// goOn has the run go on, by those who make it or by others.
func (c *controller) goOn(ctx, cut context.Context) error {
	if err := c.replay(ctx); err != nil {
		return err
	}
	alive, err := c.listenForWorkers(ctx)
	if err != nil {
		return err
	}
	if !alive && !c.planDone(c.slots) {
		return c.newStint(ctx, cut)
	}
	c.log.Info("controller goes on", "run", c.names.run, "workers are heard of", alive)
	c.stage = running
	if alive {
		c.loseEarly()
	} else {
		c.loseRest()
	}
	c.save()
	c.tell()
	if c.cfg.Run.OnBegin != nil {
		c.cfg.Run.OnBegin(c.collector.Dir())
	}
	return nil
}

// planDone tells that there is nothing left of the plan for the segments in slots.
func (c *controller) planDone(slots []*slot) bool {
	done := true
	for _, s := range slots {
		seg := c.lineup.segments[s.key]
		done = done && seg.ended && seg.merged.Why == endPlan
	}
	return done || c.orders.End || c.planAt(c.lineup.last) >= c.plan.Length-time.Second
}

// loseEarly gives up the segments that have ended before their time, as all do in the
// end that have no controller.
func (c *controller) loseEarly() {
	for _, s := range c.slots {
		c.endsEarly(c.lineup.segments[s.key])
	}
}

// loseRest gives up the segments that have not ended: there is nothing left of
// the plan, and nobody.
func (c *controller) loseRest() {
	for _, s := range c.slots {
		if !c.endedSlot(s) {
			c.lose(s, "the run's plan is over, and it is gone")
		}
	}
}

// reclaim takes the run directory over.
func (c *controller) reclaim(ctx context.Context) (map[string]uint64, *state, error) {
	dir := c.cfg.Resume
	s, err := readState(dir)
	if err != nil {
		return nil, nil, &swarm.ConfigError{Err: err}
	}
	collector, m, profile, positions, err := results.Reclaim(dir)
	if err != nil {
		return nil, nil, &swarm.ConfigError{Err: err}
	}
	c.take(collector)
	fail := func(err error) (map[string]uint64, *state, error) {
		return nil, nil, errors.Join(err, collector.Suspend())
	}
	p, err := profiles.Parse(profile, filepath.Join(dir, "config.yaml"))
	if err == nil {
		err = p.Resolve()
	}
	if err != nil {
		return fail(&swarm.ConfigError{Err: err})
	}
	run := &c.cfg.Run
	run.Profile, run.Seed, run.LoginURI = p, m.Seed, cmp.Or(run.LoginURI, m.LoginURI)
	c.cfg.Workers, c.cfg.Name = len(s.Slots), s.Name
	if err := c.lead(ctx); err != nil {
		return fail(err)
	}
	c.manifest = *m
	c.names = subjects{c.cfg.Name, m.ID}
	return positions, s, nil
}

// replay reads what the stream holds, up to what it held just now.
func (c *controller) replay(ctx context.Context) error {
	c.replayTo = 1 << 62
	if err := c.openStore(ctx); err != nil {
		return err
	}
	return c.catchUp(ctx)
}

// catchUp waits until all that JetStream has now was read.
func (c *controller) catchUp(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, 6*publishTime)
	defer cancel()
	if c.replayTo, err = c.lastPlace(ctx); err != nil {
		return err
	}
	return c.await(ctx, func() (bool, error) { return !c.replaying(), nil })
}

// lastPlace is the last place in the stream that holds anything; 0: none does.
func (c *controller) lastPlace(ctx context.Context) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, publishTime)
	defer cancel()
	stream, err := c.js.Stream(ctx, c.names.stream())
	if err != nil {
		return 0, fmt.Errorf("look what the stream %s holds: %w", c.names.stream(), err)
	}
	state := stream.CachedInfo().State // of just now
	if state.Msgs == 0 {
		return 0, nil
	}
	return state.LastSeq, nil
}

func (c *controller) replaying() bool { return c.seen < c.replayTo }

// listenForWorkers tells whether any that has a segment is heard of.
func (c *controller) listenForWorkers(ctx context.Context) (alive bool, err error) {
	for _, m := range c.joined {
		m.seen = time.Now()
	}
	limit, cancel := context.WithTimeout(ctx, c.cfg.LossTimeout)
	defer cancel()
	err = c.await(limit, func() (bool, error) {
		for _, s := range c.slots {
			if b := s.state(); b != nil && !s.worker.beat.Leaving {
				alive = true
			}
		}
		return alive, nil
	})
	if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		err = nil
	}
	return alive, err
}

// newStint brings in all that was measured, and has the rest of the plan made by
// workers that join now.
func (c *controller) newStint(ctx, cut context.Context) error {
	c.cfg.Tell(fmt.Sprintf("no worker of the run %s is heard of: waiting for %d to join", c.names.run, c.cfg.Workers))
	old, epoch := c.slots, 1
	for _, s := range old {
		epoch = max(epoch, s.Epoch+1)
	}
	c.members, c.joined = make(map[string]*member), nil
	c.makeSlots(epoch)
	for i := range c.slots {
		c.epochs[i] = epoch
	}
	c.stage, c.beforeAssign = gathering, func() (bool, error) { return c.interrupt(ctx, old) }
	err := c.gather(ctx)
	if errors.Is(err, errPlanDone) { // by frames that were spooled
		c.stage = running
		c.loseRest()
		return nil
	}
	if err != nil {
		c.dismiss(cut)
		return err
	}
	c.stint.began = c.cfg.now().Add(c.cfg.times.start)
	collector, err := results.Resume(c.interrupted, c.plan.From(c.stint.from).Phases[0].Name, c.stint.began)
	if err != nil {
		c.dismiss(cut)
		return err
	}
	c.interrupted = nil
	c.take(collector)
	c.start()
	return nil
}

// errPlanDone is a run of which nothing is left to make.
var errPlanDone = errors.New("the plan is over")

// interrupt brings in all that the segments in old measured, as soon as that was
// read, and ends the stint.
func (c *controller) interrupt(ctx context.Context, old []*slot) (done bool, err error) {
	if !c.asked { // what was spooled is in the stream, and maybe not here yet
		if c.replayTo, err = c.lastPlace(ctx); err != nil {
			return false, err
		}
		c.asked = true
	}
	if c.replaying() {
		return false, nil
	}
	c.beforeAssign = nil
	fresh := c.slots
	c.slots = old
	c.drain()
	if c.planDone(old) {
		return false, errPlanDone
	}
	if err := c.collector.Suspend(); err != nil {
		return false, err
	}
	c.slots = fresh
	c.lineup, c.places, c.onDisk = newLineup(0), make(map[key][]place), make(map[key]*frame)
	if c.interrupted, err = results.ReadInterrupted(c.cfg.Resume); err != nil {
		return false, err
	}
	c.stint = stint{from: c.interrupted.Plan}
	c.orders = orders{N: c.orders.N + 1}
	return true, nil
}
