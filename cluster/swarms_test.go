package cluster

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/slload/slload/results"
	"github.com/slload/slload/swarm"
	"github.com/slload/slload/testgrid"
)

const realProfile = `
name: real
agents: {executor: constant-agents, count: 7, login_rate: 20/s, duration: 4s}
warmup: 1s
behaviors:
  - {do: chat, rate: 2/s}
  - {do: look, swarm_rate: 7/s}
`

// startGrid starts an embedded grid whose password is secret.
func startGrid(t *testing.T) *testgrid.Grid {
	t.Helper()
	grid, err := testgrid.New(testgrid.Config{Password: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- grid.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("grid: %v", err)
		}
	})
	return grid
}

// Three workers with real agents come to what one machine comes to.
func TestSwarmsOfThreeWorkersAreOneRun(t *testing.T) {
	t.Parallel()
	p := parseProfile(t, realProfile)
	accounts, err := p.Accounts.Open(func(string) string { return "secret" })
	if err != nil {
		t.Fatal(err)
	}
	var alone *results.Summary
	ended := make(chan error)
	one := swarm.Config{
		Profile: p, Accounts: accounts, LoginURI: startGrid(t).LoginURI(), Seed: 7, Out: filepath.Join(t.TempDir(), "alone"),
	}
	go func() {
		var err error
		alone, err = swarm.Run(t.Context(), t.Context(), one)
		ended <- err
	}()
	grid := startGrid(t)
	l := startLead(t, nil, func(c *ControllerConfig) { c.Run.Profile, c.Run.LoginURI = p, grid.LoginURI() })
	url := l.at()
	for range 3 {
		startWorker(t, nil, url, nil)
	}
	together := l.wait()
	if l.err != nil {
		t.Fatal(l.err)
	}
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if is, was := countsOf(together), countsOf(alone); is != was || alone.Actions.Intended == 0 {
		t.Errorf("three workers come to %s, one machine to %s", is, was)
	}
	// On a busy machine what is due at the very end may be too late.
	about := func(what string, is, was int64) {
		if is < was*9/10 || is > was*11/10 {
			t.Errorf("%s: %d of three workers, %d of one machine", what, is, was)
		}
	}
	about("actions intended", together.Actions.Intended, alone.Actions.Intended)
	about("chats", chats(together), chats(alone))
	if chats(together) > together.Actions.Started {
		t.Errorf("%d chats of %d actions", chats(together), together.Actions.Started)
	}
	m, err := results.ReadManifest(l.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range m.Workers {
		if w.Transport == "" || w.Loops != 1 {
			t.Errorf("the manifest has the worker %+v", w)
		}
	}
	if len(together.Workers) != 3 || together.Verdict.Generator == "" || len(together.Simulators) != len(alone.Simulators) {
		t.Errorf("it has the workers %+v, %d simulators, and is %q", together.Workers, len(together.Simulators), together.Verdict.Generator)
	}
}

// countsOf are the counts that don't depend on how fast anything is.
func countsOf(s *results.Summary) string {
	phases := ""
	for _, p := range s.Phases {
		phases += " " + p.Name
	}
	return fmt.Sprintf("%d logins, %d at the end, phases%s", s.Agents.Logins, s.Agents.InWorldAtEnd, phases)
}
