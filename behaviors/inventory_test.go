package behaviors_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/behaviors"
)

// leavesNothing checks that a play left an agent's inventory as a new one is: no
// items, and no folders but its own.
func (tn *town) leavesNothing(agents ...*agent.Agent) {
	tn.Helper()
	for _, a := range agents {
		inv := a.Inventory()
		root := inv.Root()
		err := inv.Walk(tn.Context(), func(c agent.Contents) bool {
			for _, it := range c.Items {
				tn.Errorf("%s still has %q", a, it.Name)
			}
			for _, f := range c.Folders {
				if f.Parent != root || f.Type == agent.NoFolderType {
					tn.Errorf("%s still has folder %q", a, f.Name)
				}
			}
			return true
		})
		if err != nil {
			tn.Error(err)
		}
	}
}

func TestInventoryHandling(t *testing.T) {
	for _, tt := range []struct {
		name string
		with map[string]any
	}{
		{"inventory_handling", nil},
		{"inventory_handling", map[string]any{"way": "UDP"}},
		{"inventory_handling", map[string]any{"way": "HTTP"}},
		{"AIS_inventory_handling", nil},
	} {
		t.Run(fmt.Sprint(tt.name, tt.with["way"]), func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				tn := newTown(t)
				a := tn.login("Bot1", whole)
				if err := tn.play(t.Context(), tt.name, tt.with, a); err != nil {
					t.Fatal(err)
				}
				steps := tn.story.steps[len(tn.story.steps)-6:]
				want := []string{"rename it", "create a note in it", "rename the note", "copy the note", "remove the copy", "remove the folder"}
				if !slices.Equal(steps, want) {
					t.Errorf("the last steps are %q", steps)
				}
				tn.noted("the inventory has 18 folders with 0 items")
				tn.leavesNothing(a)
				tn.stillWhole(a)
			})
		})
	}
}

func TestInventoryHandlingRezzesWhatItIsToFind(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTown(t)
		a := tn.login("Bot1", whole)
		var failed *behaviors.StepError
		err := tn.play(t.Context(), "inventory_handling", map[string]any{"search": "no such thing"}, a)
		if !errors.As(err, &failed) || failed.Step != "search for an object named no such thing" {
			t.Errorf("ended with %v", err)
		}
		tn.stillWhole(a)
	})
}

func TestInventoryDownload(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for _, way := range []string{"best", "AIS", "HTTP", "UDP"} {
			tn := newTown(t)
			a := tn.login("Bot1", whole)
			if err := tn.play(t.Context(), "inventory-download", map[string]any{"way": way}, a); err != nil {
				t.Fatal(err)
			}
			tn.noted("the library has 4 folders with 6 items")
			op := map[string]string{"UDP": agent.OpInventory, "HTTP": "caps.FetchInventoryDescendents2"}[way]
			tn.see(func() {
				if op != "" && tn.measured[op] < 18 {
					t.Errorf("over %s, measured %v", way, tn.measured)
				}
			})
			tn.stillWhole(a)
		}
	})
}

func TestAWayThatIsNone(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTown(t)
		a := tn.login("Bot1")
		if err := tn.play(t.Context(), "inventory_download", map[string]any{"way": "post"}, a); err == nil || !strings.Contains(err.Error(), "best, AIS, HTTP or UDP") {
			t.Errorf("ended with %v", err)
		}
	})
}

func TestNotesAndUploads(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for _, name := range []string{"note", "object_create_upload_via_caps"} {
			tn := newTown(t)
			a := tn.login("Bot1", whole)
			if err := tn.play(t.Context(), name, nil, a); err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(tn.story.steps, "fetch the note and compare") {
				t.Errorf("%s: steps %q", name, tn.story.steps)
			}
			tn.leavesNothing(a)
			tn.stillWhole(a)
		}
	})
}

func TestInventoryTransfer(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for _, name := range []string{"inventory_transfer", "inventory_transfer_specify_agent"} {
			tn := newTown(t)
			a, b := tn.login("Bot1", whole), tn.login("Bot2", whole)
			if err := tn.play(t.Context(), name, nil, a, b); err != nil {
				t.Fatal(err)
			}
			for _, step := range []string{"accept it", "decline it"} {
				if !slices.Contains(tn.story.steps, step) {
					t.Errorf("%s: no step %q in %q", name, step, tn.story.steps)
				}
			}
			tn.leavesNothing(a, b)
			tn.stillWhole(a, b)
		}
	})
}

func TestInventoryTransferToSomebodyElse(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTown(t)
		a, b, c := tn.login("Bot1", whole), tn.login("Bot2", whole), tn.login("Bot3", whole)
		got := agent.Expect(c, func(agent.InventoryOffered) bool { return true })
		if err := tn.play(t.Context(), "inventory_transfer_specify_agent", map[string]any{"to": "Load Bot3"}, a, b); err != nil {
			t.Fatal(err)
		}
		o, err := got.Wait(t.Context(), "the offer")
		if err != nil || o.From != a.ID || o.Item == uuid.Nil {
			t.Errorf("offered %+v, %v", o, err)
		}
		tn.leavesNothing(a, b)
		if err := tn.play(t.Context(), "inventory_transfer_specify_agent", map[string]any{"to": "No Body"}, a, b); err == nil {
			t.Error("a gift to nobody went well")
		}
		tn.stillWhole(a, b, c)
	})
}

func TestTextureFetch(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for _, way := range []string{"HTTP", "UDP"} {
			tn := newTown(t)
			a := tn.login("Bot1", whole)
			unknown := uuid.NewString()
			err := tn.play(t.Context(), "texture_fetch", map[string]any{
				"look": "50ms", "way": way, "textures": "89556747-24cb-43ed-920b-47caed15465f, " + unknown,
			}, a)
			if err != nil {
				t.Fatal(err)
			}
			tn.noted("1 texture(s) the grid hasn't got")
			if err := tn.play(t.Context(), "texture_fetch", map[string]any{"look": "1ms", "most": 1.0, "way": way, "textures": unknown}, a); err == nil {
				t.Error("it went well without any texture")
			}
			tn.stillWhole(a)
		}
	})
}
