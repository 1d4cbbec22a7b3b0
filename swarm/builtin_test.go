package swarm

import (
	"fmt"
	"testing"
	"time"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/testgrid"
)

// Each built-in profile does on the embedded grid what it is for: at a small
// size and in a hurry, everybody gets in, nothing that is begun fails, and the
// operations by which the profile wants to be judged are measured.
func TestBuiltinsRun(t *testing.T) {
	for _, name := range profiles.Builtins() {
		t.Run(name, func(t *testing.T) {
			inBubble(t, testgrid.Config{Regions: 4}, func(b *bubble) {
				p := hurried(b.T, name)
				s, err := Run(b.Context(), b.Context(), b.configOf(p))
				if err != nil {
					b.Fatal(err)
				}
				if s.Agents.Logins == 0 || s.Agents.LoginFailures > 0 || s.Agents.Lost > 0 {
					b.Errorf("agents %+v", s.Agents)
				}
				if a := s.Actions; a.Failed > 0 || (a.Started == 0) != (len(p.Behaviors) == 0) {
					b.Errorf("actions %+v, errors %+v", a, s.Errors)
				}
				for _, op := range p.Primary {
					if s.Ops[op].Count == 0 {
						b.Errorf("%s was never measured", op)
					}
				}
			})
		})
	}
}

// hurried is a built-in profile with four agents that do for some seconds what
// they otherwise do for minutes.
func hurried(t *testing.T, name string) *profiles.Profile {
	t.Helper()
	p, err := profiles.Load(name, CheckProfile)
	if err != nil {
		t.Fatal(err)
	}
	for i := range p.Behaviors {
		if b := &p.Behaviors[i]; b.Rate > 0 {
			b.Rate = max(b.Rate, 1)
		}
	}
	p.Think = min(p.Think, profiles.Duration(200*time.Millisecond))
	p.Agents.Stay = min(p.Agents.Stay, profiles.Duration(2*time.Second))
	if err := p.Scale(4); err != nil {
		t.Fatal(err)
	}
	if err := p.Fit(9 * time.Second); err != nil {
		t.Fatal(err)
	}
	return p
}

// Agents that think do one thing at a time, however short their thoughts are.
func TestThinkingAgentsDoOneThingAtATime(t *testing.T) {
	inBubble(t, testgrid.Config{}, func(b *bubble) {
		s, err := Run(b.Context(), b.Context(), b.config(`
name: thinkers
agents: {count: 2, login_rate: 50/s, duration: 3s}
think: 1ms
behaviors: [{do: wander, weight: 1, with: {walk: 500ms}}]
`))
		if err != nil {
			b.Fatal(err)
		}
		// Six walks fit into three seconds; by the clock it would be thousands.
		if a := s.Actions; a.Started < 4 || a.Started > 14 || a.Failed > 0 {
			b.Errorf("actions %+v, want about a dozen", a)
		}
	})
}

// What is thought of is drawn by weight, and goes on after a pause.
func TestThoughtsGoOn(t *testing.T) {
	inBubble(t, testgrid.Config{}, func(b *bubble) {
		s, err := Run(b.Context(), b.Context(), b.config(`
name: talkers
agents: {count: 3, login_rate: 50/s, duration: 3s}
think: 50ms
behaviors: [{do: chat, weight: 3}, {do: im, weight: 1}]
`))
		if err != nil {
			b.Fatal(err)
		}
		chats, ims := s.Ops["msg.chat"].Count, s.Ops["msg.im"].Count
		if chats+ims != s.Actions.Started || ims == 0 || chats < ims || s.Actions.Failed > 0 {
			b.Errorf("%d chats and %d messages of %+v", chats, ims, s.Actions)
		}
		if s.Actions.Intended != s.Actions.Started+s.Actions.Dropped {
			b.Errorf("actions %+v", s.Actions)
		}
	})
}

// Groups log in where their placement says: here by an agent domain, which
// finds their regions by name.
func TestPlacementReachesTheLogin(t *testing.T) {
	inBubble(t, testgrid.Config{Regions: 3}, func(b *bubble) {
		regions := b.grid.Regions()
		cfg := b.config(fmt.Sprintf(`
name: placed
grid: {login_protocol: ogp}
groups:
  - agents: {count: 4, login_rate: 50/s, duration: 3s}
  - agents: {count: 1, login_rate: 50/s, duration: 3s}
    placement: {regions: [%q]}
placement: {regions: [%q, %q], layout: spread}
`, regions[2], regions[0], regions[1]))
		seen := false
		cfg.OnProgress = func(p Progress) {
			if seen || p.Agents.InWorld < 5 {
				return
			}
			seen = true
			for i, r := range b.grid.Stats(b.Context()).Regions {
				if want := []int{2, 2, 1}[i]; r.Avatars != want {
					b.Errorf("%d avatars in %s, want %d", r.Avatars, r.Name, want)
				}
			}
		}
		if _, err := Run(b.Context(), b.Context(), cfg); err != nil {
			b.Fatal(err)
		}
		if !seen {
			b.Error("never were all in world")
		}
	})
}

// A behaviour without an operation of its own is timed from start to end.
func TestWholeBehavioursAreTimed(t *testing.T) {
	inBubble(t, testgrid.Config{}, func(b *bubble) {
		s, err := Run(b.Context(), b.Context(), b.config(`
name: readers
agents: {count: 1, login_rate: 50/s, duration: 2s}
think: 100ms
behaviors: [{do: inventory_download, weight: 1}]
`))
		if err != nil {
			b.Fatal(err)
		}
		if op := s.Ops["do.inventory_download"]; op.Count == 0 || op.Count != s.Actions.Started || op.ResponseNS.P50 <= 0 {
			b.Errorf("%+v of %+v", op, s.Actions)
		}
	})
}
