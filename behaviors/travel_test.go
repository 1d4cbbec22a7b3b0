package behaviors_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/behaviors"
)

// traveller is in world with an event queue, and sees the regions around.
func traveller(o *agent.Options) { o.NoEventQueue, o.Neighbours = false, true }

// standsIn is the region in which an agent is by its own account.
func standsIn(t *testing.T, a *agent.Agent) string {
	t.Helper()
	s, err := a.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s.Region.Name
}

func TestTeleport(t *testing.T) {
	for _, tt := range []struct {
		name string
		with map[string]any
		in   string
		ops  int
	}{
		{"by name", map[string]any{"region": "region 3"}, "Region 3", 1},
		{"and back", map[string]any{"region": "Region 2", "back": true}, "Region 1", 2},
		{"by chance", nil, "Region ", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				tn := newTownOf(t, 4)
				a := tn.login("Bot1", traveller, at("Region 1"))
				if err := tn.play(t.Context(), "teleport", tt.with, a); err != nil {
					t.Fatal(err)
				}
				if got := standsIn(t, a); !strings.HasPrefix(got, tt.in) {
					t.Errorf("it stands in %s, want %s", got, tt.in)
				}
				tn.see(func() {
					if got := tn.measured[agent.OpTeleport]; got != tt.ops {
						t.Errorf("%d teleports were measured, want %d: %v", got, tt.ops, tn.measured)
					}
				})
				leave(t, a)
			})
		})
	}
}

func at(region string) func(*agent.Options) {
	return func(o *agent.Options) { o.Start = "uri:" + region + "&128&128&30" }
}

func leave(t *testing.T, a *agent.Agent) {
	t.Helper()
	if err := a.Logout(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestTeleportToNowhere(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTown(t)
		a := tn.login("Bot1")
		err := tn.play(t.Context(), "teleport", map[string]any{"region": "Atlantis"}, a)
		var step *behaviors.StepError
		var missing *agent.NoRegionError
		if !errors.As(err, &step) || step.Step != "find region Atlantis" || !errors.As(err, &missing) {
			t.Errorf("error %v", err)
		}
	})
}

func TestCross(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTownOf(t, 4)
		a := tn.login("Bot1", traveller, at("Region 1"))
		for _, leg := range []struct{ direction, to string }{
			{"east", "Region 2"}, {"north", "Region 4"}, {"west", "Region 3"}, {"south", "Region 1"},
		} {
			if err := tn.play(t.Context(), "cross", map[string]any{"direction": leg.direction, "from": 1.5}, a); err != nil {
				t.Fatal(err)
			}
			if got := standsIn(t, a); got != leg.to {
				t.Errorf("going %s it came to %s, want %s", leg.direction, got, leg.to)
			}
		}
		tn.see(func() {
			if tn.measured[agent.OpCrossing] != 4 {
				t.Errorf("measured %v, want 4 crossings", tn.measured)
			}
		})
		leave(t, a)
	})
}

func TestCrossNeedsANeighbour(t *testing.T) {
	for _, tt := range []struct {
		name    string
		regions int
		with    map[string]any
	}{
		{"the only region", 1, nil},
		{"the other side", 2, map[string]any{"direction": "west"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				tn := newTownOf(t, tt.regions)
				a := tn.login("Bot1", traveller, at("Region 1"))
				err := tn.play(t.Context(), "cross", tt.with, a)
				var unsupported *behaviors.SkipError
				if !errors.As(err, &unsupported) {
					t.Errorf("error %v", err)
				}
				leave(t, a)
			})
		})
	}
}

func TestMultiRegionConnect(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTownOf(t, 4)
		a := tn.login("Bot1", traveller)
		if err := tn.play(t.Context(), "multi_region_connect", nil, a); err != nil {
			t.Fatal(err)
		}
		if near, err := a.Neighbours(t.Context()); err != nil || len(near) != 3 {
			t.Errorf("connected to %v, %v", near, err)
		}
		leave(t, a)
	})
}

// An agent that sees no neighbours finds that out by the end of the play.
func TestMultiRegionConnectWithoutNeighbours(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTownOf(t, 2)
		a := tn.login("Bot1")
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		err := tn.play(ctx, "multi_region_connect", nil, a)
		var step *behaviors.StepError
		if !errors.As(err, &step) || step.Step != "connect to the regions around" || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
}

func TestMap(t *testing.T) {
	for _, tt := range []struct {
		name, behavior string
		with           map[string]any
		ops            string
		fails          string
	}{
		{"block", "map_block", nil, agent.OpMapBlock, ""},
		{"search", "map_search", nil, agent.OpMapSearch, ""},
		{"search for another", "map_search", map[string]any{"name": "region 2"}, agent.OpMapSearch, ""},
		{"search in vain", "map_search", map[string]any{"name": "Atlantis"}, agent.OpMapSearch, "search the map for Atlantis"},
		{"items", "map_item_requests", map[string]any{"patience": "50ms"}, agent.OpMapItem, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				tn := newTownOf(t, 4)
				a := tn.login("Bot1")
				err := tn.play(t.Context(), tt.behavior, tt.with, a)
				var step *behaviors.StepError
				switch {
				case tt.fails == "" && err != nil:
					t.Error(err)
				case tt.fails != "" && (!errors.As(err, &step) || step.Step != tt.fails):
					t.Errorf("error %v, want one at %q", err, tt.fails)
				}
				tn.see(func() {
					if tn.measured[tt.ops] != 1 {
						t.Errorf("measured %v", tn.measured)
					}
				})
			})
		})
	}
}
