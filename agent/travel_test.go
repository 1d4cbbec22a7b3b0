package agent

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/llsd"
	"github.com/slload/slload/message"
)

// eastAddr is a second simulator's, whose region lies east of the first.
var eastAddr = netip.MustParseAddrPort("127.0.0.1:9001")

const eastHandle = 256256<<32 | 256256

// addEast gives the world that simulator.
func (w *world) addEast() *simulator {
	s := newSimulatorAt(w, w.net, eastAddr, "East", eastHandle)
	w.run(s.loop)
	return s
}

// queues puts an event into the agent's queue.
func (w *world) queues(name string, body map[string]any) {
	w.Helper()
	text, err := llsd.MarshalXML(map[string]any{
		"id": int32(1), "events": []any{map[string]any{"message": name, "body": body}},
	})
	if err != nil {
		w.Fatal(err)
	}
	w.grid.queue <- string(text)
}

func one(key string, fields map[string]any) map[string]any { return map[string]any{key: []any{fields}} }

func eastFields() map[string]any {
	return map[string]any{
		"SimIP": []byte{127, 0, 0, 1}, "SimPort": int32(9001), "RegionHandle": []byte{0, 3, 0xE9, 0, 0, 3, 0xE9, 0},
		"SeedCapability": seedURL, "RegionSizeX": []byte{0, 0, 1, 0}, "RegionSizeY": []byte{0, 0, 2, 0},
	}
}

func (w *world) teleportFinish(a *Agent) {
	w.Helper()
	fields := eastFields()
	fields["AgentID"], fields["LocationID"], fields["SimAccess"], fields["TeleportFlags"] = a.ID, int32(4), int32(13), []byte{0, 0, 0, 16}
	w.queues("TeleportFinish", one("Info", fields))
}

func (w *world) enableEast(a *Agent) {
	w.Helper()
	w.queues("EnableSimulator", one("SimulatorInfo", map[string]any{
		"IP": []byte{127, 0, 0, 1}, "Port": int32(9001), "Handle": []byte{0, 3, 0xE9, 0, 0, 3, 0xE9, 0},
	}))
	w.queues("EstablishAgentCommunication", map[string]any{
		"agent-id": a.ID, "sim-ip-and-port": eastAddr.String(), "seed-capability": seedURL,
	})
	w.elapse(soon)
}

func (w *world) crossedRegion(a *Agent) {
	w.Helper()
	body := one("RegionData", eastFields())
	body["AgentData"] = []any{map[string]any{"AgentID": a.ID, "SessionID": a.session}}
	body["Info"] = []any{map[string]any{"Position": []any{0.2, 89.0, 4.8}, "LookAt": []any{0.0, 0.0, 0.0}}}
	w.queues("CrossedRegion", body)
	w.elapse(soon)
}

// told checks what a simulator has heard since it was asked last.
func (w *world) told(s *simulator, want ...string) {
	w.Helper()
	w.elapse(soon)
	err := s.loop.Call(context.Background(), func(circuit.Instant) {
		if diff := cmp.Diff(want, s.heard); diff != "" {
			w.Errorf("%s heard (-want +got):\n%s", s.name, diff)
		}
		s.heard = nil
	})
	if err != nil {
		w.Error(err)
	}
}

// updated counts the AgentUpdates that a simulator gets in a second.
func (w *world) updated(s *simulator) (n int) {
	w.Helper()
	reset := func(circuit.Instant) { n, s.updates = len(s.updates), nil }
	s.loop.Call(context.Background(), reset)
	w.elapse(time.Second)
	s.loop.Call(context.Background(), reset)
	return n
}

// settle lets what belongs to a login end, and forgets it.
func (w *world) settle() {
	w.elapse(soon)
	w.heard()
}

// from is the endpoint from which an agent speaks to a simulator.
func (w *world) from(s *simulator, a *Agent) (at netip.AddrPort) {
	s.loop.Call(context.Background(), func(circuit.Instant) { at = s.visitors[a.ID].Peer() })
	return at
}

func (w *world) region(a *Agent) string {
	w.Helper()
	s, err := a.State(w.Context())
	if err != nil {
		w.Error(err)
	}
	return s.Region.Name
}

func TestTeleportGoesToWhereTheGridSays(t *testing.T) {
	inWorld(t, func(w *world) {
		east := w.addEast()
		a := w.enter("Ann")
		w.settle()
		var went RegionChanged
		Subscribe(a, func(e RegionChanged) { went = e })
		alerts := 0
		a.OnMessage(message.IDAlertMessage, func(MessageReceived) { alerts++ })
		w.answers(message.IDTeleportLocationRequest, func(*simulator, *circuit.Event) { go w.teleportFinish(a) })
		if err := a.TeleportTo(w.Context(), eastHandle, message.Vector3{X: 1, Y: 2, Z: 30}); err != nil {
			t.Fatal(err)
		}
		w.hears("TeleportLocationRequest")
		w.told(east, "UseCircuitCode", "CompleteAgentMovement", "AgentThrottle", "AgentHeightWidth", "RegionHandshakeReply")
		w.measures([]string{OpTeleport}, "teleport")
		if w.from(w.sim, a) != w.from(east, a) {
			t.Errorf("the agent speaks to its regions from %v and %v: want one endpoint", w.from(w.sim, a), w.from(east, a))
		}
		want := RegionChanged{At: went.At, From: RegionInfo{"Testing", regionID, 256000, 256256, 256, 256}, To: RegionInfo{"East", regionID, 256256, 256256, 256, 512}}
		if went != want || went.At == 0 {
			t.Errorf("event %+v, want %+v", went, want)
		}
		if got := w.updated(east); got == 0 {
			t.Error("no AgentUpdate went to the region that the agent stands in")
		}
		if got := w.updated(w.sim); got != 0 {
			t.Errorf("%d AgentUpdates went to the region that the agent left", got)
		}
		alert := &message.AlertMessage{}
		w.tells(a, alert) // by the region that it left
		w.elapse(soon)
		before := alerts
		east.tells(a, alert)
		w.elapse(soon)
		if before != 0 || alerts != 1 {
			t.Errorf("OnMessage heard %d alerts of the old region and %d of the new, want 0 and 1", before, alerts-before)
		}
		w.says(a, disable)
		w.elapse(soon)
		if near, err := a.Neighbours(w.Context()); err != nil || len(near) != 0 {
			t.Errorf("after the old region's goodbye the agent has neighbours %v, %v", near, err)
		}
		if err := a.Logout(w.Context()); err != nil {
			t.Error(err)
		}
	})
}

// tells sends a message to an agent by itself.
func (s *simulator) tells(a *Agent, m message.Message) {
	s.loop.Call(context.Background(), func(now circuit.Instant) { s.send(s.visitors[a.ID], now, m, "") })
}

func TestTeleportEndsAsTheSimulatorSays(t *testing.T) {
	failed := func(a *Agent) answer {
		m := &message.TeleportFailed{}
		m.Info.AgentID, m.Info.Reason = a.ID, message.Text("no\nsuch place")
		return say(m)
	}
	local := func(a *Agent) answer {
		m := &message.TeleportLocal{}
		m.Info.AgentID, m.Info.Position = a.ID, message.Vector3{X: 7, Y: 8, Z: 9}
		return say(m)
	}
	stranger := func(*Agent) answer { return failed(&Agent{ID: uuid.New()}) }
	for _, tt := range []struct {
		name     string
		answer   func(a *Agent) answer
		measured string
		err      error
		heard    []string
	}{
		{"failed", failed, "teleport refused", &TeleportError{"no such place"}, []string{"TeleportLocationRequest"}},
		{"local", local, "teleport", nil, []string{"TeleportLocationRequest"}},
		{"another agent's", stranger, "teleport timeout", context.DeadlineExceeded, []string{"TeleportLocationRequest", "TeleportCancel"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				a := w.enter("Ann")
				w.settle()
				w.answers(message.IDTeleportLocationRequest, tt.answer(a))
				ctx, cancel := context.WithTimeout(w.Context(), 5*time.Second)
				defer cancel()
				err := a.TeleportTo(ctx, 0, message.Vector3{X: 7, Y: 8, Z: 9})
				var refused *TeleportError
				switch {
				case errors.As(err, &refused):
					if diff := cmp.Diff(tt.err, error(refused)); diff != "" {
						t.Error(diff)
					}
				case !errors.Is(err, tt.err):
					t.Errorf("error %v, want %v", err, tt.err)
				}
				w.hears(tt.heard...)
				w.measures([]string{OpTeleport}, tt.measured)
				if s, err := a.State(w.Context()); err != nil || tt.err == nil && s.Position.X != 7 {
					t.Errorf("the agent stands at %v, %v", s.Position, err)
				}
			})
		})
	}
}

func TestTeleportWithoutAQueueSaysSo(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		w.settle()
		if err := a.TeleportTo(w.Context(), eastHandle, message.Vector3{}); !errors.Is(err, errQueueless) {
			t.Errorf("error %v", err)
		}
		w.hears()
		w.measures([]string{OpTeleport}, "teleport no_event_queue")
	})
}

func TestOnlyOneTeleportAtATime(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann")
		ctx, cancel := context.WithTimeout(w.Context(), 5*time.Second)
		defer cancel()
		first := make(chan error, 1)
		go func() { first <- a.TeleportTo(ctx, 0, message.Vector3{}) }()
		w.elapse(soon)
		if err := a.TeleportHome(ctx); !errors.Is(err, errTravelling) {
			t.Errorf("a second teleport gave %v", err)
		}
		if err := <-first; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the first gave %v", err)
		}
		w.measures([]string{OpTeleport}, "teleport travelling", "teleport timeout")
	})
}

// A region that takes nobody in leaves the agent where it was.
func TestTeleportThatStrands(t *testing.T) {
	for _, goodbye := range []bool{false, true} {
		t.Run(fmt.Sprintf("goodbye %t", goodbye), func(t *testing.T) {
			inWorld(t, func(w *world) {
				east := w.addEast()
				east.script[message.IDCompleteAgentMovement] = nil
				a := w.enter("Ann", func(o *Options) { o.EnterTimeout = 40 * time.Second })
				w.answers(message.IDTeleportLocationRequest, func(*simulator, *circuit.Event) { go w.teleportFinish(a) })
				ended := make(chan error, 1)
				start, patience := time.Now(), 40*time.Second
				go func() { ended <- a.TeleportTo(w.Context(), eastHandle, message.Vector3{}) }()
				w.elapse(time.Second)
				if goodbye {
					w.says(a, disable) // the region that it leaves is the quicker one
					w.elapse(time.Second)
					patience = time.Second + orphanPatience
				}
				if err := <-ended; !errors.Is(err, context.DeadlineExceeded) && a.Err() == nil {
					t.Errorf("error %v", err)
				}
				if took := time.Since(start); took < patience || took > patience+soon {
					t.Errorf("the agent waited for %v, want %v", took, patience)
				}
				w.elapse(soon)
				w.measures([]string{OpTeleport}, "teleport timeout")
				if n := w.home.counted(countLost); n != 0 {
					t.Errorf("%d AgentUpdates were meant for a region that has gone", n)
				}
				select {
				case <-a.Done():
					if !goodbye {
						t.Errorf("the agent is lost: %v", a.Err())
					}
				default:
					if goodbye {
						t.Error("the agent is in world, and in no region")
					} else if got := w.region(a); got != "Testing" {
						t.Errorf("the agent stands in %s", got)
					}
				}
			})
		})
	}
}

// An agent between two regions, the old one gone, that is sent to a third has
// nowhere to stand: it is lost, and goes nowhere.
func TestAnAgentThatIsNowhereIsNotSentOn(t *testing.T) {
	inWorld(t, func(w *world) {
		east := w.addEast()
		east.script[message.IDCompleteAgentMovement] = nil
		a := w.enter("Ann")
		w.teleportFinish(a)
		w.elapse(soon)
		w.says(a, disable)
		w.elapse(soon)
		w.home.see(func() {
			third := destination{simulator: netip.MustParseAddrPort("127.0.0.1:9002"), handle: eastHandle}
			a.setOff(w.home.Now(), third, &way{sent: w.home.Now()})
			for _, r := range a.regions() {
				if !r.circuit.Closed() {
					t.Errorf("a lost agent has a circuit to %v", r.circuit.Peer())
				}
			}
		})
		if !errors.Is(a.Err(), errSuperseded) {
			t.Errorf("the agent's end: %v", a.Err())
		}
	})
}

func TestTheOldRegionsGoodbyeComesFirst(t *testing.T) {
	inWorld(t, func(w *world) {
		east := w.addEast()
		east.script[message.IDCompleteAgentMovement] = []answer{delayed(2*time.Second, all(moved, handshake))}
		a := w.enter("Ann")
		w.answers(message.IDTeleportLocationRequest, func(*simulator, *circuit.Event) { go w.teleportFinish(a) })
		ended := make(chan error, 1)
		go func() { ended <- a.TeleportTo(w.Context(), eastHandle, message.Vector3{}) }()
		w.elapse(time.Second)
		w.says(a, disable)
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if got := w.region(a); got != "East" {
			t.Errorf("the agent stands in %s", got)
		}
	})
}

func TestTheAgentsEndpointIsTakenWhereItGoes(t *testing.T) {
	inWorld(t, func(w *world) {
		east := w.addEast()
		a := w.enter("Ann")
		end := w.from(w.sim, a)
		// Somebody else of the same loop has Ann's endpoint at the other simulator.
		w.home.see(func() {
			_, err := w.home.Open(circuit.CircuitConfig{Peer: eastAddr, Endpoint: a.root.circuit.Endpoint(), HasEndpoint: true})
			if err != nil {
				t.Error(err)
			}
		})
		w.answers(message.IDTeleportLocationRequest, func(*simulator, *circuit.Event) { go w.teleportFinish(a) })
		if err := a.TeleportTo(w.Context(), eastHandle, message.Vector3{}); err != nil {
			t.Fatal(err)
		}
		if got := w.from(east, a); got == end {
			t.Errorf("two agents speak to a simulator from %v", got)
		}
	})
}
