package agent

import (
	"context"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/eq"
	"github.com/slload/slload/message"
)

// lookedAt is a simulator that lets agents look in: it shakes hands at once,
// and lets them in when they come.
func (s *simulator) lookedAt() {
	s.script[message.IDUseCircuitCode] = []answer{handshake}
	s.script[message.IDCompleteAgentMovement] = []answer{moved}
}

func withNeighbours(o *Options) { o.Neighbours = true }

func TestNeighboursAreLookedAtNotEntered(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Options)
		heard  []string
		seeds  int
	}{
		{"with their queues", withNeighbours, []string{"UseCircuitCode", "RegionHandshakeReply", "AgentThrottle"}, 2},
		{"circuits only", func(o *Options) { o.Neighbours, o.NoNeighbourQueues = true, true },
			[]string{"UseCircuitCode", "RegionHandshakeReply", "AgentThrottle"}, 1},
		{"not at all", func(*Options) {}, nil, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				east := w.addEast()
				east.lookedAt()
				a := w.enter("Ann", tt.change)
				var seen []string
				Subscribe(a, func(e NeighbourConnected) { seen = append(seen, e.Region.Name) })
				w.enableEast(a)
				w.told(east, tt.heard...)
				if got := len(slices.DeleteFunc(w.grid.got(), func(s string) bool { return s != "seed 200" })); got != tt.seeds {
					t.Errorf("%d seeds were asked, want %d", got, tt.seeds)
				}
				if got := w.updated(east); got != 0 {
					t.Errorf("%d AgentUpdates went to a neighbour", got)
				}
				if want := len(tt.heard) > 0; want != slices.Equal(seen, []string{"East"}) {
					t.Errorf("neighbours seen: %v", seen)
				}
				if got := w.region(a); got != "Testing" {
					t.Errorf("the agent stands in %s", got)
				}
				if err := a.Logout(w.Context()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestCrossingGoesOnByTheNeighboursCircuit(t *testing.T) {
	inWorld(t, func(w *world) {
		east := w.addEast()
		east.lookedAt()
		a := w.enter("Ann", withNeighbours)
		w.enableEast(a)
		w.told(east, "UseCircuitCode", "RegionHandshakeReply", "AgentThrottle")
		before := w.from(east, a)
		if r, ok, err := a.NeighbourAt(w.Context(), East); !ok || err != nil || r.Name != "East" {
			t.Errorf("beyond the eastern border lies %+v, %t, %v", r, ok, err)
		}
		if _, ok, _ := a.NeighbourAt(w.Context(), North); ok {
			t.Error("beyond the northern border lies a region")
		}
		crossed := make(chan RegionInfo, 1)
		go func() {
			r, err := a.Cross(w.Context(), East)
			if err != nil {
				t.Error(err)
			}
			crossed <- r
		}()
		w.elapse(soon)
		w.crossedRegion(a)
		if r := <-crossed; r.Name != "East" {
			t.Errorf("the agent came to %+v", r)
		}
		w.told(east, "CompleteAgentMovement", "AgentThrottle", "AgentHeightWidth")
		if got := w.from(east, a); got != before {
			t.Errorf("the agent spoke from %v and then from %v", before, got)
		}
		w.measures([]string{OpCrossing}, "crossing")
		// One goes back as one came: the old region's circuit stands.
		if near, _ := a.Neighbours(w.Context()); len(near) != 1 || near[0].Name != "Testing" {
			t.Errorf("neighbours %v", near)
		}
	})
}

func TestANeighbourThatGoesAwayIsForgotten(t *testing.T) {
	inWorld(t, func(w *world) {
		east := w.addEast()
		east.lookedAt()
		a := w.enter("Ann", withNeighbours)
		w.enableEast(a)
		lost := 0
		Subscribe(a, func(NeighbourLost) { lost++ })
		east.tells(a, &message.DisableSimulator{})
		w.elapse(soon)
		if near, err := a.Neighbours(w.Context()); lost != 1 || len(near) != 0 || err != nil {
			t.Errorf("%d neighbours lost, %v left, %v", lost, near, err)
		}
		east.loop.Call(w.Context(), func(now circuit.Instant) { east.visitors[a.ID].Close(now, nil) })
		w.enableEast(a) // it is found again
		if near, _ := a.Neighbours(w.Context()); len(near) != 1 {
			t.Errorf("neighbours %v", near)
		}
	})
}

// forgets has the simulator forget an agent without a word.
func (s *simulator) forgets(a *Agent) {
	err := s.loop.Call(context.Background(), func(now circuit.Instant) {
		s.visitors[a.ID].Close(now, nil)
		delete(s.visitors, a.ID)
	})
	if err != nil {
		s.t.Error(err)
	}
}

// retellEast is enableEast by the event queue of the region that the agent
// stands in alone: in this world all regions' queues are one.
func (w *world) retellEast(a *Agent) {
	w.home.see(func() {
		for _, e := range []eq.Event{
			{Name: "EnableSimulator", Body: one("SimulatorInfo", map[string]any{
				"IP": []byte{127, 0, 0, 1}, "Port": int32(9001), "Handle": []byte{0, 3, 0xE9, 0, 0, 3, 0xE9, 0},
			})},
			{Name: "EstablishAgentCommunication", Body: map[string]any{
				"agent-id": a.ID, "sim-ip-and-port": eastAddr.String(), "seed-capability": seedURL,
			}},
		} {
			a.queueEvent(w.home.Now(), &e)
		}
	})
}

// A neighbour that was restarted is there again as soon as that is sure, not
// when its old circuit has timed out.
func TestANeighbourThatHasForgottenTheAgent(t *testing.T) {
	for _, tt := range []struct {
		name   string
		silent time.Duration // before the grid tells of it again
		takes  time.Duration // at most, after that
	}{
		{"long ago", 20 * time.Second, soon},
		{"a moment ago", soon, deadAfter + 2*time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				east := w.addEast()
				east.lookedAt()
				a := w.enter("Ann", withNeighbours)
				w.enableEast(a)
				w.told(east, "UseCircuitCode", "RegionHandshakeReply", "AgentThrottle")
				before := w.from(east, a)
				var events []string
				Subscribe(a, func(NeighbourConnected) { events = append(events, "connected") })
				Subscribe(a, func(NeighbourLost) { events = append(events, "lost") })
				east.forgets(a)
				w.elapse(tt.silent)
				seeds := len(w.grid.got())
				w.retellEast(a)
				w.elapse(tt.takes)
				w.told(east, "UseCircuitCode", "RegionHandshakeReply", "AgentThrottle")
				if !slices.Equal(events, []string{"lost", "connected"}) {
					t.Errorf("told %q", events)
				}
				if again := w.from(east, a); again != before {
					t.Errorf("the agent spoke from %v and then from %v", before, again)
				}
				if n := len(slices.DeleteFunc(w.grid.got()[seeds:], func(s string) bool { return s != "seed 200" })); n != 1 {
					t.Errorf("the new seed was asked %d times", n)
				}
				w.elapse(2 * time.Minute) // nothing of the old circuit is left
				if near, _ := a.Neighbours(w.Context()); len(near) != 1 || len(events) != 2 {
					t.Errorf("neighbours %v after %q", near, events)
				}
			})
		})
	}
}

// Of one that lives it makes no difference, whatever becomes of the agent.
func TestANeighbourThatIsToldOfTwice(t *testing.T) {
	for _, crosses := range []bool{false, true} {
		inWorld(t, func(w *world) {
			east := w.addEast()
			east.lookedAt()
			a := w.enter("Ann", withNeighbours)
			w.enableEast(a)
			w.told(east, "UseCircuitCode", "RegionHandshakeReply", "AgentThrottle")
			lost := 0
			Subscribe(a, func(NeighbourLost) { lost++ })
			w.elapse(20 * time.Second) // of pings alone
			w.retellEast(a)
			if crosses {
				w.crossedRegion(a)
				w.told(east, "CompleteAgentMovement", "AgentThrottle", "AgentHeightWidth")
			}
			w.elapse(2 * time.Minute)
			w.told(east)
			if near, _ := a.Neighbours(w.Context()); lost != 0 || len(near) != 1 {
				t.Errorf("%d neighbours lost, %v are there", lost, near)
			}
			w.home.see(func() {
				for _, r := range a.regions() {
					if r.doubt != nil {
						t.Errorf("%s is still doubted", r.info.Name)
					}
				}
			})
		})
	}
}

func TestMessagesOfNeighboursAreHeardAround(t *testing.T) {
	inWorld(t, func(w *world) {
		east := w.addEast()
		east.lookedAt()
		a := w.enter("Ann", withNeighbours)
		var here, around []uint64
		a.OnMessage(message.IDAlertMessage, func(e MessageReceived) { here = append(here, e.Region) })
		cancel := a.OnMessageAround(message.IDAlertMessage, func(e MessageReceived) { around = append(around, e.Region) })
		w.enableEast(a)
		east.tells(a, &message.AlertMessage{})
		w.elapse(soon)
		w.tells(a, &message.AlertMessage{})
		w.elapse(soon)
		const home = 256000<<32 | 256256
		if !slices.Equal(here, []uint64{home}) || !slices.Equal(around, []uint64{eastHandle, home}) {
			t.Errorf("heard from %x here and %x around", here, around)
		}
		cancel()
		w.elapse(soon)
		east.tells(a, &message.AlertMessage{})
		w.elapse(soon)
		if len(around) != 2 {
			t.Error("a cancelled subscription heard a neighbour")
		}
	})
}

// A crossing that nobody asked for, to a region that was never seen.
func TestCrossingIntoTheUnknown(t *testing.T) {
	inWorld(t, func(w *world) {
		east := w.addEast()
		a := w.enter("Ann")
		w.crossedRegion(a)
		w.told(east, "UseCircuitCode", "CompleteAgentMovement", "AgentThrottle", "AgentHeightWidth", "RegionHandshakeReply")
		w.measures([]string{OpCrossing}, "crossing")
		if got := w.region(a); got != "East" {
			t.Errorf("the agent stands in %s", got)
		}
	})
}

func TestNeighboursOfAHostileGridAreBounded(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withNeighbours)
		w.home.see(func() {
			for i := range 2 * maxNear {
				at := destinationAt(eastAddr.Port() + uint16(i))
				a.enable(circuit.Now(), destination{simulator: at})
			}
			if got := len(a.travels.near); got != maxNear {
				t.Errorf("%d neighbours", got)
			}
		})
		if got := w.home.counts[countUnmet]; got != maxNear {
			t.Errorf("%d were counted as unmet", got)
		}
	})
}

// An event that can't be read must not be lost without a word.
func TestEventsThatCantBeReadAreCounted(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withNeighbours)
		for i, tt := range []struct {
			name string
			body map[string]any
		}{
			{"TeleportFinish", map[string]any{"Info": []any{map[string]any{"AgentID": "nobody"}}}},
			{"CrossedRegion", map[string]any{"RegionData": "none"}},
			{"EnableSimulator", map[string]any{"SimulatorInfo": []any{int32(1)}}},
			{"EstablishAgentCommunication", map[string]any{"sim-ip-and-port": "nowhere"}},
		} {
			w.queues(tt.name, tt.body)
			w.elapse(soon)
			if got := w.home.counts[countUnread]; got != i+1 {
				t.Errorf("%d counted after %s, want %d", got, tt.name, i+1)
			}
		}
		// One that nobody wants costs nothing, and counts for nothing.
		w.queues("ParcelProperties", map[string]any{"ParcelData": "none"})
		w.elapse(soon)
		if got := w.home.counts[countUnread]; got != 4 {
			t.Errorf("%d counted, want 4", got)
		}
		if got := w.region(a); got != "Testing" {
			t.Errorf("the agent stands in %s", got)
		}
	})
}

func destinationAt(port uint16) netip.AddrPort { return netip.AddrPortFrom(eastAddr.Addr(), port) }

func TestAvatarsOfALostNeighbourAreOutOfSight(t *testing.T) {
	inWorld(t, func(w *world) {
		east := w.addEast()
		east.lookedAt()
		a := w.enter("Ann", withNeighbours)
		w.enableEast(a)
		var told []string
		Subscribe(a, func(e AvatarArrived) { told = append(told, "arrived in "+e.Region.Name) })
		Subscribe(a, func(e AvatarLeft) { told = append(told, "left "+e.Region.Name) })
		east.tells(a, &message.ObjectUpdate{ObjectData: []message.ObjectUpdateObjectData{{ID: 3, PCode: pcodeAvatar, FullID: agentIDOf("Bob")}}})
		w.elapse(soon)
		east.tells(a, &message.DisableSimulator{})
		w.elapse(soon)
		if !slices.Equal(told, []string{"arrived in East", "left East"}) {
			t.Errorf("told %q", told)
		}
	})
}
