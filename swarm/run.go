package swarm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/internal/target"
	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
)

const (
	second = time.Second
	// actionGrace is how long actions may go on after the plan's end before
	// they are cut off.
	actionGrace = 5 * time.Second
	// logoutTime bounds the logouts all together.
	logoutTime = 30 * time.Second
	// Logouts are spread: agents that leave in one instant would overflow the
	// simulator's receive buffer.
	logoutSpread = 20 * time.Millisecond // an agent, at small numbers
	logoutMost   = 10 * time.Second      // all together
)

// errRunEnded is why actions are cut off that outlive the plan.
var errRunEnded = &endError{}

type endError struct{}

func (*endError) Error() string  { return "the run has ended" }
func (*endError) Reason() string { return "run_ended" }

// ErrAborted is a run that a threshold marked abort has ended.
var ErrAborted = errors.New("a threshold aborted the run")

// UnreachableError is a grid that never answered.
type UnreachableError struct {
	LoginURI string
	Err      error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("no grid answers at %s: %v; check the address, and that the grid is up", e.LoginURI, e.Err)
}

// Unwrap gives the cause.
func (e *UnreachableError) Unwrap() error { return e.Err }

// RefusedError is a grid that let nobody in.
type RefusedError struct{ Err error }

func (e *RefusedError) Error() string {
	return fmt.Sprintf("the grid refuses the accounts: %v; check names, password and where they start", e.Err)
}

// Unwrap gives the first refusal.
func (e *RefusedError) Unwrap() error { return e.Err }

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

// prepare checks all that can be without a packet and without a file: the plan,
// the accounts, whom the run would send to, and how much. Names are looked up.
// The error is a *ConfigError.
func prepare(ctx context.Context, cfg Config) (*swarm, error) {
	if errs := CheckProfile(cfg.Profile); len(errs) > 0 {
		return nil, &ConfigError{fmt.Errorf("profile %s: %w", cfg.Profile.Name, errs)}
	}
	plays, _ := plays(cfg.Profile)
	plan, err := cfg.plan()
	if err != nil {
		return nil, &ConfigError{err}
	}
	s := &swarm{
		cfg: cfg, plan: plan, plays: plays, roster: newRoster(plan.Agents), phase: plan.PhaseAt(cfg.passed()),
		slots: make(chan struct{}, shareOf(maxLogins, plan.Share)), hopeless: make(chan error, 1), budget: newBudget(plan),
		simReports: make(chan []results.SimReport, 1),
		spares:     spares{next: plan.FirstBeyond(), step: plan.Share.Count, accounts: cfg.Accounts},
	}
	if cfg.Accounts != nil {
		err = s.enoughAccounts(plan.Agents)
	}
	if err := errors.Join(err, checkShare(plan, plays)); err != nil {
		return nil, &ConfigError{err}
	}
	if err := checkSimStats(cfg.SimStats); err != nil {
		return nil, err
	}
	if s.guard, err = target.New(ctx, cfg.Target, append([]string{cfg.LoginURI}, cfg.SimStats...)...); err != nil {
		return nil, &ConfigError{err}
	}
	if s.load, err = checkLoad(s.guard, plan.Whole(), plays); err != nil {
		return nil, &ConfigError{err}
	}
	return s, nil
}

func newSwarm(cfg Config) (*swarm, error) {
	if cfg.Accounts == nil {
		return nil, &ConfigError{errors.New("there are no accounts: swarm.Config.Accounts is missing")}
	}
	s, err := prepare(context.Background(), cfg)
	if err != nil {
		return nil, err
	}
	plan := s.plan
	s.http, s.polls = newHTTP(len(cfg.Sources) > 0, s.guard, shareOf(maxDials, plan.Share))
	if cfg.dial != nil {
		dialBy(cfg.dial, s.http, s.polls)
	}
	if err := reach(context.Background(), s.http, cfg.LoginURI); err != nil {
		s.abandon()
		return nil, err
	}
	for i := range cfg.shards(plan.SharePeak) {
		sh, err := newShard(s, i)
		if err != nil {
			s.abandon()
			return nil, &ConfigError{err}
		}
		s.shards = append(s.shards, sh)
	}
	if err := s.ensure(plan.SharePeak); err != nil {
		s.abandon()
		return nil, err
	}
	for i := range plan.Sessions {
		sh := s.shardOf(plan.Sessions[i].Agent)
		sh.sessions = append(sh.sessions, newSession(sh, plan.Sessions[i]))
	}
	return s, nil
}

// abandon gives up what was made for a run that doesn't begin.
func (s *swarm) abandon() {
	for _, sh := range s.shards {
		_ = sh.conn.Close() // nothing was sent yet
	}
	s.letGo()
}

// letGo gives back what is not the loops'.
func (s *swarm) letGo() {
	s.claim.giveBack()
	s.http.CloseIdleConnections()
	s.polls.CloseIdleConnections()
}

// reach asks the login service for anything at all, so that a wrong address
// is told before a thousand agents find out.
func reach(ctx context.Context, client *http.Client, loginURI string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, loginURI, nil)
	if err != nil || req.URL.Host == "" || req.URL.Scheme != "http" && req.URL.Scheme != "https" {
		return &ConfigError{fmt.Errorf("login URI %q is none: give one such as http://127.0.0.1:9000/", loginURI)}
	}
	resp, err := client.Do(req)
	if err != nil {
		return &UnreachableError{loginURI, reason.WithoutURL(err)}
	}
	_, _ = io.CopyN(io.Discard, resp.Body, 1<<16) // so that the connection is used again
	resp.Body.Close()
	return nil
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

// logOut logs out who is in world, spread over a while, and closes the channel
// it returns when all have gone.
func (s *swarm) logOut(cut context.Context) <-chan struct{} {
	ctx, cancel := context.WithTimeout(cut, logoutTime)
	gap := s.logoutGap(s.roster.count())
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		defer cancel()
		var all sync.WaitGroup
		next := circuit.Now()
		for a := range s.roster.all() { // whose goroutines begin when it is time: all at once they were a fifth of the memory
			next = next.Add(gap)
			at := next
			select {
			case <-time.After(at.Sub(circuit.Now())):
			case <-ctx.Done():
			}
			all.Go(func() {
				if err := a.Logout(circuit.WithIntended(ctx, at)); err != nil {
					s.log.Info("logout failed", "agent", a.String(), "error", err)
				}
			})
		}
		all.Wait()
	}()
	return gone
}
