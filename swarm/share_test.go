package swarm

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/target"
	"github.com/slload/slload/profiles"
)

func TestSharesThatCannotBegin(t *testing.T) {
	accounts, err := profiles.AccountSource{CSV: accountsFile(t, 7)}.Open(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	const visited = `
name: visited
agents: {executor: constant-agents, count: 5, duration: 1s}
behaviors: [{do: agent_manager, rate: 5/s}]
`
	for _, tt := range []struct {
		name, yaml string
		n          int
		change     func(cfg *Config)
		want       string // in the error; "" where there is none
	}{
		{"whole", small, 1, nil, ""},
		{"two each", small, 3, nil, ""},
		{"one alone has nobody to talk to", small, 4, nil, "share 3:4 of 6 agents has 1, and im needs 2 together"},
		{"no such share", small, 3, func(cfg *Config) { cfg.Share.Index = 3 }, "no share 3 of 3"},
		{"accounts for visitors of one share", visited, 1, func(cfg *Config) { cfg.Accounts = accounts }, ""},
		{"and of two", visited, 2, func(cfg *Config) { cfg.Accounts = accounts }, "holds 7 accounts, the plan needs 9"},
		{"accounts are on other machines", visited, 2, func(cfg *Config) { cfg.Accounts = nil }, ""},
		{"what the grid may get is the whole's", small, 3, func(cfg *Config) {
			cfg.SimStats, cfg.Target.Most.Agents = []string{"http://10.0.0.1:9000/"}, 5
		}, "--max-agents 6"},
		{"and so are the logins", small, 3, func(cfg *Config) {
			cfg.SimStats, cfg.Target.Most.Logins = []string{"http://10.0.0.1:9000/"}, 3
		}, "--max-logins 6"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := config(t, tt.yaml, "http://127.0.0.1:1/", password)
			cfg.Share = profiles.Share{Index: tt.n - 1, Count: tt.n}
			if tt.change != nil {
				tt.change(&cfg)
			}
			switch err := Allowed(t.Context(), cfg); {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (!errors.As(err, new(*ConfigError)) || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("error %v, want %s", err, tt.want)
			}
		})
	}
	cfg := config(t, small, "http://127.0.0.1:1/", password)
	cfg.Accounts = nil
	if _, err := Run(t.Context(), t.Context(), cfg); !errors.As(err, new(*ConfigError)) {
		t.Errorf("without accounts a run ends with %v", err)
	}
}

// accountsFile is a file of n accounts.
func accountsFile(t *testing.T, n int) string {
	t.Helper()
	text := "first,last,password\n"
	for i := range n {
		text += fmt.Sprintf("Load,Bot%d,x\n", i+1)
	}
	file := filepath.Join(t.TempDir(), "accounts.csv")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// Agents of a share are a number apart, and fall to all of its loops all the same.
func TestASharesAgentsFallToAllLoops(t *testing.T) {
	for _, shares := range []int{1, 2, 4} {
		plan, err := profiles.NewPlan(profile(t, strings.Replace(long, "count: 4", "count: 32", 1)), 1, profiles.Share{Index: shares - 1, Count: shares})
		if err != nil {
			t.Fatal(err)
		}
		s := &swarm{plan: plan, shards: []*shard{{}, {}}}
		loops := map[*shard]int{}
		for _, session := range plan.Sessions {
			loops[s.shardOf(session.Agent)]++
		}
		for _, sh := range s.shards {
			if n, want := loops[sh], 16/shares; n != want {
				t.Errorf("of %d shares, a loop has %d agents, want %d", shares, n, want)
			}
		}
	}
}

// What bounds the load on the grid is the whole's.
func TestSharesKeepTheBoundsTogether(t *testing.T) {
	p := profile(t, strings.Replace(long, "count: 4", "count: 100", 1)) // 50 logins a second
	taken := map[int]bool{}
	accounts, err := p.Accounts.Open(func(string) string { return password })
	if err != nil {
		t.Fatal(err)
	}
	for _, count := range []int{1, 4, 10} {
		now := circuit.Now()
		clear(taken)
		turns, atOnce := 0, 0
		for i := range count {
			plan, err := profiles.NewPlan(p, 1, profiles.Share{Index: i, Count: count})
			if err != nil {
				t.Fatal(err)
			}
			for b := newBudget(plan); b.turn(now) < 10*time.Second; {
				turns++
			}
			s := &swarm{plan: plan, guard: new(target.Guard)}
			if got, want := s.loginGap(), time.Duration(count)*20*time.Millisecond; got != want {
				t.Errorf("one of %d shares logs in each %v by hand, want each %v", count, got, want)
			}
			atOnce += shareOf(maxLogins, plan.Share)
			spares := spares{next: plan.FirstBeyond(), step: count, accounts: accounts}
			for range 20 {
				account, _ := spares.take()
				if taken[account] || account < 100 {
					t.Errorf("of %d shares one takes account %d, which is another's", count, account)
				}
				taken[account] = true
			}
		}
		if turns < 540 || turns > 560 { // what was saved up, and ten seconds' own
			t.Errorf("%d shares give %d turns in 10 s, want some 550", count, turns)
		}
		if atOnce > maxLogins {
			t.Errorf("%d shares have %d logins at once, want %d at most", count, atOnce, maxLogins)
		}
	}
	if n := shareOf(maxDials, profiles.Share{Count: 1000}); n != leastAtOnce {
		t.Errorf("one of a thousand shares opens %d connections at once, want %d", n, leastAtOnce)
	}
	for _, tt := range []struct {
		shares, leave int
		want          time.Duration
	}{{1, 10, 20 * time.Millisecond}, {1, 5000, 2 * time.Millisecond}, {5, 2, 100 * time.Millisecond}, {5, 1000, 10 * time.Millisecond}, {5, 0, 100 * time.Millisecond}} {
		s := &swarm{plan: &profiles.Plan{Share: profiles.Share{Count: tt.shares}}}
		if got := s.logoutGap(tt.leave); got != tt.want {
			t.Errorf("%d of one of %d shares leave %v apart, want %v", tt.leave, tt.shares, got, tt.want)
		}
	}
}
