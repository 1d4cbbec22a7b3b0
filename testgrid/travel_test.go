package testgrid

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/llsd"
	"github.com/slload/slload/message"
)

// four regions lie in a square: 1 and 2 south, 3 and 4 north of them.
var four = Config{Regions: 4}

// told takes what the event queue of an agent in a region (1 is the first)
// holds.
func (w *world) told(v *viewer, n int) (list []map[string]any) {
	w.t.Helper()
	s := w.session(v, n)
	if s == nil {
		w.t.Fatalf("the agent is unknown in region %d", n)
	}
	events, _, _ := s.events.take()
	for _, e := range events {
		list = append(list, e.(map[string]any))
	}
	return list
}

func (w *world) session(v *viewer, n int) *session {
	if s := w.grid.directory.byAgent(v.Agent); s != nil {
		return w.grid.directory.sessionIn(s, w.grid.regions[n-1])
	}
	return nil
}

// event waits for an event of that name and gives its body.
func (w *world) event(v *viewer, n int, name string) map[string]any {
	w.t.Helper()
	for range 50 {
		for _, e := range w.told(v, n) {
			if e["message"] == name {
				return e["body"].(map[string]any)
			}
		}
		w.pass(100 * time.Millisecond)
	}
	w.t.Fatalf("no %s came", name)
	return nil
}

// looksInto opens a circuit to a neighbour, which makes a viewer of its own.
func (v *viewer) looksInto(n int) *viewer {
	v.w.t.Helper()
	child := v.w.viewer(v.loggedIn)
	child.sim = udp.AddrFrom(v.w.grid.regions[n-1].addr)
	child.sendReliable(child.useCircuitCode())
	shaken := expect[*message.RegionHandshake](child)
	check(v.w.t, message.String(shaken.RegionInfo.SimName) == v.w.grid.regions[n-1].name, "looked into %q", shaken.RegionInfo.SimName)
	child.sendReliable(child.handshakeReply())
	v.w.session(v, n).seeded.Store(true)
	return child
}

func (v *viewer) teleportsTo(n int, x, y float32) message.Message {
	m := &message.TeleportLocationRequest{}
	m.AgentData.AgentID, m.AgentData.SessionID = v.Agent, v.Session
	m.Info.RegionHandle, m.Info.Position = v.w.grid.regions[n-1].handle(), message.Vector3{X: x, Y: y, Z: 30}
	return m
}

func TestNeighboursAreTold(t *testing.T) {
	inWorld(t, four, func(w *world) {
		ann := w.enter("Ann", at(250, 100, 0))
		var got []string
		for _, e := range w.told(ann, 1) {
			got = append(got, e["message"].(string))
		}
		const enable, establish = "EnableSimulator", "EstablishAgentCommunication"
		want := []string{"AgentGroupDataUpdate", "ParcelProperties", enable, establish, enable, establish, enable, establish}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		east := ann.looksInto(2)
		check(t, w.stats(1).Avatars == 0, "who looks in has an avatar")
		east.sendReliable(east.completeMovement())
		w.pass(2 * time.Second)
		told := east.listen()
		all := names(told)
		check(t, !slices.Contains(all, "AgentMovementComplete"), "who looks in was moved in: %v", all)
		prims, _ := scene(told)
		check(t, prims == furnitureCount, "who looks in sees %d prims: %v", prims, all)
	})
}

func TestAClientWithoutASeedIsToldNothing(t *testing.T) {
	inWorld(t, four, func(w *world) {
		ann := w.viewer(w.login("Ann", at(100, 100, 0)))
		ann.arrive()
		w.pass(3 * time.Second)
		check(t, w.session(ann, 2) == nil, "a client that can't hear of it is known beyond the border")
	})
}

func TestOneSeesAcrossABorder(t *testing.T) {
	inWorld(t, four, func(w *world) {
		ann := w.enter("Ann", at(250, 100, 0))
		east := ann.looksInto(2)
		bob := w.enter("Bob", inRegion(2, 10, 100, 0))
		seen := func() (ids []uuid.UUID) {
			for _, m := range of[*message.ObjectUpdate](east.listen()) {
				for _, o := range m.ObjectData {
					ids = append(ids, o.FullID)
				}
			}
			return ids
		}
		w.pass(2 * time.Second)
		if got := seen(); !slices.Contains(got, bob.Agent) || slices.Contains(got, ann.Agent) {
			t.Errorf("saw %v, want %v among them and not %v", got, bob.Agent, ann.Agent)
		}
		bob.sendReliable(bob.logsOut())
		w.pass(time.Second)
		check(t, len(of[*message.KillObject](east.listen())) == 1, "nobody saw him go")
	})
}

// Who looks in reads the log of what happens to objects, too: what it hasn't
// read yet isn't thrown away.
func TestWhoLooksInMissesNoObject(t *testing.T) {
	inWorld(t, four, func(w *world) {
		ann := w.enter("Ann", at(250, 100, 0))
		east := ann.looksInto(2)
		w.pass(2 * time.Second)
		east.forget()
		last := &prim{pcode: primCode, scale: furnitureSize, shape: boxShape, texture: plywoodTextures}
		w.on(1, func(r *region) {
			for range 3 * logKept {
				r.looks(r.prims.list[0])
			}
			r.addPrim(last)
		})
		w.pass(2 * time.Second)
		seen := false
		for _, m := range of[*message.ObjectUpdate](east.listen()) {
			seen = seen || slices.ContainsFunc(m.ObjectData, func(d message.ObjectUpdateObjectData) bool { return d.FullID == last.id })
		}
		check(t, seen, "the newest object isn't seen across the border")
		w.on(1, func(r *region) {
			r.forgetRead()
			check(t, len(r.prims.log) == 0, "%d entries that all have read are kept", len(r.prims.log))
		})
	})
}

func TestCrossing(t *testing.T) {
	for _, tt := range []struct {
		name     string
		from, to int
		x, y     float64
		yaw      float64
		in       message.Vector3
	}{
		{"east", 1, 2, 254, 100, 0, message.Vector3{X: 0, Y: 100}},
		{"north", 1, 3, 100, 254, math.Pi / 2, message.Vector3{X: 100, Y: 0}},
		{"west", 4, 3, 2, 100, math.Pi, message.Vector3{X: 256, Y: 100}},
		{"south", 4, 2, 100, 2, -math.Pi / 2, message.Vector3{X: 100, Y: 256}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, four, func(w *world) {
				ann := w.enter("Ann", inRegion(tt.from, tt.x, tt.y, 0))
				bob := w.enter("Bob", inRegion(tt.from, tt.x, tt.y, 0))
				w.told(ann, tt.from)
				next := ann.looksInto(tt.to)
				next.forget()
				walk := ann.updates(controlForward).(*message.AgentUpdate)
				walk.AgentData.BodyRotation = message.NewQuaternion(0, 0, float32(math.Sin(tt.yaw/2)), float32(math.Cos(tt.yaw/2)))
				ann.send(walk)
				body := w.event(ann, tt.from, "CrossedRegion")
				region := body["RegionData"].([]any)[0].(map[string]any)
				check(t, region["RegionHandle"] == w.grid.regions[tt.to-1].handle(), "sent to %v", region)
				check(t, region["SeedCapability"] == w.grid.seedURL(w.session(ann, tt.to)), "with the seed %v", region)
				w.pass(time.Second)
				check(t, len(of[*message.KillObject](bob.listen())) == 1, "who stays behind still sees the other")
				next.sendReliable(next.completeMovement())
				moved := expect[*message.AgentMovementComplete](next)
				check(t, math.Abs(float64(moved.Data.Position.X-tt.in.X)) < 2 && math.Abs(float64(moved.Data.Position.Y-tt.in.Y)) < 2,
					"arrived at %v, want about %v", moved.Data.Position, tt.in)
				w.pass(time.Second)
				check(t, w.stats(tt.from-1).Avatars == 1 && w.stats(tt.to-1).Avatars == 1, "avatars are elsewhere")
				check(t, w.grid.directory.byAgent(ann.Agent).entry.region == w.grid.regions[tt.to-1], "the directory has her elsewhere")
				bob.sendReliable(bob.writes(ann, "there?"))
				im := expect[*message.ImprovedInstantMessage](next)
				check(t, message.String(im.MessageBlock.Message) == "there?", "heard %q", im.MessageBlock.Message)
			})
		})
	}
}

// Nobody gets over a border beyond which nothing is, or nobody knows him.
func TestBordersThatHold(t *testing.T) {
	for _, tt := range []struct {
		name string
		x, y float64
		yaw  float64
		want message.Vector3
	}{
		{"unknown beyond", 254, 100, 0, message.Vector3{X: 255.5, Y: 100}},
		{"nothing beyond", 2, 100, math.Pi, message.Vector3{X: 0.5, Y: 100}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, four, func(w *world) {
				ann := w.enter("Ann", at(tt.x, tt.y, 0))
				walk := ann.updates(controlForward).(*message.AgentUpdate)
				walk.AgentData.BodyRotation = message.NewQuaternion(0, 0, float32(math.Sin(tt.yaw/2)), float32(math.Cos(tt.yaw/2)))
				ann.send(walk)
				w.pass(5 * time.Second)
				w.on(0, func(r *region) {
					got := r.anyone(ann.Agent).motion.pos
					check(t, math.Abs(float64(got.X-tt.want.X)) < 0.5 && got.Y == tt.want.Y, "stands at %v, want %v", got, tt.want)
				})
			})
		})
	}
}

func TestTeleport(t *testing.T) {
	inWorld(t, four, func(w *world) {
		ann := w.enter("Ann", at(100, 100, 0))
		w.told(ann, 1)
		ann.sendReliable(ann.teleportsTo(4, 30, 40))
		start := expect[*message.TeleportStart](ann)
		check(t, start.Info.TeleportFlags&viaLocation != 0, "flags %x", start.Info.TeleportFlags)
		info := w.event(ann, 1, "TeleportFinish")["Info"].([]any)[0].(map[string]any)
		to := w.grid.regions[3]
		check(t, info["RegionHandle"] == to.handle() && info["SimPort"] == int32(to.addr.Port()), "sent to %v", info)
		check(t, info["SeedCapability"] == w.grid.seedURL(w.session(ann, 4)), "with the seed %v", info)
		next := ann.looksInto(4)
		next.sendReliable(next.completeMovement())
		moved := expect[*message.AgentMovementComplete](next)
		check(t, moved.Data.RegionHandle == to.handle() && moved.Data.Position.X == 30 && moved.Data.Position.Y == 40, "arrived at %+v", moved.Data)
		w.pass(time.Second)
		check(t, w.stats(0).Avatars == 0 && w.stats(3).Avatars == 1, "avatars are elsewhere")
		check(t, w.clients(0) == 1, "the region that it left, which it sees from here, has forgotten the agent")
		next.sendReliable(next.logsOut())
		expect[*message.LogoutReply](next)
		expect[*message.DisableSimulator](ann)
		check(t, w.grid.directory.agents() == 0, "the agent is still logged in")
	})
}

func TestTeleportOutOfSight(t *testing.T) {
	inWorld(t, Config{Regions: 16}, func(w *world) {
		ann := w.enter("Ann", at(100, 100, 0))
		w.pass(time.Second)
		near := ann.looksInto(2)
		ann.sendReliable(ann.teleportsTo(16, 30, 40))
		w.event(ann, 1, "TeleportFinish")
		next := ann.looksInto(16)
		next.sendReliable(next.completeMovement())
		expect[*message.AgentMovementComplete](next)
		expect[*message.DisableSimulator](ann)
		expect[*message.DisableSimulator](near)
		w.pass(time.Second)
		check(t, w.clients(0) == 0 && w.clients(1) == 0, "regions out of sight still have the agent")
		check(t, w.session(ann, 1) == nil && w.session(ann, 2) == nil, "and its seeds there")
	})
}

func TestTeleportsThatFail(t *testing.T) {
	landmark := &message.TeleportLandmarkRequest{}
	landmark.Info.LandmarkID = uuid.New()
	for _, tt := range []struct {
		name    string
		request func(v *viewer) message.Message
		reason  string
	}{
		{"nowhere", func(v *viewer) message.Message {
			m := v.teleportsTo(1, 0, 0).(*message.TeleportLocationRequest)
			m.Info.RegionHandle = 5 << 40
			return m
		}, "The region you tried to teleport to was not found"},
		{"no landmark", func(v *viewer) message.Message {
			landmark.Info.AgentID, landmark.Info.SessionID = v.Agent, v.Session
			return landmark
		}, "Could not find the landmark asset data"},
		{"full", func(v *viewer) message.Message { return v.teleportsTo(2, 1, 1) }, "The region is full"},
		{"not a number", func(v *viewer) message.Message { return v.teleportsTo(2, float32(math.NaN()), 1) }, "Internal error"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, Config{Regions: 4, Capacity: 1}, func(w *world) {
				ann := w.enter("Ann", at(100, 100, 0))
				w.enter("Bob", inRegion(2, 100, 100, 0))
				ann.sendReliable(tt.request(ann))
				failed := expect[*message.TeleportFailed](ann)
				check(t, message.String(failed.Info.Reason) == tt.reason, "reason %q", failed.Info.Reason)
				check(t, w.stats(0).Avatars == 1, "the avatar is gone")
			})
		})
	}
}

func TestWhoDoesNotArriveComesBack(t *testing.T) {
	inWorld(t, four, func(w *world) {
		ann := w.enter("Ann", at(100, 100, 0))
		ann.sendReliable(ann.teleportsTo(2, 30, 40))
		w.pass(time.Second)
		check(t, w.stats(0).Avatars == 0, "the avatar is in two places")
		w.pass(arrivalTime)
		expect[*message.TeleportFailed](ann)
		check(t, w.stats(0).Avatars == 1, "the avatar is nowhere")
	})
}

// A login isn't taken for the arrival of the one before it.
func TestWhoLogsInWhereItWasExpected(t *testing.T) {
	inWorld(t, four, func(w *world) {
		ann := w.enter("Ann", at(100, 100, 0))
		ann.sendReliable(ann.teleportsTo(2, 30, 40))
		w.event(ann, 1, "TeleportFinish")
		ann.sendReliable(ann.logsOut())
		expect[*message.LogoutReply](ann)
		again := w.viewer(w.login("Ann", inRegion(2, 60, 70, 0)))
		again.sendReliable(again.useCircuitCode())
		again.sendReliable(again.completeMovement())
		expect[*message.RegionHandshake](again)
		moved := expect[*message.AgentMovementComplete](again)
		check(t, moved.Data.Position.X == 60, "arrived at %v", moved.Data.Position)
		w.pass(2 * arrivalTime)
		check(t, w.stats(1).Avatars == 1, "the avatar was taken back by the region of the login before")
	})
}

func TestTeleportInTheRegion(t *testing.T) {
	inWorld(t, four, func(w *world) {
		ann := w.enter("Ann", at(100, 100, 0))
		ann.sendReliable(ann.teleportsTo(1, 30, 40))
		local := expect[*message.TeleportLocal](ann)
		want := message.Vector3{X: 30, Y: 40, Z: 30}
		check(t, local.Info.AgentID == ann.Agent && local.Info.Position == want, "arrived at %+v", local.Info)
	})
}

func TestLures(t *testing.T) {
	inWorld(t, four, func(w *world) {
		ann, bob := w.enter("Ann", inRegion(4, 30, 40, 0)), w.enter("Bob", at(100, 100, 0))
		offer := &message.StartLure{TargetData: []message.StartLureTargetData{{TargetID: bob.Agent}}}
		offer.AgentData.AgentID, offer.AgentData.SessionID, offer.Info.Message = ann.Agent, ann.Session, message.Text("come")
		ann.sendReliable(offer)
		im := expect[*message.ImprovedInstantMessage](bob)
		b := &im.MessageBlock
		check(t, b.Dialog == dialogLure && message.String(b.Message) == "come" && im.AgentData.AgentID == ann.Agent, "offered %+v", im)
		handle, pos := placeOf(b.ID)
		check(t, handle == w.grid.regions[3].handle() && pos.X == 30 && pos.Y == 40, "to %x %v", handle, pos)
		accept := &message.TeleportLureRequest{}
		accept.Info.AgentID, accept.Info.SessionID, accept.Info.LureID = bob.Agent, bob.Session, b.ID
		bob.sendReliable(accept)
		w.event(bob, 1, "TeleportFinish")
		check(t, w.session(bob, 4).entry.region.name == "Region 4", "sent elsewhere")
	})
}

func TestLandmarksAndHome(t *testing.T) {
	inWorld(t, four, func(w *world) {
		ann := w.enter("Ann", at(100, 100, 0))
		text := fmt.Sprintf("Landmark version 2\nregion_id %s\nlocal_pos 11 12 40\nregion_handle 1\n\x00", w.grid.regions[0].id)
		asset, err := w.grid.assets.put(newLandmark(text))
		if err != nil {
			t.Fatal(err)
		}
		goTo := func(landmark uuid.UUID) message.Vector3 {
			m := &message.TeleportLandmarkRequest{}
			m.Info.AgentID, m.Info.SessionID, m.Info.LandmarkID = ann.Agent, ann.Session, landmark
			ann.sendReliable(m)
			return expect[*message.TeleportLocal](ann).Info.Position
		}
		got := goTo(asset)
		check(t, got == message.Vector3{X: 11, Y: 12, Z: 40}, "the landmark led to %v", got)

		url := w.seed(ann.loggedIn, "HomeLocation")["HomeLocation"]
		place := map[string]any{"X": 60.0, "Y": 70.0, "Z": 35.0}
		body, err := llsd.MarshalXML(map[string]any{"HomeLocation": map[string]any{
			"LocationId": int32(1), "LocationPos": place, "LocationLookAt": map[string]any{"X": 1.0, "Y": 0.0, "Z": 0.0},
		}})
		if err != nil {
			t.Fatal(err)
		}
		answer := w.post(url, llsd.ContentTypeXML, string(body))
		check(t, answer.Code == http.StatusOK, "HomeLocation answered %d", answer.Code)
		got = goTo(uuid.Nil)
		check(t, got == message.Vector3{X: 60, Y: 70, Z: 35}, "home is at %v", got)
	})
}

func newLandmark(text string) asset { return asset{kind: 3, data: []byte(text)} }
