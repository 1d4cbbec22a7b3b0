package swarm

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
	"github.com/slload/slload/testgrid"
)

// step is what is asked of a run when its moment has come.
type step struct {
	when func(p Progress) bool
	do   func(c *Control) error
}

// steer makes the run of cfg, taking the steps in order; what they returned
// comes back when they have ended.
func steer(t *testing.T, ctx context.Context, cfg Config, steps ...step) (*results.Summary, error) {
	t.Helper()
	cfg.Control = NewControl()
	done := make(chan error, len(steps))
	asked := 0
	cfg.OnProgress = func(p Progress) {
		if asked < len(steps) && len(done) == asked && steps[asked].when(p) {
			do := steps[asked].do
			asked++
			go func() { done <- do(cfg.Control) }()
		}
	}
	s, err := Run(ctx, t.Context(), cfg)
	if asked != len(steps) {
		t.Fatalf("only %d of %d steps were taken", asked, len(steps))
	}
	for range steps {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	return s, err
}

// A pause moves all that was to come: the run does what its plan says, and
// nothing of it is late or dropped for the pause.
func TestAPauseMovesThePlan(t *testing.T) {
	inBubble(t, testgrid.Config{}, func(b *bubble) {
		cfg := b.config(`
name: held
agents: {executor: constant-agents, count: 4, login_rate: 50/s, duration: 3s}
behaviors: [{do: chat, rate: 10/s}]
`)
		cfg.Shards = 2
		var held []Progress
		s, err := steer(b.T, b.Context(), cfg,
			step{func(p Progress) bool { return p.Agents.InWorld == 4 }, func(c *Control) error {
				err := c.Pause(b.Context())
				if again := c.Pause(b.Context()); !errors.Is(again, ErrPaused) {
					err = errors.Join(err, fmt.Errorf("paused again: %w", again))
				}
				return err
			}},
			step{func(p Progress) bool {
				if p.Holding {
					held = append(held, p)
				}
				return len(held) == 3
			}, func(c *Control) error {
				status, err := c.Status(b.Context())
				if status.State != StatePaused || status.Agents.InWorld != 4 || status.PausedSeconds < 1 || status.Phase != profiles.PausedPhase {
					err = errors.Join(err, fmt.Errorf("held, its status is %+v", status))
				}
				return errors.Join(err, c.Scale(b.Context(), 6), c.Scale(b.Context(), 5), c.Resume(b.Context()))
			}})
		if err != nil {
			b.Fatal(err)
		}
		if first, last := held[0], held[2]; first.Actions.Started != last.Actions.Started || last.Agents.InWorld != 4 || last.Phase != profiles.PausedPhase {
			b.Errorf("held, it went from %+v to %+v, %d agents", first.Actions, last.Actions, last.Agents.InWorld)
		}
		if login := s.Ops["login"]; login.Count != 5 || login.ResponseNS.Max > int64(time.Second) || s.Agents.InWorldAtEnd != 5 {
			b.Errorf("logins %+v, %+v; asked for in the pause, the fifth is due when that ends", login, s.Agents)
		}
		// What was due before an agent was in is the machine's and the grid's affair.
		if want := intendedBy(b.T, cfg); s.Actions.Intended < want || s.Actions.Dropped-s.Actions.Absent > want/5 || s.Actions.Started <= held[0].Actions.Started {
			b.Errorf("actions %+v; the plan has %d", s.Actions, want)
		}
		if s.Run.PausedSeconds < 2 || !s.Run.HandScaled || s.Run.Seconds < 3+s.Run.PausedSeconds {
			b.Errorf("the run: %+v", s.Run)
		}
	})
}

// Between two seconds, too, a status adds up: what has passed is the plan's or a
// pause's.
func TestAStatusIsOfItsMoment(t *testing.T) {
	inBubble(t, testgrid.Config{}, func(b *bubble) {
		cfg := b.config(`
name: held
agents: {executor: constant-agents, count: 1, duration: 3s}
behaviors: [{do: chat, rate: 1/s}]
`)
		_, err := steer(b.T, b.Context(), cfg, step{func(p Progress) bool { return p.Agents.InWorld == 1 }, func(c *Control) error {
			time.Sleep(400 * time.Millisecond)
			err := c.Pause(b.Context())
			held, herr := c.Status(b.Context())
			time.Sleep(300 * time.Millisecond)
			err = errors.Join(err, herr, c.Resume(b.Context()))
			on, oerr := c.Status(b.Context())
			if held.PausedSeconds != 0 || held.PlanSeconds != held.Seconds || on.PausedSeconds != 0.3 || on.PlanSeconds != held.PlanSeconds {
				err = errors.Join(err, fmt.Errorf("held, its status is %+v, and after 0.3 s %+v", held, on))
			}
			return errors.Join(err, oerr)
		}})
		if err != nil {
			b.Fatal(err)
		}
	})
}

// What happens in a long pause is over soon after it: who was lost comes back,
// and who is one too many leaves, as if it had just been.
func TestAPauseIsNotServedTwice(t *testing.T) {
	faults, err := profiles.ParseFaults([]byte("faults: [{region: restart, from: 30s, ms: 1500}]"), "faults.yaml")
	if err != nil {
		t.Fatal(err)
	}
	inBubble(t, testgrid.Config{Faults: faults}, func(b *bubble) {
		cfg := b.config(long)
		cfg.Shards = 2
		ctx, cancel := context.WithCancelCause(b.Context())
		enough := errors.New("enough")
		pause := func(c *Control) error { return c.Pause(b.Context()) }
		resume := func(c *Control) error { return c.Resume(b.Context()) }
		after := func(at time.Duration) func(Progress) bool { return func(p Progress) bool { return p.T > at } }
		var back, gone time.Duration
		s, err := steer(b.T, ctx, cfg,
			step{inWorld(4), pause},
			step{func(p Progress) bool { return p.T > 2*time.Minute && p.Agents.Lost == 4 && p.Agents.InWorld == 0 }, resume},
			step{func(p Progress) bool { back = p.T; return p.Agents.InWorld == 4 }, pause},
			step{after(5 * time.Minute), scaleTo(b.T, 1)},
			step{after(6 * time.Minute), resume},
			step{func(p Progress) bool { gone = p.T; return p.Agents.InWorld == 1 }, func(*Control) error { cancel(enough); return nil }})
		if !errors.Is(err, enough) || s.Agents.Logins != 4 {
			b.Fatalf("%v, agents %+v", err, s.Agents)
		}
		if back > 2*time.Minute+10*time.Second || gone > 6*time.Minute+5*time.Second {
			b.Errorf("all were back at %v and had left at %v, want 10 s after 2 minutes and 5 after 6", back, gone)
		}
	})
}

// Who was lost for good can be had back by hand.
func TestScaleReplacesWhoWasLostForGood(t *testing.T) {
	faults, err := profiles.ParseFaults([]byte("faults: [{region: restart, from: 10s, ms: 1500}]"), "faults.yaml")
	if err != nil {
		t.Fatal(err)
	}
	inBubble(t, testgrid.Config{Faults: faults}, func(b *bubble) {
		cfg := b.config(long + "on_loss: leave\n")
		ctx, cancel := context.WithTimeout(b.Context(), time.Minute)
		defer cancel()
		s, err := steer(b.T, ctx, cfg,
			step{func(p Progress) bool { return p.Agents.Lost == 4 && p.T > 20*time.Second }, scaleTo(b.T, 4)},
			step{inWorld(4), func(*Control) error { cancel(); return nil }})
		if !errors.Is(err, context.Canceled) || s.Agents.Logins != 8 {
			b.Errorf("%v, agents %+v", err, s.Agents)
		}
	})
}

func TestARunThatHasEndedSaysSo(t *testing.T) {
	cfg := config(t, long, "nonsense", password)
	cfg.Control = NewControl()
	if _, err := Run(t.Context(), t.Context(), cfg); !errors.As(err, new(*ConfigError)) {
		t.Fatal(err)
	}
	if err := cfg.Control.Resume(t.Context()); !errors.Is(err, ErrNotRunning) {
		t.Errorf("ended, it answers with %v", err)
	}
}

func inWorld(n int) func(p Progress) bool {
	return func(p Progress) bool { return p.Agents.InWorld == n && p.Agents.Target == n }
}

func scaleTo(t *testing.T, n int) func(c *Control) error {
	return func(c *Control) error { return c.Scale(t.Context(), n) }
}

// Scaled by hand, a run has as many agents as it was told, whatever its plan
// says, and those beyond the plan live as the others do.
func TestScaleByHand(t *testing.T) {
	inBubble(t, testgrid.Config{}, func(b *bubble) {
		cfg := b.config(`
name: scaled
agents: {executor: ramping-agents, login_rate: 50/s, stages: [{over: 1s, to: 3}, {over: 5m, to: 200}]}
behaviors: [{do: im, rate: 5/s}]
`)
		cfg.Shards = 2
		ctx, cancel := context.WithCancelCause(b.Context())
		enough := errors.New("enough")
		var online int
		var before, after results.Actions
		s, err := steer(b.T, ctx, cfg,
			step{func(p Progress) bool { return p.Agents.InWorld >= 3 }, scaleTo(b.T, 6)},
			step{inWorld(6), scaleTo(b.T, 2)},
			step{inWorld(2), func(c *Control) error {
				if err := c.Scale(b.Context(), -1); !errors.As(err, new(*ConfigError)) {
					return fmt.Errorf("scaled to -1: %w", err)
				}
				online = b.grid.Stats(b.Context()).Agents
				return nil
			}},
			step{func(p Progress) bool { before = p.Actions; return true }, func(*Control) error { return nil }},
			step{func(p Progress) bool { after = p.Actions; return after.Started > before.Started }, func(*Control) error {
				cancel(enough)
				return nil
			}})
		if !errors.Is(err, enough) {
			b.Fatal(err)
		}
		if online != 2 || !s.Run.HandScaled || s.Agents.InWorldAtEnd != 2 || s.Agents.Peak != 6 || s.Agents.Lost != 0 {
			b.Errorf("%d online; the run %+v, agents %+v", online, s.Run, s.Agents)
		}
		if s.Ops["msg.im"].Count == 0 { // one may fail: who it was for has left
			b.Errorf("instant messages: %+v", s.Ops["msg.im"])
		}
		if n := b.grid.Stats(b.Context()).Agents; n != 0 {
			b.Errorf("%d agents are still on the grid", n)
		}
		if again, err := results.Rebuild(cfg.Out); err != nil || !again.Run.HandScaled {
			b.Errorf("rebuilt, the run is %+v (%v)", again.Run, err)
		}
	})
}

// Agents beyond the plan have accounts of their own, and partners.
func TestScaleBeyondThePlan(t *testing.T) {
	inBubble(t, testgrid.Config{}, func(b *bubble) {
		cfg := b.config(`
name: beyond
agents: {executor: constant-agents, count: 1, login_rate: 50/s, duration: 5m}
behaviors: [{do: im, rate: 5/s}]
`)
		ctx, cancel := context.WithCancelCause(b.Context())
		enough := errors.New("enough")
		s, err := steer(b.T, ctx, cfg,
			step{inWorld(1), scaleTo(b.T, 3)},
			step{func(p Progress) bool { return p.Summary().Ops["msg.im"].Count > 0 }, func(c *Control) error {
				status, err := c.Status(b.Context())
				if err == nil && (status.Agents.InWorld != 3 || !status.HandScaled || status.State != StateRunning) {
					err = fmt.Errorf("its status is %+v", status)
				}
				cancel(enough)
				return err
			}})
		if !errors.Is(err, enough) || s.Agents.Logins != 3 || s.Agents.LoginFailures != 0 || s.Agents.Target != 3 {
			b.Errorf("agents %+v, error %v", s.Agents, err)
		}
	})
}

func TestNobodyScalesBeyondTheAccounts(t *testing.T) {
	inBubble(t, testgrid.Config{}, func(b *bubble) {
		cfg := b.config(long)
		ctx, cancel := context.WithCancelCause(b.Context())
		_, err := steer(b.T, ctx, cfg, step{inWorld(4), func(c *Control) error {
			defer cancel(errors.New("enough"))
			err := c.Scale(b.Context(), 1_000_000)
			if !errors.As(err, new(*ConfigError)) || !strings.Contains(err.Error(), "goes up to 100004") {
				return fmt.Errorf("scaled to a million: %w", err)
			}
			return nil
		}})
		if err == nil {
			b.Error("the run went to its end")
		}
	})
}
