package swarm

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/slload/slload/internal/target"
	"github.com/slload/slload/testgrid"
)

// Scaled by hand, a run asks no more of a grid beyond this machine than it may
// at its beginning: neither agents nor packets nor logins a second, also where
// many accounts have rested at the same time.
func TestScaledByHandARunKeepsItsBounds(t *testing.T) {
	inBubble(t, testgrid.Config{}, func(b *bubble) {
		cfg := b.config(`
name: bounded
agents: {executor: ramping-agents, login_rate: 50/s, stages: [{over: 2s, to: 2}, {over: 10m, to: 2}]}
behaviors: [{do: chat, rate: 5/s}]
`)
		cfg.SimStats = []string{"http://10.0.0.1:9000/"} // a grid is as far as the farthest of what is asked
		cfg.Target.Most = target.Load{Agents: 8, Logins: 2, Packets: 60}
		refused := func(c *Control, n int, flag string) error {
			var much *target.LoadError
			err := c.Scale(b.Context(), n)
			if !errors.As(err, new(*ConfigError)) || !errors.As(err, &much) || !strings.Contains(err.Error(), flag) {
				return fmt.Errorf("scaled to %d: %w, want a word of %s", n, err, flag)
			}
			return nil
		}
		ctx, cancel := context.WithCancelCause(b.Context())
		enough := errors.New("enough")
		logins, most := int64(5), int64(0) // so many have come by then
		s, err := steer(b.T, ctx, cfg,
			step{inWorld(2), func(c *Control) error {
				err := errors.Join(refused(c, 9, "--max-agents 9"), refused(c, 7, "--max-packets"))
				if status, _ := c.Status(b.Context()); status.HandScaled || status.Agents.Target != 2 {
					err = errors.Join(err, fmt.Errorf("refused, it is %+v", status))
				}
				return errors.Join(err, c.Scale(b.Context(), 5))
			}},
			step{inWorld(5), scaleTo(b.T, 0)},
			step{inWorld(0), scaleTo(b.T, 5)},
			step{func(p Progress) bool {
				most, logins = max(most, p.Agents.Logins-logins), p.Agents.Logins
				return p.Agents.InWorld == 5 && logins == 10
			}, func(*Control) error { cancel(enough); return nil }})
		if !errors.Is(err, enough) || s.Agents.LoginFailures != 0 {
			b.Fatalf("%v, agents %+v", err, s.Agents)
		}
		if most > 3 { // two, and the one on the border
			b.Errorf("%d logins in a second, 2 are allowed", most)
		}
	})
}
