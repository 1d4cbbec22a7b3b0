package behaviors_test

import (
	"strings"
	"testing"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/testgrid"
)

func withQueue(o *agent.Options) { o.NoEventQueue = false }

func asEstateOwner(o *agent.Options) { o.Account.First, o.Account.Last = "Estate", "Owner" }

func TestSocialBehaviors(t *testing.T) {
	for name, steps := range map[string][]string{
		"group_creation":        {"found the group", "read its profile", "be its owner", "make it the active group", "add a role", "leave it"},
		"group_chat":            {"found the group", "joins it", "opens its conversation", "Load Bot1 says", "enters it", "Load Bot2 says"},
		"fetch_profile_info":    {"find the name of", "find Load Bot2 by its name", "read the profile"},
		"parcel_management":     {"read all parcels", "read the parcel it stands on"},
		"appearance_management": {"read what Load Bot1 wears", "Load Bot2 sees Load Bot1", "find the textures"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				tn := newTown(t)
				a, b := tn.login("Bot1", withQueue), tn.login("Bot2", withQueue)
				waitUntil(t, func() bool { // they see each other
					s, err := b.State(t.Context())
					return err == nil && s.Avatars == 2
				})
				if err := tn.play(t.Context(), name, nil, a, b); err != nil {
					t.Fatal(err)
				}
				told := strings.Join(tn.story.steps, "\n")
				for _, step := range steps {
					if !strings.Contains(told, step) {
						t.Errorf("no step %q in\n%s", step, told)
					}
				}
			})
		})
	}
}

// Where the grid bakes, no client's cache is asked.
func TestAppearanceWhereTheGridBakes(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTownOn(t, testgrid.Config{ServerBake: true})
		a, b := tn.login("Bot1", withQueue), tn.login("Bot2", withQueue)
		waitUntil(t, func() bool {
			s, err := b.State(t.Context())
			return err == nil && s.Avatars == 2
		})
		if err := tn.play(t.Context(), "appearance_management", nil, a, b); err != nil {
			t.Fatal(err)
		}
		told := strings.Join(tn.story.steps, "\n")
		if !strings.Contains(told, "Load Bot2 sees Load Bot1") || strings.Contains(told, "cache") {
			t.Errorf("played\n%s", told)
		}
	})
}

func TestParcelManagementOfAnOwner(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTown(t)
		a := tn.login("Owner", withQueue, asEstateOwner)
		if err := tn.play(t.Context(), "parcel_management", nil, a); err != nil {
			t.Fatal(err)
		}
		if all, err := a.Parcels().All(t.Context()); err != nil || len(all) != 1 || all[0].Name != "The whole region" {
			t.Errorf("left behind %+v, %v", all, err)
		}
	})
}
