package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/results"
)

// crowd are the agents of one generator: one loop, as a shard of a swarm is.
// What stands under "the loop's" belongs to its goroutine.
type crowd struct {
	load load
	grid string
	http *http.Client
	loop *circuit.Loop

	agents []*agent.Agent
	lost   atomic.Int64

	// The loop's.
	recorder *results.Recorder
	chats    uint64
}

// Done makes the crowd the circuit.Observer of its loop and agents.
func (c *crowd) Done(op string, intended, sent, end circuit.Instant, reason string) {
	c.recorder.Record(op, end.Sub(intended), end.Sub(sent), reason)
}

// Count makes the crowd the circuit.Observer of its loop and agents.
func (c *crowd) Count(name string, n int) { c.recorder.Count(name, n) }

// slload run collects garbage as early as that where agents are many.
const (
	manyAgents = 1000
	tightGC    = 25 // percent
)

// runAgents measures whole agents: they log in at the simulator, walk, and get
// the messages of its schedule. They are not logged out.
func runAgents(ctx context.Context, o load, grid string) (figures, error) {
	c, err := newCrowd(o, grid)
	if err != nil {
		return figures{}, err
	}
	if o.endpoints >= manyAgents {
		debug.SetGCPercent(tightGC)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- c.loop.Run(ctx) }()
	f, err := c.measure(ctx)
	cancel()
	err = errors.Join(err, <-ended)
	c.http.CloseIdleConnections()
	return f, err
}

func newCrowd(o load, grid string) (*crowd, error) {
	at, err := url.Parse(grid)
	if err != nil {
		return nil, fmt.Errorf("the simulator's address: %w", err)
	}
	target, err := netip.ParseAddr(at.Hostname())
	if err != nil {
		return nil, fmt.Errorf("the simulator's address: %w", err)
	}
	conn, err := circuit.NewTransport(circuit.TransportConfig{Mode: udp.ModeShared, Target: target})
	if err != nil {
		return nil, err
	}
	c := &crowd{
		load: o, grid: grid, recorder: results.NewRecorder(),
		http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: loginsAtOnce, DisableCompression: true}},
	}
	dispatch := circuit.NewDispatch()
	agent.RegisterHandlers(dispatch)
	c.loop = circuit.NewLoop(circuit.Config{Conn: conn, Dispatch: dispatch, Observer: c})
	return c, nil
}

func (c *crowd) measure(ctx context.Context) (figures, error) {
	if err := c.logIn(ctx); err != nil {
		return figures{}, err
	}
	if err := c.walk(ctx); err != nil {
		return figures{}, err
	}
	if err := c.ask(ctx, http.MethodPost, beginPath, nil); err != nil {
		return figures{}, err
	}
	if err := sleep(ctx, c.load.warmUp); err != nil {
		return figures{}, err
	}
	stop, err := startProfile(c.load.profile)
	if err != nil {
		return figures{}, err
	}
	f, err := c.window(ctx)
	return f, errors.Join(err, stop())
}

// loginsAtOnce bounds the logins under way.
const loginsAtOnce = 64

// logIn brings all agents in world.
func (c *crowd) logIn(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	c.agents = make([]*agent.Agent, c.load.endpoints)
	var next atomic.Int64
	var busy sync.WaitGroup
	for range min(loginsAtOnce, len(c.agents)) {
		busy.Go(func() {
			for i := next.Add(1) - 1; int(i) < len(c.agents) && ctx.Err() == nil; i = next.Add(1) - 1 {
				a, err := agent.Login(ctx, c.options(int(i)))
				if err != nil {
					cancel(err) // the first one's counts
					return
				}
				c.agents[i] = a
			}
		})
	}
	busy.Wait()
	return context.Cause(ctx)
}

func (c *crowd) options(i int) agent.Options {
	return agent.Options{
		Loop: c.loop, Observer: c, HTTP: c.http, LoginURI: c.grid + "/", NoEventQueue: true,
		Account:  agent.Account{First: "Bench", Last: strconv.Itoa(i), Password: "bench"},
		UpdateHz: float64(c.load.rate), Seed: uint64(i) + 1,
		OnLeft: func(circuit.Instant, error) { c.lost.Add(1) },
	}
}

// walk sets the agents off, spread over the time of a warm-up: who sets off at
// an instant sends its AgentUpdates in that phase from then on.
func (c *crowd) walk(ctx context.Context) error {
	start := time.Now()
	for i, a := range c.agents {
		agent.Subscribe(a, func(agent.ChatHeard) { c.chats++ })
		agent.Subscribe(a, func(agent.RegionStats) {})
		at := c.load.warmUp * time.Duration(i) / time.Duration(len(c.agents))
		if err := sleep(ctx, at-time.Since(start)); err != nil {
			return err
		}
		if err := a.Walk(ctx); err != nil {
			return fmt.Errorf("%v: walk: %w", a, err)
		}
	}
	return nil
}
