package swarm

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/slload/slload/results"
	"github.com/slload/slload/testgrid"
)

// brokenOff is a run that was ended when all were in world for a while.
func brokenOff(b *bubble) Config {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	cfg := b.config(long)
	cfg.OnProgress = func(p Progress) {
		if p.Agents.InWorld == 4 && p.T > 1500*time.Millisecond {
			cancel()
		}
	}
	if _, err := Run(ctx, b.Context(), cfg); !errors.Is(err, context.Canceled) {
		b.Fatal(err)
	}
	return cfg
}

func TestAResumedRunGoesOnWithItsPlan(t *testing.T) {
	inBubble(t, testgrid.Config{}, func(b *bubble) {
		cfg := brokenOff(b)
		before, err := results.ReadSummary(cfg.Out)
		if err != nil {
			b.Fatal(err)
		}
		if cfg.Resume, err = results.ReadInterrupted(cfg.Out); err != nil {
			b.Fatal(err)
		}
		at := cfg.Resume.Plan
		ctx, cancel := context.WithCancel(b.Context())
		var began time.Duration
		cfg.OnProgress = func(p Progress) {
			if began == 0 {
				began = p.T
			}
			if p.Agents.InWorld == 4 && p.T > at+1500*time.Millisecond {
				cancel()
			}
		}
		s, err := Run(ctx, b.Context(), cfg)
		if !errors.Is(err, context.Canceled) {
			b.Fatal(err)
		}
		if began < at || began > at+5*time.Second {
			b.Errorf("the plan went on at %v, it broke off at %v", began, at)
		}
		if s.Agents.Logins != 8 || s.Ops["login"].Count != 8 || s.Ops["logout"].Count != 8 || s.Agents.InWorldAtEnd != 4 || s.Agents.Peak != 4 {
			b.Errorf("agents %+v, logins %+v", s.Agents, s.Ops["login"])
		}
		if s.Actions.Started <= before.Actions.Started || s.Transport.PacketsSent <= before.Transport.PacketsSent {
			b.Errorf("before %+v, %+v; after %+v, %+v", before.Actions, before.Transport, s.Actions, s.Transport)
		}
		var phases []string
		for _, p := range s.Phases {
			phases = append(phases, p.Name)
		}
		if got := strings.Join(phases, " "); got != "stage 1 stage 2 logout gap resume logout" {
			b.Errorf("phases %s", got)
		}
		if len(s.Run.Segments) != 2 || s.Run.GapSeconds <= 0 || s.Run.Segments[1].Plan != at.Seconds() {
			b.Errorf("run %+v", s.Run)
		}
		if n := b.grid.Stats(b.Context()).Agents; n != 0 {
			b.Errorf("%d agents are still on the grid", n)
		}
	})
}

// A run that was scaled by hand before it broke off says so to who asks.
func TestAResumedRunIsStillScaledByHand(t *testing.T) {
	for _, scaled := range []bool{false, true} {
		s := &swarm{cfg: Config{Profile: profile(t, long), Resume: &results.Interrupted{HandScaled: scaled}}}
		if s.handScaled() != scaled {
			t.Errorf("scaled by hand before: %v, it says %v", scaled, !scaled)
		}
	}
}

func TestAChangedProfileIsNotGoneOnWith(t *testing.T) {
	inBubble(t, testgrid.Config{}, func(b *bubble) {
		cfg := brokenOff(b)
		var err error
		if cfg.Resume, err = results.ReadInterrupted(cfg.Out); err != nil {
			b.Fatal(err)
		}
		cfg.Profile = profile(b.T, strings.Replace(long, "rate: 1/s", "rate: 2/s", 1))
		var wrong *ConfigError
		if s, err := Run(b.Context(), b.Context(), cfg); s != nil || !errors.As(err, &wrong) || !strings.Contains(err.Error(), "is not the profile that it began with") {
			b.Errorf("summary %v, error %v", s, err)
		}
		if _, err := os.Stat(cfg.Out + "/summary.json"); err != nil {
			b.Errorf("the results so far: %v", err)
		}
	})
}
