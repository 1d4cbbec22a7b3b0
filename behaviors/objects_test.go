package behaviors_test

import (
	"testing"

	"github.com/slload/slload/agent"
)

// Each leaves the region as it was.
func TestObjectBehaviors(t *testing.T) {
	for _, tt := range []struct {
		name  string
		with  map[string]any
		steps int // at least
		noted string
	}{
		{"object_creation", nil, 20, "a ring is"},
		{"object_create_edit", nil, 12, "a box is"},
		{"object_create_permissions", nil, 14, "next owner: modify|transfer: the next owner has modify|transfer|move"},
		{"object_create_rez_script", nil, 9, `the box said "touched: hello`},
		{"object_take", nil, 9, "is in the inventory as"},
		{"object_properties", nil, 6, `"Furniture"`},
		{"object_tracking", map[string]any{"moves": 3}, 7, "object(s) came, "},
		{"grab", map[string]any{"hold": "1ms"}, 5, ""},
		{"grab", map[string]any{"hold": "1ms", "radius": 0.001}, 7, "a box is"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				tn := newTown(t)
				a := tn.login("Bot1", whole, func(o *agent.Options) { o.Start = "uri:Region 1&128&120&30" })
				if err := tn.play(t.Context(), tt.name, tt.with, a); err != nil {
					t.Fatal(err)
				}
				if n := len(tn.story.steps); n < tt.steps {
					t.Errorf("%d steps: %q", n, tn.story.steps)
				}
				if tt.noted != "" {
					tn.noted(tt.noted)
				}
				stop, err := a.Objects().Track(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				defer stop()
				if mine, err := a.Objects().Mine(t.Context()); err != nil || len(mine) > 0 {
					t.Errorf("it left %+v, %v", mine, err)
				}
				tn.stillWhole(a)
			})
		})
	}
}
