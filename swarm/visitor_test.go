package swarm

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/profiles"
	"github.com/slload/slload/testgrid"
)

// A behaviour that logs agents in gets accounts that the plan leaves unused.
func TestBehaviorsThatLogAgentsIn(t *testing.T) {
	inBubble(t, testgrid.Config{}, func(b *bubble) {
		cfg := b.config(`
name: visitors
agents: {executor: constant-agents, count: 1, login_rate: 20/s, duration: 1s}
behaviors: [{do: login, rate: 5/s, even: true}]
`)
		s, err := Run(b.Context(), b.Context(), cfg)
		if err != nil {
			b.Fatal(err)
		}
		a := s.Actions
		if a.Started == 0 || a.Failed != 0 || s.Ops["login"].Count != a.Started+1 || s.Ops["logout"].Count != a.Started+1 {
			b.Errorf("actions %+v, %d logins, %d logouts", a, s.Ops["login"].Count, s.Ops["logout"].Count)
		}
		if s.Agents.Logins != 1 || s.Agents.Peak != 1 {
			b.Errorf("agents %+v; the plan has one", s.Agents)
		}
		if online := b.grid.Stats(b.Context()); online.Agents != 0 {
			b.Errorf("%d agents are still on the grid", online.Agents)
		}
	})
}

func TestVisitorsNeedAccountsOfTheirOwn(t *testing.T) {
	grid := startGrid(t, testgrid.Config{})
	file := filepath.Join(t.TempDir(), "accounts.csv")
	if err := os.WriteFile(file, []byte("first,last,password\nLoad,Bot1,x\nLoad,Bot2,x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := config(t, `
name: visitors
agents: {executor: constant-agents, count: 1, duration: 1s}
behaviors: [{do: agent_manager, rate: 5/s}]
`, grid.LoginURI(), password)
	var err error
	if cfg.Accounts, err = (profiles.AccountSource{CSV: file}).Open(os.Getenv); err != nil {
		t.Fatal(err)
	}
	_, err = Run(t.Context(), t.Context(), cfg)
	if err == nil || !errors.As(err, new(*ConfigError)) && !errors.As(err, new(*profiles.Error)) || !strings.Contains(err.Error(), "holds 2 accounts, the plan needs 3") {
		t.Errorf("the run ended with %v", err)
	}
}

func TestSparesAreGivenOutOnce(t *testing.T) {
	s := spares{next: 2, step: 1, accounts: threeAccounts(t)}
	got, ok := s.takeAll(1)
	if diff := cmp.Diff([]int{2}, got); !ok || diff != "" {
		t.Errorf("took %v, %v", got, ok)
	}
	if again, ok := s.takeAll(1); ok {
		t.Errorf("took %v, which is out", again)
	}
	s.giveBack(got)
	if two, ok := s.takeAll(2); ok {
		t.Errorf("took %v of one", two)
	}
	if again, ok := s.takeAll(1); !ok || again[0] != 2 {
		t.Errorf("took %v, %v; what too many wanted was not given back", again, ok)
	}
	if none, ok := s.takeAll(0); !ok || none != nil {
		t.Errorf("who wants none gets %v, %v", none, ok)
	}
}

func threeAccounts(t *testing.T) *profiles.Accounts {
	t.Helper()
	file := filepath.Join(t.TempDir(), "accounts.csv")
	if err := os.WriteFile(file, []byte("first,last,password\na,a,x\nb,b,x\nc,c,x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	accounts, err := (profiles.AccountSource{CSV: file}).Open(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	return accounts
}
