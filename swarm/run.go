package swarm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/target"
	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
)

const (
	second = time.Second
	// actionGrace is how long actions may go on after the plan's end before
	// they are cut off.
	actionGrace = 5 * time.Second
)

// swarm is one run.
type swarm struct {
	cfg    Config
	plan   *profiles.Plan
	plays  []play
	guard  *target.Guard // of all that is sent
	load   target.Load   // of the plan of all shares, where the grid has bounds
	http   *http.Client  // of logins and capabilities
	polls  *http.Client  // of event queues
	log    *slog.Logger
	shards []*shard
	claim  claim // of file descriptors
	roster roster
	slots  chan struct{} // of logins under way
	gate   gate          // before the logins that have a slot
	budget budget        // of logins that are tried again
	spares spares
	hand   hand // of who steers the run

	sink   Sink
	dir    *results.Collector // the sink, where it is a run directory of this run's; else nil
	start  circuit.Instant    // of the plan
	health *health
	phase  int // index in plan.Phases of the running one
	// simReports holds what simulators told last over HTTP, if nobody has had
	// it yet.
	simReports chan []results.SimReport

	actions    context.Context // of all actions; ends with errRunEnded
	endActions context.CancelCauseFunc
	logins     context.Context
	endLogins  context.CancelCauseFunc
	busy       sync.WaitGroup // actions and logins under way
	hopeless   chan error     // why the run can't succeed
	refusals   atomic.Int64   // logins that failed
	succeeded  atomic.Bool    // somebody got in
}

// Run makes the run. When ctx ends it stops early but in order: agents log
// out, within 30 s, and everything is written; the summary is then that of
// the run so far. When cut ends, too, it doesn't wait for the logouts. The
// error is a *ConfigError, *UnreachableError, *RefusedError, ErrAborted, the
// context's or a failure of this machine; a summary is given whenever the run
// began.
func Run(ctx, cut context.Context, cfg Config) (*results.Summary, error) {
	defer cfg.Control.End()
	s, err := newSwarm(cfg)
	if err != nil {
		return nil, err
	}
	start, err := s.beReady(ctx)
	if err != nil {
		s.abandon()
		return nil, err
	}
	if err := s.openSink(start); err != nil {
		s.abandon()
		return nil, err
	}
	loops, endLoops := context.WithCancel(context.Background())
	defer endLoops()
	var running sync.WaitGroup
	failed := make(chan error, len(s.shards))
	for _, sh := range s.shards {
		running.Go(func() {
			if err := sh.loop.Run(loops); err != nil {
				failed <- err
			}
		})
	}
	endWatch := s.watchSimulators()
	why := s.play(ctx, start, failed)
	summary, err := s.finish(cut)
	endWatch()
	endLoops()
	running.Wait()
	s.letGo()
	return summary, errors.Join(why, err)
}

// play runs the plan to its end, or tells why it didn't get there.
func (s *swarm) play(ctx context.Context, start time.Time, failed <-chan error) error {
	s.actions, s.endActions = context.WithCancelCause(context.Background())
	s.logins, s.endLogins = context.WithCancelCause(context.Background())
	if err := s.await(ctx, start); err != nil {
		return err
	}
	if s.cfg.OnBegin != nil {
		s.cfg.OnBegin(s.dirName())
	}
	s.log.Info("run begins", "profile", s.cfg.Profile.Name, "share", s.plan.Share, "agents", s.plan.SharePeak, "seed", s.cfg.Seed,
		"length", s.plan.Length, "grid", s.cfg.LoginURI, "transport", s.shards[0].mode, "loops", len(s.shards))
	for _, sh := range s.shards {
		sh.call(func(now circuit.Instant) { sh.begin(now) })
	}
	tick := time.NewTicker(second)
	defer tick.Stop()
	boundary := time.NewTimer(s.untilBoundary())
	defer boundary.Stop()
	for {
		select {
		case <-tick.C:
			s.collect()
			if why := s.aborted(); why != "" {
				return fmt.Errorf("%w: %s", ErrAborted, why)
			}
		case <-boundary.C:
			if s.hand.paused() {
				continue // the plan's clock stands still; this timer is set again when it goes on
			}
			if s.phase++; s.phase >= len(s.plan.Phases) {
				return nil
			}
			s.beginPhase(s.plan.Phases[s.phase].Name)
			boundary.Reset(s.untilBoundary())
		case o := <-s.cfg.Control.Orders():
			s.obey(o)
			boundary.Reset(s.untilBoundary())
		case err := <-failed:
			return err
		case err := <-s.hopeless:
			return err
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// untilBoundary is the time that is left of the running phase.
func (s *swarm) untilBoundary() time.Duration {
	return s.plan.Phases[s.phase].To - s.planTime(circuit.Now())
}

// planTime is where in its plan the run is: its own time, less the pauses.
func (s *swarm) planTime(now circuit.Instant) time.Duration {
	return now.Sub(s.start) - s.hand.pausedFor(now)
}

// finish stops all action, logs everybody out and closes the results.
func (s *swarm) finish(cut context.Context) (*results.Summary, error) {
	s.hand.ending = true
	for _, sh := range s.shards {
		sh.call(sh.stop)
	}
	s.endLogins(errRunEnded)
	idle := make(chan struct{})
	go func() { s.busy.Wait(); close(idle) }()
	s.tickUntil(cut, idle, actionGrace)
	s.endActions(errRunEnded)
	s.tickUntil(cut, idle, second)
	s.beginPhase(results.PhaseLogout)
	s.tickUntil(cut, s.logOut(cut), logoutTime)
	summary, err := s.sink.Finish(s.gather())
	if summary != nil {
		s.log.Info("run ended", "seconds", summary.Run.Seconds, "generator", summary.Verdict.Generator)
	}
	return summary, err
}

// tickUntil goes on collecting until done, for most, or until cut.
func (s *swarm) tickUntil(cut context.Context, done <-chan struct{}, most time.Duration) {
	tick := time.NewTicker(second)
	defer tick.Stop()
	limit := time.NewTimer(most)
	defer limit.Stop()
	for {
		select {
		case <-done:
			return
		case <-cut.Done():
			return
		case <-limit.C:
			return
		case o := <-s.cfg.Control.Orders():
			s.obey(o)
		case <-tick.C:
			s.collect()
		}
	}
}
