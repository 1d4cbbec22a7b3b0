package swarm

import (
	"errors"
	"testing"
	"time"

	"github.com/slload/slload/profiles"
)

// Who leads a run needs neither its accounts nor its sockets.
func TestLead(t *testing.T) {
	t.Parallel()
	p, err := profiles.Load("crowd")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Resolve(); err != nil {
		t.Fatal(err)
	}
	started := time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)
	cfg := Config{Profile: p, LoginURI: "http://127.0.0.1:9000/", Seed: 3, Version: "1.2"}
	plan, m, err := Lead(t.Context(), cfg, started)
	if err != nil {
		t.Fatal(err)
	}
	if m.Agents != plan.Peak || m.Seed != 3 || m.Version != "1.2" || !m.Started.Equal(started) || m.ProfileSHA256 != p.SHA256() || len(m.Measured) == 0 {
		t.Errorf("its manifest is %+v", m)
	}
	cfg.LoginURI = "http://203.0.113.1/"
	if _, _, err := Lead(t.Context(), cfg, started); !errors.As(err, new(*ConfigError)) {
		t.Errorf("somebody else's grid: %v", err)
	}
}
