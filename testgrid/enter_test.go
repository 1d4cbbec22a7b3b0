package testgrid

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/slload/slload/message"
)

// The order is a real simulator's, as a capture shows it, without what this grid
// leaves out: terrain, parcels, wearables.
func TestEnteringARegion(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		v := w.viewer(w.login("Ann", at(100, 110, 30)))

		v.sendReliable(v.useCircuitCode())
		ack := expect[*message.PacketAck](v)
		if diff := cmp.Diff([]message.PacketAckPackets{{ID: 1}}, ack.Packets); diff != "" {
			t.Errorf("ack of UseCircuitCode (-want +got):\n%s", diff)
		}
		if got := names(v.listen()); got != nil {
			t.Errorf("a login circuit hears %v before CompleteAgentMovement", got)
		}

		v.sendReliable(v.completeMovement())
		w.pass(100 * time.Millisecond)
		arrival := v.listen()
		want := []string{
			"RegionHandshake", "AgentMovementComplete", "AgentDataUpdate", "ParcelOverlay", "ParcelOverlay", "ParcelOverlay", "ParcelOverlay",
			"ObjectUpdate", "AvatarAppearance", "AvatarAnimation",
		}
		if diff := cmp.Diff(want, names(arrival)[:len(want)]); diff != "" {
			t.Errorf("arrival (-want +got):\n%s", diff)
		}
		complete := of[*message.AgentMovementComplete](arrival)[0]
		check(t, complete.AgentData.AgentID == v.Agent && complete.AgentData.SessionID == v.Session, "AgentMovementComplete is of %v", complete.AgentData)
		check(t, complete.Data.Position.X == 100 && complete.Data.Position.Y == 110, "it puts the avatar at %v", complete.Data.Position)
		check(t, complete.Data.RegionHandle == 256000<<32|256000, "its region handle is %x", complete.Data.RegionHandle)
		handshake := of[*message.RegionHandshake](arrival)[0]
		check(t, message.String(handshake.RegionInfo.SimName) == "Region 1", "RegionHandshake is of %q", handshake.RegionInfo.SimName)
		check(t, handshake.RegionInfo2.RegionID != uuid.Nil, "the region has no id")
		self := of[*message.ObjectUpdate](arrival)[0].ObjectData
		check(t, len(self) == 1 && self[0].FullID == v.Agent && self[0].PCode == avatarCode, "the first object is %v, not the own avatar", self)
	})
}

func TestSceneWaitsForHandshakeReplyAndSeed(t *testing.T) {
	steps := map[string]func(w *world, v *viewer){
		"reply": func(_ *world, v *viewer) { v.sendReliable(v.handshakeReply()) },
		"seed":  func(w *world, v *viewer) { w.seed(v.loggedIn, "EventQueueGet") },
	}
	for _, order := range [][2]string{{"reply", "seed"}, {"seed", "reply"}} {
		t.Run(order[0]+" first", func(t *testing.T) {
			inWorld(t, Config{}, func(w *world) {
				other := w.enter("Ann", at(100, 100, 0))
				v := w.viewer(w.login("Bob", at(101, 100, 0)))
				v.arrive()
				steps[order[0]](w, v)
				w.pass(3 * time.Second)
				for _, m := range of[*message.ObjectUpdate](v.listen()) {
					for _, o := range m.ObjectData {
						check(t, o.FullID == v.Agent, "%s alone brought object %v", order[0], o.FullID)
					}
				}
				steps[order[1]](w, v)
				w.pass(time.Second)
				prims, avatars := scene(v.listen())
				check(t, prims == furnitureCount, "%d prims came", prims)
				check(t, avatars[other.Agent], "the other avatar did not come")
			})
		})
	}
}

// scene counts the prims and gives the avatars of ObjectUpdates, in full and
// compressed.
func scene(all []message.Message) (prims int, avatars map[uuid.UUID]bool) {
	avatars = map[uuid.UUID]bool{}
	for _, m := range of[*message.ObjectUpdate](all) {
		for _, o := range m.ObjectData {
			if o.PCode == primCode {
				prims++
			} else {
				avatars[o.FullID] = true
			}
		}
	}
	for _, m := range of[*message.ObjectUpdateCompressed](all) {
		prims += len(m.ObjectData)
	}
	return prims, avatars
}

func TestWrongCircuitCodeGetsAnAckAndSilence(t *testing.T) {
	for name, spoil := range map[string]func(v *viewer){
		"code":    func(v *viewer) { v.Code++ },
		"session": func(v *viewer) { v.Session[0]++ },
		"agent":   func(v *viewer) { v.Agent[0]++ },
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, Config{}, func(w *world) {
				v := w.viewer(w.login("Ann", "last"))
				spoil(v)
				for range 2 {
					v.sendReliable(v.useCircuitCode())
					v.sendReliable(v.completeMovement())
					w.pass(10 * time.Second)
					v.read(0)
					if diff := cmp.Diff([]string{"PacketAck"}, allNames(v.heard)); diff != "" {
						t.Errorf("heard (-want +got):\n%s", diff)
					}
					v.heard, v.flags = nil, nil
				}
				check(t, w.stats(0).Unauthorised == 2, "%d circuits counted as unauthorised", w.stats(0).Unauthorised)
			})
		})
	}
}

func allNames(all []message.Message) []string {
	var list []string
	for _, m := range all {
		list = append(list, m.ID().String())
	}
	return list
}
