package behaviors_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/agent"
	"github.com/slload/slload/behaviors"
	"github.com/slload/slload/message"
)

// numberOf is the text that ends a line by the tests' seed.
func numberOf(text string) string {
	const hex = "0123456789abcdef"
	n := rand.New(rand.NewPCG(1, 2)).Uint32()
	digits := make([]byte, 8)
	for i := range digits {
		digits[i] = hex[n>>(28-4*i)&15]
	}
	return text + " " + string(digits)
}

func TestChat(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTown(t)
		a := tn.login("Bot1")
		if err := tn.play(t.Context(), "chat", map[string]any{"text": "good day"}, a); err != nil {
			t.Fatal(err)
		}
		tn.see(func() {
			if tn.measured[agent.OpChat] != 1 || len(tn.said) != 1 || tn.said[0] != numberOf("good day") {
				t.Errorf("measured %v, said %q; want %q", tn.measured, tn.said, numberOf("good day"))
			}
		})
	})
}

func TestIM(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTown(t)
		a, b := tn.login("Bot1"), tn.login("Bot2")
		got := agent.Expect(b, func(agent.IMReceived) bool { return true })
		if err := tn.play(t.Context(), "im", nil, a, b); err != nil {
			t.Fatal(err)
		}
		if e, err := got.Wait(t.Context(), "the instant message"); err != nil || e.From != a.ID || e.Text != numberOf("hello") {
			t.Errorf("received %+v, %v", e, err)
		}
		tn.see(func() {
			if tn.measured[agent.OpIM] != 1 {
				t.Errorf("measured %v", tn.measured)
			}
		})
	})
}

func TestLook(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTown(t)
		a := tn.login("Bot1")
		for range 2 { // the same chance twice: one turn
			if err := tn.play(t.Context(), "look", nil, a); err != nil {
				t.Fatal(err)
			}
		}
		tn.see(func() {
			if n := len(tn.looks); n < 1 || n > 2 || tn.looks[n-1] == (message.Vector3{X: 1}) {
				t.Errorf("the camera looked to %v; want one turn from the east", tn.looks)
			}
		})
	})
}

const forward = 1 // AgentUpdate's control flag

func TestWander(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTown(t)
		// Who asks for no capabilities doesn't get the scene, itself in it.
		a := tn.login("Bot1", func(o *agent.Options) { o.NoEventQueue = false })
		var before, after agent.State
		waitUntil(t, func() bool { // it has seen itself
			var err error
			if before, err = a.State(t.Context()); err != nil {
				t.Fatal(err)
			}
			return before.Avatars == 1
		})
		if err := tn.play(t.Context(), "wander", map[string]any{"walk": "300ms"}, a); err != nil {
			t.Fatal(err)
		}
		tn.see(func() {
			flags := tn.flags
			if len(flags) > 0 && flags[0] == 0 {
				flags = flags[1:] // at rest, or turning, before
			}
			if diff := cmp.Diff([]uint32{forward, 0}, flags); diff != "" {
				t.Errorf("control flags (-want +got):\n%s", diff)
			}
		})
		waitUntil(t, func() bool {
			var err error
			if after, err = a.State(t.Context()); err != nil {
				t.Fatal(err)
			}
			return after.Position != before.Position
		})
		if err := a.Logout(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestAnswersThatTakeTooLong(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTown(t)
		a, b := tn.login("Bot1"), tn.login("Bot2")
		for _, name := range []string{"chat", "im"} {
			if err := tn.play(t.Context(), name, map[string]any{"timeout": "1ns"}, a, b); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s: %v", name, err)
			}
		}
		tn.see(func() {
			if tn.measured["msg.chat timeout"] != 1 || tn.measured["msg.im timeout"] != 1 {
				t.Errorf("measured %v", tn.measured)
			}
		})
	})
}

func TestBehaviorsEndWithTheirContext(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTown(t)
		a, b := tn.login("Bot1"), tn.login("Bot2")
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		for _, behavior := range behaviors.All() {
			if behavior.Agents > 2 {
				continue
			}
			if err := tn.play(ended, behavior.Name, nil, []*agent.Agent{a, b}[:behavior.Agents]...); !errors.Is(err, context.Canceled) {
				t.Errorf("%s, its context ended before it began: %v", behavior.Name, err)
			}
		}
		tn.see(func() {
			if len(tn.said) != 0 || len(tn.flags) > 1 {
				t.Errorf("said %q, flags %v: nothing should have been begun", tn.said, tn.flags)
			}
		})
	})
}

func TestWanderStopsWhenItsContextEnds(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTown(t)
		a := tn.login("Bot1")
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		start := time.Now()
		if err := tn.play(ctx, "wander", map[string]any{"walk": "5m"}, a); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took > time.Minute {
			t.Errorf("took %v", took)
		}
		tn.see(func() {
			if n := len(tn.flags); n < 2 || tn.flags[n-2] != forward || tn.flags[n-1] != 0 {
				t.Errorf("control flags %v; want the walk to end", tn.flags)
			}
		})
	})
}

// An agent that leaves takes its behaviours with it: a logout that comes in
// the middle of a walk is the plan's, a loss is an error.
func TestBehaviorsOfAnAgentThatLeaves(t *testing.T) {
	for _, tt := range []struct {
		name  string
		leave func(tn *town, a *agent.Agent) error
		lost  bool
	}{
		{"logs out", func(tn *town, a *agent.Agent) error { return a.Logout(tn.Context()) }, false},
		{"is lost", func(tn *town, _ *agent.Agent) error { return tn.grid.Close(tn.Context()) }, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				tn := newTown(t)
				a := tn.login("Bot1")
				walked := make(chan error, 1)
				go func() { walked <- tn.play(tn.Context(), "wander", map[string]any{"walk": "5m"}, a) }()
				waitUntil(t, func() (walking bool) {
					tn.see(func() { walking = len(tn.flags) > 0 && tn.flags[len(tn.flags)-1] == forward })
					return walking
				})
				if err := tt.leave(tn, a); err != nil {
					t.Error(err)
				}
				var lost *agent.LostError
				if err := <-walked; errors.As(err, &lost) != tt.lost || !tt.lost && err != nil {
					t.Errorf("wander: %v", err)
				}
				if err := tn.play(tn.Context(), "chat", nil, a); err == nil {
					t.Error("an agent that has left still chats")
				}
				tn.see(func() {
					if tn.measured["msg.chat agent_left"] != 1 {
						t.Errorf("measured %v", tn.measured)
					}
				})
			})
		})
	}
}
