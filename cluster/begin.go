package cluster

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/slload/slload/results"
	"github.com/slload/slload/swarm"
)

// dirStore is the embedded server's directory in that of the run.
const dirStore = "nats"

// stint is a stretch of a run that workers make without a break. Its times are
// the run's own, which of a run that was resumed are those of its plan, as
// results.Resume has it.
type stint struct {
	from  time.Duration // of the plan, when it began
	began time.Time     // by this machine's clock
	// Of the pauses: those that have ended, and when the one that goes on began.
	paused, since time.Duration
}

// at is the time of the run.
func (s *stint) at(now time.Time) time.Duration { return max(s.from, s.from+now.Sub(s.began)) }

// planAt is where in the plan the run is.
func (c *controller) planAt(t time.Duration) time.Duration {
	if c.paused() {
		t = min(t, c.stint.since)
	}
	return t - c.stint.paused
}

func (c *controller) paused() bool { return c.orders.Toggles%2 == 1 }

// begin makes the run directory and has all segments begin.
func (c *controller) begin(ctx context.Context) error {
	c.stint.began = c.cfg.now().Add(c.cfg.times.start)
	c.manifest.ID, c.manifest.Started = c.names.run, c.stint.began
	c.describeWorkers()
	collector, err := results.NewCollector(results.Config{
		Parent: "runs", Dir: c.cfg.Run.Out, Profile: c.profile, Phase: c.plan.Phases[0].Name, Manifest: c.manifest,
	})
	if err != nil {
		return &swarm.ConfigError{Err: err}
	}
	c.take(collector)
	if err := c.openStore(ctx); err != nil {
		return err
	}
	c.start()
	return nil
}

// take has the collector collect for this controller.
func (c *controller) take(collector *results.Collector) {
	c.collector = collector
	collector.OnLine, collector.OnFlushed = c.cfg.Run.OnLine, c.flushed
	c.openLog(collector.LogFile())
}

// openStore opens JetStream, the stream, and what reads it.
func (c *controller) openStore(ctx context.Context) error {
	if c.server != nil {
		if err := c.server.store(filepath.Join(c.collector.Dir(), dirStore)); err != nil {
			return err
		}
	}
	short, cancel := context.WithTimeout(ctx, c.cfg.times.settle+publishTime)
	defer cancel()
	if _, err := openStream(short, c.js, c.names); err != nil {
		return err
	}
	pipes, end := context.WithCancel(context.Background())
	c.pipes, c.piped = end, make(chan struct{})
	js, names, log := c.js, c.names, c.log
	reader := &consumer{
		js: js, names: names, next: 1, again: c.again,
		hand: func(r received) { c.post(func() { c.receive(r) }) },
		warn: func(err error) { log.Warn("frames don't come for now", "error", err) },
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		reader.run(pipes)
	}()
	go func() {
		defer close(c.piped)
		defer func() { <-read }()
		for {
			select {
			case to := <-c.purge:
				if err := purgeStream(pipes, js, names, to); err != nil && pipes.Err() == nil {
					log.Warn("JetStream's stream stays longer than need be", "error", err)
				}
			case <-pipes.Done():
				return
			}
		}
	}()
	return nil
}

// start settles when the segments begin, and tells them.
func (c *controller) start() {
	c.stage = running
	first := newSteps(c.plan, &assignment{From: c.stint.from})
	c.lineup = newLineup(first.step())
	c.lineup.last = c.stint.from
	for _, s := range c.slots {
		c.lineup.add(s.key, s.worker.name(), true)
		s.a.At, s.began = c.stint.began.UnixNano(), true
	}
	c.save() // first: who begins must be known to a controller that goes on with the run
	for _, s := range c.slots {
		c.send(s)
	}
	c.tell()
	c.log.Info("run begins", "run", c.names.run, "profile", c.cfg.Run.Profile.Name, "workers", len(c.slots),
		"agents", c.plan.Peak, "seed", c.cfg.Run.Seed, "length", c.plan.Length, "grid", c.cfg.Run.LoginURI)
	if c.cfg.Run.OnBegin != nil {
		c.cfg.Run.OnBegin(c.collector.Dir())
	}
}

// run leads the run to its end, and closes it.
func (c *controller) run(ctx, cut context.Context) (*results.Summary, error) {
	why := c.awaitEnd(ctx, cut)
	if why == errCrash { //nolint:errorlint // it is the one
		return nil, why
	}
	return c.finish(cut, why)
}

// awaitEnd runs the loop until all segments have ended.
func (c *controller) awaitEnd(ctx, cut context.Context) error {
	ended := func() (bool, error) { return c.allEnded(), nil }
	err := c.await(ctx, ended)
	if err == nil || err == errCrash { //nolint:errorlint // it is the one
		return err
	}
	c.end(err)
	if werr := c.await(cut, ended); werr == errCrash { //nolint:errorlint // it is the one
		return werr
	}
	return err
}

// end has the run end in order, for a reason; nil: its plan is over.
func (c *controller) end(why error) {
	if c.whyEnded == nil {
		c.whyEnded = why
	}
	if !c.orders.End {
		c.orders.End = true
		c.orders.N++
		c.log.Info("run ends", "why", why)
		c.save()
	}
	c.tell()
}

// allEnded tells that there is nothing to wait for.
func (c *controller) allEnded() bool {
	for _, s := range c.slots {
		if !s.lost && !c.endedSlot(s) {
			return false
		}
	}
	return !c.mayReturn() && !c.mayGoOn()
}

// endedSlot tells that the segment's last frame is in the run's figures.
func (c *controller) endedSlot(s *slot) bool {
	if c.lineup == nil {
		return false
	}
	seg := c.lineup.segments[s.key]
	return seg != nil && seg.ended
}

// tick is the loop's work at each beat.
func (c *controller) tick() {
	c.tell()
	c.remind()
	switch c.stage {
	case gathering:
		c.forget()
	case running:
		c.watch()
		c.advance()
		c.standStill()
		c.answerOrders()
	case resuming, finishing:
	}
}

// finish closes the run directory, lets the workers go, and does away with what
// only a run that goes on needs.
func (c *controller) finish(cut context.Context, why error) (*results.Summary, error) {
	c.dismiss(cut) // meanwhile late frames still come
	if err := c.catchUp(cut); err != nil {
		c.log.Warn("what came last may be missing", "error", err)
	}
	if rest := c.lineup.rest(); rest != nil {
		c.apply(rest)
	}
	for _, w := range c.waiting {
		w.Answer(swarm.Status{}, swarm.ErrEnding)
	}
	summary, ferr := c.collector.Finish(c.sample(c.lineup.last))
	c.log.Info("run ended", "seconds", summary.Run.Seconds, "generator", summary.Verdict.Generator)
	if why == nil {
		why = c.whyEnded
	}
	if len(c.lost) > 0 {
		why = joinOnce(why, &WorkerLostError{c.lost})
	}
	c.endStream()
	return summary, joinOnce(why, ferr)
}

// endStream does away with the stream and the embedded server's store.
func (c *controller) endStream() {
	c.closePipes()
	if c.server == nil {
		ctx, cancel := context.WithTimeout(context.Background(), publishTime)
		defer cancel()
		if err := c.js.DeleteStream(ctx, c.names.stream()); err != nil {
			c.cfg.Tell(fmt.Sprintf("JetStream's stream %s stays: %v", c.names.stream(), err))
		}
		return
	}
	c.nc.Close()
	c.server.close()
	c.server = nil
	if err := os.RemoveAll(filepath.Join(c.collector.Dir(), dirStore)); err != nil {
		c.cfg.Tell(fmt.Sprintf("the run's NATS store stays: %v", err))
	}
}

// phaseName is the running phase.
func (c *controller) phaseName() string {
	if c.collector == nil {
		return ""
	}
	return c.collector.Progress().Phase
}
