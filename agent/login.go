package agent

import (
	"context"
	"fmt"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/login"
)

// The operations that Login reports.
const (
	OpLogin     = "login"           // credentials sent -> in world
	OpAuth      = "login.auth"      // credentials sent -> the login service's answer
	OpHandshake = "login.handshake" // UseCircuitCode sent -> in world
	OpSeed      = "caps.seed"
	OpPoll      = "eq.poll"
	OpLogout    = "logout"
)

// LoginError is a login that failed, and where.
type LoginError struct {
	Account Account // without its password
	Stage   string  // options, auth, handshake or seed
	Err     error
}

func (e *LoginError) Error() string {
	return fmt.Sprintf("log in %s: %s: %v", e.Account.Name(), e.Stage, e.Err)
}

// Unwrap gives the cause.
func (e *LoginError) Unwrap() error { return e.Err }

// Reason is the word by which a run counts this failure: that of the login
// service's refusal, else the stage and the cause.
func (e *LoginError) Reason() string {
	if e.Stage == "auth" {
		return reason.Of(e.Err)
	}
	return e.Stage + "_" + reason.Of(e.Err)
}

// Login logs opt.Account in and returns once the agent is in world, its
// capabilities are there and its event queue is being polled. In world means
// that AgentMovementComplete has come, and RegionHandshake once on that
// circuit. A refusal that passes by itself (presence, 5xx) is tried again as
// package login has it. Errors are *LoginError; the grid is told then that the
// agent leaves, if it was let in.
func Login(ctx context.Context, opt Options) (*Agent, error) {
	opt = opt.withDefaults()
	account := opt.Account.withoutPassword()
	if err := opt.check(); err != nil {
		return nil, &LoginError{account, "options", err}
	}
	a := &Agent{Account: account, opt: opt, loop: opt.Loop, log: opt.Log, done: make(chan struct{})}
	a.opt.Account = account
	start := a.loop.Now()
	planned := intended(ctx, start)
	fail := func(stage string, err error) (*Agent, error) {
		failed := &LoginError{account, stage, err}
		a.report(OpLogin, planned, start, a.loop.Now(), failed)
		return nil, failed
	}
	resp, err := a.authenticate(ctx, opt.Account, planned)
	if err != nil {
		return fail("auth", err)
	}
	a.ID, a.session, a.code = resp.AgentID, resp.SessionID, resp.CircuitCode
	a.keepBuddies(resp.Buddies)
	a.takeInventory(resp)

	ctx, cancel := context.WithTimeoutCause(ctx, opt.EnterTimeout,
		fmt.Errorf("no answer within %v: %w", opt.EnterTimeout, context.DeadlineExceeded))
	defer cancel()
	seeded := make(chan seedResult, 1)
	go func() { seeded <- a.fetchSeed(ctx, resp.Seed) }()
	at, err := a.enter(ctx, resp)
	if err != nil {
		cancel()
		<-seeded
		return fail("handshake", err)
	}
	a.report(OpLogin, planned, start, at, nil)
	if err := a.settle(ctx, cancel, seeded); err != nil {
		a.post(func(now circuit.Instant) { a.abandon(now, err) })
		return nil, &LoginError{account, "seed", err}
	}
	return a, nil
}

// authenticate sends the credentials until they are taken or refused for
// good; each try is reported, the first from its planned start.
func (a *Agent) authenticate(ctx context.Context, account Account, planned circuit.Instant) (*login.Response, error) {
	req := login.NewRequest(account.First, account.Last, account.Password)
	req.Start = a.opt.Start
	var resp *login.Response
	err := login.Retry{}.Do(ctx, func(ctx context.Context) error {
		sent := a.loop.Now()
		if planned == 0 {
			planned = sent
		}
		var err error
		resp, err = a.signIn(ctx, req)
		a.report(OpAuth, planned, sent, a.loop.Now(), err)
		planned = 0
		return err
	})
	return resp, err
}

// enter opens the circuit to the region of the login's answer and gives the
// time at which the agent was in world.
func (a *Agent) enter(ctx context.Context, resp *login.Response) (circuit.Instant, error) {
	entered := make(chan entry, 1)
	err := a.do(ctx, func(now circuit.Instant) error {
		r := &region{agent: a, entered: entered}
		r.info.X, r.info.Y = resp.RegionX, resp.RegionY
		r.info.SizeX, r.info.SizeY = resp.RegionSizeX, resp.RegionSizeY
		orDefault(&r.info.SizeX, regionSize)
		orDefault(&r.info.SizeY, regionSize)
		return r.open(now, resp.Simulator)
	})
	if err != nil {
		return 0, err
	}
	select {
	case e := <-entered:
		return e.at, e.err
	case <-ctx.Done():
		err := context.Cause(ctx)
		a.post(func(now circuit.Instant) {
			if !a.entered {
				a.abandon(now, err)
			}
		})
		e := <-entered // in world at the last moment, or the failure just posted
		return e.at, e.err
	}
}

// settle gets the agent, which is in world, its event queue. What keeps it
// from that, or ends its life meanwhile, is the error.
func (a *Agent) settle(ctx context.Context, cancel context.CancelFunc, seeded <-chan seedResult) error {
	var caps seedResult
	select {
	case caps = <-seeded:
	case <-a.done:
		cancel()
		<-seeded
		return a.gone()
	}
	if caps.err != nil {
		return caps.err
	}
	if err := a.startQueue(ctx, caps); err != nil {
		return err
	}
	return a.startDomainQueue(ctx)
}
