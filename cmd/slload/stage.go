package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/behaviors"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/internal/target"
	"github.com/slload/slload/login"
	"github.com/slload/slload/swarm"
	"github.com/slload/slload/testgrid"
	"github.com/spf13/cobra"
)

// embeddedRegions is how many regions the embedded grid of single agents has:
// enough to cross borders both ways.
const embeddedRegions = 4

// logoutTime bounds the logout of a single agent.
const logoutTime = 10 * time.Second

// stage is a grid, or the way to one, and a loop for a few agents.
type stage struct {
	loginURI string
	embedded bool
	loop     *circuit.Loop
	http     *http.Client
	guard    *target.Guard
	log      *slog.Logger
	story    *story
	protocol agent.Protocol
	start    string // where accounts log in; "": where they were last
	around   bool   // they see the regions around
	close    func() error
}

// openStage opens the stage of a command, for accounts that its cast names.
func openStage(ctx context.Context, c *cobra.Command, cast *castFlags, accounts []agent.Account, story *story, logs *logging) (*stage, error) {
	guard, err := cast.target.guard(c, cast.loginURI)
	if err != nil {
		return nil, err
	}
	return newStage(ctx, cast, guard, accounts, story, slog.New(logs.handler(c.ErrOrStderr(), never)))
}

// newStage opens a stage; without a login URI it has a grid of its own, on
// which the accounts have their first one's password.
func newStage(ctx context.Context, cast *castFlags, guard *target.Guard, accounts []agent.Account, story *story, log *slog.Logger) (*stage, error) {
	s := &stage{
		loginURI: cast.loginURI, protocol: cast.protocol.Protocol, story: story, log: log,
		http: guarded(guard), guard: guard, start: cast.start,
	}
	closeGrid := func() error { return nil }
	if s.loginURI == "" {
		cfg := testgrid.Config{Regions: embeddedRegions, Log: log}
		for i := range accounts {
			accounts[i].Password = accounts[0].Password
			cfg.Password = accounts[0].Password
		}
		grid, stop, err := startGrid(context.WithoutCancel(ctx), cfg)
		if err != nil {
			return nil, err
		}
		s.loginURI, s.embedded, closeGrid = grid.LoginURI(), true, stop
	}
	closeLoop, err := s.runLoop()
	if err != nil {
		return nil, errors.Join(err, closeGrid())
	}
	s.close = func() error {
		err := closeLoop()
		s.http.CloseIdleConnections() // or else the grid waits for them
		return errors.Join(err, closeGrid())
	}
	return s, nil
}

// runLoop runs the agents' loop until stop is called.
func (s *stage) runLoop() (stop func() error, err error) {
	conn, err := circuit.NewTransport(circuit.TransportConfig{})
	if err != nil {
		return nil, fmt.Errorf("open the UDP transport: %w", err)
	}
	dispatch := circuit.NewDispatch()
	agent.RegisterHandlers(dispatch)
	s.loop = circuit.NewLoop(circuit.Config{Conn: conn, Dispatch: dispatch, Tap: s.story.tap, Log: s.log, Permit: s.guard.Permit})
	s.story.settle = func() {
		_ = s.loop.Call(context.Background(), func(circuit.Instant) {}) // where it has ended all is told
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.loop.Run(ctx) }()
	return func() error { cancel(); return <-ended }, nil
}

// options is how an account logs in here.
func (s *stage) options(a agent.Account) agent.Options {
	return agent.Options{
		Loop: s.loop, Observer: &narrated{s.story, a.Name()}, HTTP: s.http, LoginURI: s.loginURI, Protocol: s.protocol,
		Account: a, Start: s.start, Neighbours: s.around, Log: s.log,
	}
}

// grid is how people call the grid.
func (s *stage) grid() string {
	if s.embedded {
		return "the embedded grid"
	}
	return s.loginURI
}

// logIn logs an account in, narrated.
func (s *stage) logIn(ctx context.Context, account agent.Account) (*agent.Agent, error) {
	end := s.story.Begin("log in " + account.Name())
	a, err := agent.Login(ctx, s.options(account))
	end(err)
	if err != nil {
		return nil, &behaviors.StepError{Step: "log in " + account.Name(), Err: err}
	}
	s.story.queueOf(a)
	if err := s.meetAt(ctx, a); err != nil {
		return nil, errors.Join(err, s.logOut(a)) // nobody else knows that it is in world
	}
	return a, nil
}

// meetAt has those who log in later come to where a is, unless a place is set:
// plays are for agents that see and hear each other.
func (s *stage) meetAt(ctx context.Context, a *agent.Agent) error {
	if s.start != "" {
		return nil
	}
	state, err := a.State(ctx)
	if err != nil {
		return err
	}
	s.start = state.Start()
	return nil
}

// logOut logs an agent out, narrated, whatever became of the play.
func (s *stage) logOut(a *agent.Agent) error {
	ctx, cancel := context.WithTimeout(context.Background(), logoutTime)
	defer cancel()
	end := s.story.Begin("log out " + a.String())
	err := a.Logout(ctx)
	end(err)
	return err
}

// hopeless tells a login that could never have succeeded as the other commands
// do, by what is to be done about it; nil for other failures.
func (s *stage) hopeless(err error) error {
	if errors.As(err, new(*target.Error)) {
		return &usageError{err}
	}
	var failed *agent.LoginError
	if !errors.As(err, &failed) || failed.Stage != "auth" {
		return nil
	}
	switch {
	case errors.Is(err, login.ErrURI):
		return &usageError{failed.Err}
	case errors.Is(err, login.ErrWrongPassword):
		return &swarm.RefusedError{Err: failed}
	case reason.GridUnreachable(failed.Err):
		return &swarm.UnreachableError{LoginURI: s.loginURI, Err: failed.Err}
	}
	return nil
}
