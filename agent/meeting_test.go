package agent_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/witness"
	"github.com/slload/slload/testgrid"
)

// oneRequestEach keeps no connection open: one that was never used would hold
// up the grid's end.
var oneRequestEach = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// meeting is residents of an embedded grid: services of agents are tested with
// a server that acts on what they ask for.
type meeting struct {
	*testing.T
	uri  string
	loop *circuit.Loop
	http *http.Client
	grid *testgrid.Grid // of meetOn
}

func newMeeting(t *testing.T) *meeting {
	t.Helper()
	uri, closeGrid := startGrid()
	t.Cleanup(closeGrid)
	return &meeting{t, uri, startLoop(t, witness.Conn), witness.Client(t, oneRequestEach), nil}
}

// meetOn is newMeeting on a grid of some kind.
func meetOn(t *testing.T, cfg testgrid.Config, change ...func(*circuit.Config)) *meeting {
	t.Helper()
	cfg.Password = "open sesame"
	grid, err := testgrid.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- grid.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return &meeting{t, grid.LoginURI(), startLoop(t, witness.Conn, change...), witness.Client(t, oneRequestEach), grid}
}

// enter logs a resident in, and out at the test's end.
func (m *meeting) enter(last string) *agent.Agent {
	m.Helper()
	return m.enterAs("Load", last)
}

func (m *meeting) enterAs(first, last string, change ...func(*agent.Options)) *agent.Agent {
	m.Helper()
	opt := agent.Options{
		Loop: m.loop, LoginURI: m.uri, HTTP: m.http, Account: agent.Account{First: first, Last: last, Password: "open sesame"},
	}
	for _, c := range change {
		c(&opt)
	}
	a, err := agent.Login(m.ctx(), opt)
	if err != nil {
		m.Fatal(err)
	}
	m.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = a.Logout(ctx) // most are in world still, some have left
	})
	return a
}

// ctx ends what takes longer than anything here may.
func (m *meeting) ctx() context.Context {
	ctx, cancel := context.WithTimeout(m.Context(), 20*time.Second)
	m.Cleanup(cancel)
	return ctx
}

// must fails the test at the first error.
func (m *meeting) must(errs ...error) {
	m.Helper()
	for _, err := range errs {
		if err != nil {
			m.Fatal(err)
		}
	}
}

// got fails the test at an error, and gives the value.
func got[T any](m *meeting) func(v T, err error) T {
	return func(v T, err error) T {
		m.Helper()
		m.must(err)
		return v
	}
}

// shortly is a context for what must not happen.
func (m *meeting) shortly() context.Context {
	ctx, cancel := context.WithTimeout(m.Context(), 300*time.Millisecond)
	m.Cleanup(cancel)
	return ctx
}

// build makes a box where the agent stands, and gives its local id.
func (m *meeting) build(a *agent.Agent) uint32 {
	m.Helper()
	state := got[agent.State](m)(a.State(m.ctx()))
	at := state.Position
	at.Z += 1
	box := got[agent.Object](m)(a.Objects().Create(m.ctx(), agent.NewObject{Position: at}))
	return box.LocalID
}

// seeEachOther waits until both know that there is another avatar.
func (m *meeting) seeEachOther(agents ...*agent.Agent) {
	m.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for ctx := m.ctx(); ; {
		seen := 0
		for _, a := range agents {
			if got[agent.State](m)(a.State(ctx)).Avatars >= len(agents) {
				seen++
			}
		}
		if seen == len(agents) {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			m.Fatal("they never saw each other")
		}
	}
}
