package behaviors_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/agent"
	"github.com/slload/slload/behaviors"
	"github.com/slload/slload/login"
)

// whole makes an agent that has capabilities, and so sees the scene.
func whole(o *agent.Options) { o.NoEventQueue = false }

// stillWhole makes sure that a test's agent is in world, and takes it out: its
// event queue must not outlive the test.
func (tn *town) stillWhole(agents ...*agent.Agent) {
	tn.Helper()
	for _, a := range agents {
		if err := a.Logout(tn.Context()); err != nil {
			tn.Errorf("after the play: %v", err)
		}
	}
}

// told checks the steps that went well or (with a "!") failed.
func (tn *town) told(want ...string) {
	tn.Helper()
	if diff := cmp.Diff(want, tn.story.steps); diff != "" {
		tn.Errorf("steps (-want +got):\n%s", diff)
	}
}

// noted checks that somebody was told something.
func (tn *town) noted(want string) {
	tn.Helper()
	if !slices.ContainsFunc(tn.story.notes, func(n string) bool { return strings.Contains(n, want) }) {
		tn.Errorf("nobody was told %q, but %q", want, tn.story.notes)
	}
}

func TestLoginBehaviors(t *testing.T) {
	for _, tt := range []struct {
		name  string
		with  map[string]any
		steps []string
		ops   map[string]int
	}{
		{"login", nil, []string{"log in Load Out1", "log out Load Out1"}, map[string]int{"login": 1, "logout": 1, "caps.seed": 1}},
		{"login", map[string]any{"llsd": true}, []string{"log in Load Out1", "log out Load Out1"}, map[string]int{"login": 1, "logout": 1, "caps.seed": 1}},
		{"agent_login", nil, []string{"log in Load Out1", "see itself in the region", "log out Load Out1"},
			map[string]int{"login": 1, "logout": 1, "caps.seed": 1}},
		{"agent_domain", nil, []string{
			"log in Load Out1", "ask the agent domain for the agent", "fetch the region's public seed",
			"be placed elsewhere in the region", "log out Load Out1",
		}, map[string]int{"login": 1, "logout": 1, "caps.seed": 1, "teleport": 1}},
		{"agent_manager", nil, []string{
			"log in Load Out1", "log in Load Out2", "see itself in the region", "see itself in the region",
			"stay together", "log out Load Out1", "log out Load Out2",
		}, map[string]int{"login": 2, "logout": 2, "caps.seed": 2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				tn := newTown(t)
				if err := tn.play(t.Context(), tt.name, tt.with); err != nil {
					t.Fatal(err)
				}
				tn.told(tt.steps...)
				tn.see(func() {
					for _, op := range []string{"login", "logout", "caps.seed"} {
						if tn.measured[op] != tt.ops[op] {
							t.Errorf("%d of %s, want %d: %v", tn.measured[op], op, tt.ops[op], tn.measured)
						}
					}
				})
				if s := tn.grid.Stats(t.Context()); s.Agents != 0 {
					t.Errorf("%d agents are still on the grid", s.Agents)
				}
			})
		})
	}
}

func TestALoginThatFailsNamesItsStep(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTown(t)
		tn.nowhere = true
		err := tn.play(t.Context(), "agent_manager", nil)
		var failed *behaviors.StepError
		if !errors.As(err, &failed) || failed.Step != "log in Load Out1" {
			t.Errorf("the play ended with %v", err)
		}
		tn.told("! log in Load Out1")
	})
}

func TestRegionConnect(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTown(t)
		a := tn.login("Bot1", whole)
		if err := tn.play(t.Context(), "region_connect", nil, a); err != nil {
			t.Fatal(err)
		}
		tn.told("read the region's handshake", "have an event queue", "hear the region's statistics", "see itself in the region")
		tn.noted("256 x 256 m")
		tn.stillWhole(a)
	})
}

// An agent without capabilities isn't connected with its region as a viewer is.
func TestRegionConnectMissesAnEventQueue(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTown(t)
		err := tn.play(t.Context(), "region_connect", nil, tn.login("Bot1"))
		var none *agent.NoCapabilityError
		if !errors.As(err, &none) || none.Name != "EventQueueGet" {
			t.Errorf("the play ended with %v", err)
		}
		tn.told("read the region's handshake", "! have an event queue")
	})
}

func TestChatAndInstantMessaging(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTown(t)
		a, b := tn.login("Bot1"), tn.login("Bot2")
		if err := tn.play(t.Context(), "chat-and-instant-messaging", nil, a, b); err != nil {
			t.Fatal(err)
		}
		if len(tn.story.steps) != 4 {
			t.Errorf("steps %q; want a line of each and a message each way", tn.story.steps)
		}
		tn.noted("Load Bot1 got \"hello")
		tn.noted("Load Bot2 got \"hello")
		tn.see(func() {
			if tn.measured[agent.OpChat] != 2 || tn.measured[agent.OpIM] != 2 {
				t.Errorf("measured %v", tn.measured)
			}
		})
	})
}

func TestIMToSelf(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTown(t)
		if err := tn.play(t.Context(), "im_to_self", nil, tn.login("Bot1")); err != nil {
			t.Error(err)
		}
		tn.see(func() {
			if tn.measured[agent.OpIM] != 1 || len(tn.said) != 1 {
				t.Errorf("measured %v, said %q", tn.measured, tn.said)
			}
		})
	})
}

func TestCapabilities(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTown(t)
		a := tn.login("Bot1", whole)
		if err := tn.play(t.Context(), "capabilities", nil, a); err != nil {
			t.Error(err)
		}
		tn.noted("features")
		tn.see(func() {
			if tn.measured["caps.SimulatorFeatures"] != 1 {
				t.Errorf("measured %v", tn.measured)
			}
		})
		tn.stillWhole(a)
	})
}

func TestWrongPassword(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTown(t)
		if err := tn.play(t.Context(), "wrong_password", nil); err != nil {
			t.Error(err)
		}
		tn.noted("the grid says: Wrong name or password.")
		tn.see(func() {
			if tn.measured["login key"] != 1 || tn.measured["login"] != 0 {
				t.Errorf("measured %v", tn.measured)
			}
		})
	})
}

// A grid that is down refuses nothing.
func TestWrongPasswordIsNotAnyFailure(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTown(t)
		tn.nowhere = true
		if err := tn.play(t.Context(), "wrong_password", nil); err == nil || errors.Is(err, login.ErrWrongPassword) {
			t.Errorf("the play ended with %v", err)
		}
	})
}

func TestParsePackets(t *testing.T) {
	for _, tt := range []struct {
		name, hex, note, err string
	}{
		{"an ack", "000000000100fffffffb0107000000", "PacketAck", ""},
		{"two", "000000000100fffffffb0107000000 000000000200fffffffb0107000000", "sequence 2", ""},
		{"no hex", "xyz", "", `"xyz" is no hex`},
		{"cut short", "000000000100ffff", "", "decode datagram 1"},
		{"nothing", " ", "", "give hex"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				tn := newTown(t)
				err := tn.play(t.Context(), "parse_packets", map[string]any{"hex": tt.hex})
				if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
					t.Errorf("error %v, want %q", err, tt.err)
				}
				if tt.err == "" {
					tn.noted(tt.note)
				}
			})
		})
	}
	inBubble(t, func(t *testing.T) {
		tn := newTown(t)
		if err := tn.play(t.Context(), "parse_packets", nil); err != nil { // its own example
			t.Error(err)
		}
		tn.noted("StartPingCheck")
	})
}

func TestChatInterface(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTown(t)
		a, b := tn.login("Bot1"), tn.login("Bot2")
		heard := agent.Expect(b, func(e agent.ChatHeard) bool { return e.Kind == agent.Shout })
		got := agent.Expect(b, func(e agent.IMReceived) bool { return e.From == a.ID })
		tn.typed = strings.NewReader("good day\n\n/shout anybody there?\n/im " + b.ID.String() + " psst\n/im nobody hello\n/dance\n/7 open\n")
		if err := tn.play(t.Context(), "chat_interface", nil, a); err != nil {
			t.Fatal(err)
		}
		if e, err := heard.Wait(t.Context(), "the shout"); err != nil || e.Text != "anybody there?" {
			t.Errorf("heard %+v, %v", e, err)
		}
		if e, err := got.Wait(t.Context(), "the message"); err != nil || e.Text != "psst" {
			t.Errorf("got %+v, %v", e, err)
		}
		tn.told(`say "good day"`, `say "/shout anybody there?"`, `say "/im `+b.ID.String()+` psst"`, `say "/7 open"`)
		tn.noted("Load Bot1: good day")
		tn.noted(`"nobody" is no agent's id`)
		tn.noted("no command /dance")
	})
}

func TestFetchOfflineIMs(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tn := newTown(t)
		sender, begun := tn.login("Bot1"), time.Now()
		if err := tn.play(t.Context(), "fetch_offline_ims", map[string]any{"quiet": "200ms", "word": "1h"}, sender); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begun); took > time.Minute {
			t.Errorf("it took %v: the grid's word isn't known as that", took)
		}
		sent := numberOf("hello")
		tn.told("log in Load Out1", "log out Load Out1", "send "+sent+" to Load Out1",
			"log in Load Out1", "fetch what came meanwhile", "log out Load Out1")
		tn.noted("Load Bot1 wrote: " + sent)
	})
}
