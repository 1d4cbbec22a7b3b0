package swarm

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/testgrid"
)

// named are the checks by name; each is there once.
func named(t *testing.T, checks []Check) map[string]Check {
	t.Helper()
	m := map[string]Check{}
	for _, c := range checks {
		if _, twice := m[c.Name]; twice {
			t.Errorf("%s is checked twice", c.Name)
		}
		m[c.Name] = c
	}
	return m
}

func TestDiagnoseLogsInAndOut(t *testing.T) {
	t.Parallel()
	grid := startGrid(t, testgrid.Config{})
	for _, test := range []struct {
		name    string
		checkup Checkup
	}{
		{"the best transport", Checkup{}},
		{"one source", Checkup{Sources: []netip.Prefix{netip.MustParsePrefix("127.0.7.9/32")}}},
		{"portable, no event queue", Checkup{Transport: circuit.ModePortable}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := test.checkup
			c.Agents, c.LoginURI, c.EventQueue = 10, grid.LoginURI(), c.Transport == ""
			c.Account = &agent.Account{First: "Doc", Last: "Tor", Password: password}
			checks, err := Diagnose(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			got := named(t, checks)
			for _, name := range []string{"source addresses", whatDescriptors, "ports", "grid", "login", "logout"} {
				if got[name].Status != CheckOK || got[name].Text == "" {
					t.Errorf("%s: %+v", name, got[name])
				}
			}
			for _, c := range checks {
				if (c.Status == CheckOK) != (c.Mend == "") && c.Name != "kernel timestamps" {
					t.Errorf("%+v: what is not ok says how to mend it, and nothing else does", c)
				}
			}
			if grid.Stats(t.Context()).Agents != 0 {
				t.Error("the agent is still on the grid")
			}
		})
	}
}

func TestDiagnoseWithoutAGrid(t *testing.T) {
	t.Parallel()
	_, err := Diagnose(t.Context(), Checkup{Agents: 1, LoginURI: "http://127.0.0.1:1/"})
	if !errors.As(err, new(*UnreachableError)) {
		t.Errorf("nobody is there: %v", err)
	}
	checks, err := Diagnose(t.Context(), Checkup{Agents: 1})
	if got := named(t, checks); err != nil || got["login"] != (Check{}) || got["timers"] == (Check{}) {
		t.Errorf("the machine alone: %v, %v", checks, err)
	}
}

func TestDiagnoseNeverShowsThePassword(t *testing.T) {
	t.Parallel()
	grid := startGrid(t, testgrid.Config{})
	checks, err := Diagnose(t.Context(), Checkup{
		Agents: 1, LoginURI: grid.LoginURI(), Account: &agent.Account{First: "Doc", Last: "Tor", Password: "not it at all"},
	})
	if err != nil {
		t.Fatal(err)
	}
	login := named(t, checks)["login"]
	if login.Status != CheckFail || login.Mend == "" {
		t.Errorf("refused: %+v", login)
	}
	for _, c := range checks {
		if strings.Contains(c.Text+c.Mend, "not it at all") {
			t.Errorf("%+v", c)
		}
	}
}

func TestDiagnoseTellsWhatCannotBeHad(t *testing.T) {
	t.Parallel()
	checks, err := Diagnose(t.Context(), Checkup{
		Agents: 1, Transport: circuit.ModeEpoll, Sources: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/29")},
	})
	got := named(t, checks)
	if err != nil || got["source addresses"].Status != CheckFail || got["source addresses"].Mend == "" {
		t.Errorf("addresses of somebody else: %+v, %v", got["source addresses"], err)
	}
	if c := got["kernel timestamps"]; got["transport"].Status == CheckOK && c.Status != CheckFail {
		t.Errorf("a datagram left from there: %+v", c)
	}
}

func TestDiagnoseEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	checks, _ := Diagnose(ctx, Checkup{Agents: 1, LoginURI: "http://127.0.0.1:1/"})
	if c := named(t, checks)["timers"]; c.Status != CheckFail {
		t.Errorf("after the end: %+v", c)
	}
}
