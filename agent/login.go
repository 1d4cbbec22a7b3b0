package agent

import (
	"context"
	"fmt"
	"time"

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
	Account Account
	Stage   string // auth, handshake or seed
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
// package login has it. Errors are *LoginError.
func Login(ctx context.Context, opt Options) (*Agent, error) {
	opt = opt.withDefaults()
	a := &Agent{Account: opt.Account, opt: opt, loop: opt.Loop, log: opt.Log, done: make(chan struct{})}
	start := a.loop.Now()
	planned := intended(ctx, start)
	fail := func(stage string, err error) (*Agent, error) {
		failed := &LoginError{opt.Account, stage, err}
		a.report(OpLogin, planned, start, a.loop.Now(), failed)
		return nil, failed
	}
	resp, err := a.authenticate(ctx, planned)
	if err != nil {
		return fail("auth", err)
	}
	a.ID, a.session, a.code = resp.AgentID, resp.SessionID, resp.CircuitCode

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
	caps := <-seeded
	if caps.err != nil {
		a.post(func(now circuit.Instant) { a.left(now, caps.err) })
		return nil, &LoginError{opt.Account, "seed", caps.err}
	}
	if err := a.startQueue(ctx, caps.urls); err != nil {
		return nil, &LoginError{opt.Account, "seed", err}
	}
	return a, nil
}

// authenticate sends the credentials until they are taken or refused for
// good; each try is reported, the first from its planned start.
func (a *Agent) authenticate(ctx context.Context, planned circuit.Instant) (*login.Response, error) {
	client := login.Client{HTTP: a.opt.HTTP, URI: a.opt.LoginURI}
	if a.opt.LLSD {
		client.Format = login.LLSD
	}
	req := login.NewRequest(a.Account.First, a.Account.Last, a.Account.Password)
	req.Start = a.opt.Start
	var resp *login.Response
	err := login.Retry{}.Do(ctx, func(ctx context.Context) error {
		sent := a.loop.Now()
		if planned == 0 {
			planned = sent
		}
		var err error
		resp, err = client.Login(ctx, req)
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
		r := &region{agent: a, entered: func(e entry) { entered <- e }}
		r.info.X, r.info.Y = resp.RegionX, resp.RegionY
		r.info.SizeX, r.info.SizeY = resp.RegionSizeX, resp.RegionSizeY
		orDefault(&r.info.SizeX, regionSize)
		orDefault(&r.info.SizeY, regionSize)
		return r.open(now, resp.Simulator)
	})
	if err != nil {
		a.post(func(now circuit.Instant) { a.left(now, err) }) // if it was opened all the same
		return 0, err
	}
	select {
	case e := <-entered:
		return e.at, e.err
	case <-ctx.Done():
		err := context.Cause(ctx)
		a.post(func(now circuit.Instant) {
			if a.root != nil {
				a.root.fail(now, err)
			}
		})
		e := <-entered // in world at the last moment, or the failure just posted
		return e.at, e.err
	}
}

// handshakeRetry is how often CompleteAgentMovement is sent again by an agent
// that waits: OpenSim acks what comes before a circuit is authorised and then
// forgets it.
const handshakeRetry = 5 * time.Second
