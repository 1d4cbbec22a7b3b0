package behaviors_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/slload/slload/behaviors"
)

const (
	up     = 1 << 5 >> 1 // AgentUpdate's control flags
	flying = 1 << 13
)

func TestMotions(t *testing.T) {
	for _, tt := range []struct {
		name  string
		steps []string
		flags []uint32 // among those sent, in this order
	}{
		{"walk", []string{"stand", "turn", "walk"}, []uint32{forward, 0}},
		{"fly", []string{"stand", "take off", "rise", "hover", "land"}, []uint32{flying, flying | up, flying, 0}},
		{"fall", []string{"stand", "take off", "rise", "fall", "land"}, []uint32{flying, flying | up, flying, 0}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				tn := newTown(t)
				a := tn.login("Bot1", whole)
				if err := tn.play(t.Context(), tt.name, map[string]any{"metres": 0.5}, a); err != nil {
					t.Fatal(err)
				}
				tn.told(tt.steps...)
				tn.see(func() {
					next := 0
					for _, f := range tn.flags {
						if next < len(tt.flags) && f == tt.flags[next] {
							next++
						}
					}
					if next < len(tt.flags) {
						t.Errorf("control flags %v; want %v among them", tn.flags, tt.flags)
					}
				})
				tn.stillWhole(a)
			})
		})
	}
}

// What the simulator never confirms has failed, and where it got to is told;
// the avatar is set down all the same.
func TestAMotionThatGetsNowhere(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTown(t)
		a := tn.login("Bot1", whole)
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		err := tn.play(ctx, "fly", map[string]any{"metres": 9999}, a)
		var failed *behaviors.StepError
		if !errors.As(err, &failed) || failed.Step != "rise" || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the play ended with %v", err)
		}
		tn.told("stand", "take off", "! rise", "land")
		tn.see(func() {
			if last := tn.flags[len(tn.flags)-1]; last != 0 {
				t.Errorf("the last control flags are %#x; want the avatar to have landed", last)
			}
		})
		tn.stillWhole(a)
	})
}

func TestEndlessBehaviors(t *testing.T) {
	const spell = 400 * time.Millisecond
	for _, tt := range []struct {
		name string
		with map[string]any
		want []string // steps, each at least once
	}{
		{"none", nil, []string{"stand there"}},
		{"twitchy", map[string]any{"pause": "100ms"}, []string{"turn about"}},
		{"physics", map[string]any{"pace": "100ms", "run": 0.5, "jump": 1, "chatter": 1}, []string{"turn", "jump", "chatter"}},
		{"physics", map[string]any{"pace": "100ms", "run": 1, "jump": 0, "chatter": 0}, []string{"turn", "run"}},
		{"physics", map[string]any{"pace": "100ms", "run": 0, "jump": 0, "chatter": 0}, []string{"turn", "walk"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				tn := newTown(t)
				a := tn.login("Bot1")
				with := map[string]any{"duration": spell.String()}
				for name, v := range tt.with {
					with[name] = v
				}
				begin := time.Now()
				if err := tn.play(t.Context(), tt.name, with, a); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(begin); took < spell {
					t.Errorf("it took %v, not %v", took, spell)
				}
				for _, step := range tt.want {
					if !slices.Contains(tn.story.steps, step) {
						t.Errorf("steps %q lack %q", tn.story.steps, step)
					}
				}
			})
		})
	}
}

// Who is cut off in the middle of an endless behaviour has done its part.
func TestEndlessBehaviorsEndWithThePlay(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTown(t)
		a := tn.login("Bot1")
		for _, name := range []string{"none", "twitchy", "physics"} {
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			if err := tn.play(ctx, name, map[string]any{"duration": "5m"}, a); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			cancel()
		}
		for _, step := range tn.story.steps {
			if step[0] == '!' {
				t.Errorf("step %q failed", step)
			}
		}
	})
}
