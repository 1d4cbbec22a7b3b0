package behaviors_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/slload/slload/behaviors"
)

// The embedded grid keeps all the rules. What must not happen is waited for, so
// several casts make the checks side by side.
func TestPermissions(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		list := behaviors.PermissionChecks()
		if len(list) != 226 {
			t.Fatalf("%d checks", len(list))
		}
		const casts = 16
		tn := newTown(t)
		var all sync.WaitGroup
		for cast := range casts {
			c := &behaviors.Cast{Rand: rand.New(rand.NewPCG(1, uint64(cast))), Narrator: &tn.story}
			for i := range 3 {
				c.LoggedOut = append(c.LoggedOut, tn.options(fmt.Sprintf("Bot%d", 3*cast+i)))
			}
			var part []behaviors.Check
			for i := cast; i < len(list); i += casts {
				list[i].With["patience"] = "400ms"
				part = append(part, list[i])
			}
			all.Go(func() {
				err := behaviors.RunChecks(t.Context(), c, part, func(r behaviors.CheckResult) error {
					if r.Status != behaviors.Pass {
						t.Errorf("%s: %s %s", r.Name, r.Status, r.Detail)
					}
					return nil
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	})
}

func TestPermissionCheckTellsWhatItSaw(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for _, tt := range []struct {
			with map[string]string
			want string
		}{
			{map[string]string{"way": "asked", "next": "none", "expected": "none"}, "seen transfer|move, expected none"},
			{map[string]string{"kind": "note", "way": "given", "next": "copy", "expected": "transfer|move"}, "seen copy|move, expected transfer|move"},
			{map[string]string{"way": "stolen"}, `there is no way "stolen" for a thing of kind "object"`},
			{map[string]string{"next": "export"}, `"export" is no permission`},
		} {
			tn := newTown(t)
			got := tn.smoke([]string{"Bot1", "Bot2", "Bot3"}, behaviors.Check{Name: "it", Behavior: "permission_check", With: tt.with})
			if got[0].Status != behaviors.Fail || !strings.Contains(got[0].Detail, tt.want) {
				t.Errorf("%v: %s %q, want %q", tt.with, got[0].Status, got[0].Detail, tt.want)
			}
		}
		tn := newTown(t)
		if got := tn.smoke([]string{"Bot1", "Bot2"}, behaviors.PermissionChecks()[0]); got[0].Status != behaviors.Skip {
			t.Errorf("with two accounts: %+v", got)
		}
	})
}
