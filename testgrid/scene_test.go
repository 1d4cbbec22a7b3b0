package testgrid

import (
	"encoding/binary"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/message"
)

// eyes is what a viewer makes of a scene: the avatars that it sees, by local id.
type eyes struct {
	avatars map[uint32]uuid.UUID
	bodies  map[uint32]body
}

func newEyes() *eyes { return &eyes{map[uint32]uuid.UUID{}, map[uint32]body{}} }

// watch takes in what was heard, and tells of updates that make no sense.
func (e *eyes) watch(t *testing.T, all []message.Message) {
	t.Helper()
	for _, m := range all {
		switch m := m.(type) {
		case *message.ObjectUpdate:
			for _, o := range m.ObjectData {
				if o.PCode == avatarCode {
					e.avatars[o.ID] = o.FullID
				}
			}
		case *message.KillObject:
			for _, o := range m.ObjectData {
				check(t, e.avatars[o.ID] != uuid.Nil, "KillObject of %d, which isn't there", o.ID)
				delete(e.avatars, o.ID)
				delete(e.bodies, o.ID)
			}
		case *message.ImprovedTerseObjectUpdate:
			check(t, len(m.ObjectData) <= tersePerPacket, "%d avatars in one packet", len(m.ObjectData))
			for _, o := range m.ObjectData {
				b := readTerse(t, o.Data)
				check(t, e.avatars[b.localID] != uuid.Nil, "motion of %d, which isn't there", b.localID)
				e.bodies[b.localID] = b
			}
		}
	}
}

// of gives an avatar's motion as it was seen last.
func (e *eyes) of(agent uuid.UUID) body {
	for id, a := range e.avatars {
		if a == agent {
			return e.bodies[id]
		}
	}
	return body{}
}

// walkingPace is what a real simulator's avatars walk at, m/s.
const walkingPace = 1.89

func TestOthersSeeAnAvatarMove(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		bob := w.enter("Bob", at(100, 100, 0))
		seen := newEyes()
		ann := w.enter("Ann", at(105, 100, 0))
		seen.watch(t, bob.listen())
		check(t, len(seen.avatars) == 1, "Bob sees %d others", len(seen.avatars))

		ann.send(ann.updates(controlForward))
		w.pass(3 * time.Second)
		seen.watch(t, bob.listen())
		b := seen.of(ann.Agent)
		check(t, b.pos.X > 105 && b.pos.X < 111 && b.pos.Y == 100, "after 3 s of walking she is at %v", b.pos)
		check(t, math.Abs(float64(b.velocity.X)-walkingPace) < 0.01, "she walks at %v", b.velocity)

		ann.send(ann.updates(0))
		w.pass(time.Second)
		seen.watch(t, bob.listen())
		b = seen.of(ann.Agent)
		check(t, math.Abs(float64(b.pos.X)-105-3*walkingPace) < 0.5, "she stopped at %v, not 3 s of walking away", b.pos)
		check(t, math.Abs(float64(b.velocity.X)) < 0.01, "she stands, at %v", b.velocity)

		w.pass(5 * time.Second)
		updates := of[*message.ImprovedTerseObjectUpdate](bob.listen())
		check(t, len(updates) == 0, "%d updates of avatars that stand still", len(updates))
	})
}

func TestWalkingTellsItsAnimation(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		bob, ann := w.enter("Bob", at(100, 100, 0)), w.enter("Ann", at(105, 100, 0))
		bob.forget()
		for _, step := range []struct {
			control uint32
			want    uuid.UUID
		}{{controlForward, animWalk}, {0, animStand}, {controlSit, animSitGround}, {controlStandUp, animStand}} {
			ann.send(ann.updates(step.control))
			m := expect[*message.AvatarAnimation](bob)
			check(t, m.Sender.ID == ann.Agent && m.AnimationList[0].AnimID == step.want,
				"control %#x: %v plays %v, want %v", step.control, m.Sender.ID, m.AnimationList[0].AnimID, step.want)
		}
	})
}

func TestIntroductionsTellWhatIsNotStanding(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann, bob := w.enter("Ann", at(105, 100, 0)), w.enter("Bob", at(100, 100, 0))
		ann.send(ann.updates(controlSit))
		cid := w.viewer(w.login("Cid", at(102, 100, 0)))
		cid.arrive()
		w.seed(cid.loggedIn)
		cid.sendReliable(cid.handshakeReply())
		w.pass(time.Second)
		all := cid.listen()
		_, avatars := scene(all)
		check(t, avatars[ann.Agent] && avatars[bob.Agent], "he sees %v", avatars)
		plays := map[uuid.UUID]uuid.UUID{}
		for _, m := range of[*message.AvatarAnimation](all) {
			plays[m.Sender.ID] = m.AnimationList[0].AnimID
		}
		check(t, plays[ann.Agent] == animSitGround, "who sits plays %v", plays[ann.Agent])
		check(t, plays[bob.Agent] == uuid.Nil, "who stands plays %v", plays[bob.Agent])
	})
}

func TestUpdatesOfSomebodyElseAreDropped(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann, bob := w.enter("Ann", at(100, 100, 0)), w.enter("Bob", at(105, 100, 0))
		for _, ids := range [][2]uuid.UUID{{bob.Agent, bob.Session}, {ann.Agent, bob.Session}, {bob.Agent, ann.Session}} {
			m := ann.updates(controlForward).(*message.AgentUpdate)
			m.AgentData.AgentID, m.AgentData.SessionID = ids[0], ids[1]
			ann.send(m)
		}
		ann.listen()
		s := w.stats(0)
		check(t, s.Mismatched == 3 && s.AgentUpdates == 0, "%d mismatched, %d updates", s.Mismatched, s.AgentUpdates)
	})
}

func TestLateUpdatesAreDropped(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(100, 100, 0))
		ann.sequence += 10
		ann.send(ann.updates(controlForward))
		ann.sendAs(ann.sequence-1, 0, ann.updates(0)) // overtaken
		ann.sendAs(ann.sequence, 0, ann.updates(0))   // sent twice by the network
		w.pass(time.Second)
		s := w.stats(0)
		check(t, s.AgentUpdates == 1 && s.LateUpdates == 2, "%d updates, %d late", s.AgentUpdates, s.LateUpdates)
		w.on(0, func(r *region) {
			check(t, r.clients[ann.Agent].motion.wish.X > 0, "she stopped, though the last to be sent said forward")
		})
	})
}

func TestInterestIsTheNearest(t *testing.T) {
	const interest, others = 5, 20
	inWorld(t, Config{Interest: interest}, func(w *world) {
		seen := newEyes()
		ann := w.viewer(w.login("Ann", at(50, 50, 0)))
		var crowd []*viewer
		for i := range others {
			crowd = append(crowd, w.enter(fmt.Sprint("Bot", i), at(52+float64(i), 50, 0)))
		}
		ann.arrive()
		w.seed(ann.loggedIn)
		ann.sendReliable(ann.handshakeReply())
		w.pass(3 * time.Second)
		seen.watch(t, ann.listen())
		check(t, len(seen.avatars) == 1+interest, "she sees %d, herself included", len(seen.avatars))
		sees := map[uuid.UUID]bool{}
		for _, a := range seen.avatars {
			sees[a] = true
		}
		for i, v := range crowd[:interest] {
			check(t, sees[v.Agent], "she doesn't see the avatar at %d m", 2+i)
		}

		// The farthest walks past her: it comes into view, and somebody leaves it.
		far := crowd[others-1]
		m := far.updates(controlForward | controlFly).(*message.AgentUpdate)
		m.AgentData.BodyRotation = turned(180)
		for range 5 {
			far.send(m)
			w.pass(500 * time.Millisecond)
			seen.watch(t, ann.listen())
		}
		b := seen.of(far.Agent)
		check(t, b.pos.X > 0 && b.pos.X < 56, "she sees the walker at %v", b.pos)
		check(t, len(seen.avatars) <= 1+interest*3/2, "she sees %d, herself included", len(seen.avatars))
	})
}

func TestAFullRegionStillTellsOfNewcomers(t *testing.T) {
	inWorld(t, Config{Interest: 3, SilentAfter: time.Hour}, func(w *world) {
		ann := w.enter("Ann", at(50, 50, 0))
		for i := range fewAvatars + 5 {
			w.enter(fmt.Sprint("Bot", i), at(200, 200, 0))
		}
		ann.forget()
		near := w.enter("Near", at(51, 50, 0)) // takes 2 s, which interest takes 1 of
		seen := newEyes()
		for _, m := range of[*message.ObjectUpdate](ann.listen()) {
			for _, o := range m.ObjectData {
				seen.avatars[o.ID] = o.FullID
			}
		}
		found := false
		for _, a := range seen.avatars {
			found = found || a == near.Agent
		}
		check(t, found, "the one beside her isn't seen")
	})
}

func TestUpdateRateIsABound(t *testing.T) {
	updatesIn := func(hz float64) (n int) {
		inWorld(t, Config{UpdateHz: hz}, func(w *world) {
			bob, ann := w.enter("Bob", at(100, 100, 0)), w.enter("Ann", at(105, 100, 0))
			bob.forget()
			for i := range 100 { // she turns all the time
				m := ann.updates(controlForward).(*message.AgentUpdate)
				m.AgentData.BodyRotation = turned(float64(i * 20))
				ann.send(m)
				w.pass(50 * time.Millisecond)
			}
			n = len(of[*message.ImprovedTerseObjectUpdate](bob.listen()))
		})
		return n
	}
	every, two := updatesIn(0), updatesIn(2)
	check(t, every >= 50 && every <= 5*framesPerSecond+2, "%d updates in 5 s at the frame rate", every)
	check(t, two >= 8 && two <= 12, "%d updates in 5 s at 2/s", two)
}

func TestSittingOnAnObject(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		bob, ann := w.enter("Bob", at(100, 100, 0)), w.enter("Ann", at(105, 100, 0))
		var o object
		w.on(0, func(r *region) { o = r.objects[2] })
		bob.forget()

		ask := &message.AgentRequestSit{}
		ask.AgentData.AgentID, ask.AgentData.SessionID = ann.Agent, ann.Session
		ask.TargetObject.TargetID = uuid.New()
		ann.sendReliable(ask)
		check(t, of[*message.AvatarSitResponse](ann.listen()) == nil, "she may sit on nothing")
		ask.TargetObject.TargetID = o.id
		ann.sendReliable(ask)
		may := expect[*message.AvatarSitResponse](ann)
		check(t, may.SitObject.ID == o.id, "she may sit on %v", may.SitObject.ID)

		sit := &message.AgentSit{}
		sit.AgentData.AgentID, sit.AgentData.SessionID = ann.Agent, ann.Session
		ann.sendReliable(sit)
		form := expect[*message.ObjectUpdate](bob).ObjectData[0]
		check(t, form.FullID == ann.Agent && form.ParentID == o.localID, "%v sits on %d", form.FullID, form.ParentID)

		ann.send(ann.updates(controlForward))
		ann.send(ann.updates(controlStandUp))
		form = expect[*message.ObjectUpdate](bob).ObjectData[0]
		check(t, form.FullID == ann.Agent && form.ParentID == 0, "%v sits on %d", form.FullID, form.ParentID)
	})
}

func TestThrottleHoldsTheSceneBack(t *testing.T) {
	throttled := func(v *viewer, bitsPerSecond float32) message.Message {
		m := &message.AgentThrottle{}
		m.AgentData.AgentID, m.AgentData.SessionID, m.AgentData.CircuitCode = v.Agent, v.Session, v.Code
		for range 7 {
			m.Throttle.Throttles = binary.LittleEndian.AppendUint32(m.Throttle.Throttles, math.Float32bits(bitsPerSecond/7))
		}
		return m
	}
	// What a viewer is sent while ten others turn on the spot.
	bytesIn := func(bitsPerSecond float32) (n uint64) {
		inWorld(t, Config{}, func(w *world) {
			bob := w.enter("Bob", at(100, 100, 0))
			var crowd []*viewer
			for i := range 10 {
				crowd = append(crowd, w.enter(fmt.Sprint("Bot", i), at(105, 100+float64(i), 0)))
			}
			bob.sendReliable(throttled(bob, bitsPerSecond))
			bob.forget()
			count := func() (sent uint64) {
				w.on(0, func(r *region) { sent = r.clients[bob.Agent].circuit.Stats().BytesSent })
				return sent
			}
			before := count()
			for i := range 100 {
				for _, v := range crowd {
					m := v.updates(0).(*message.AgentUpdate)
					m.AgentData.BodyRotation = turned(float64(i * 20))
					v.send(m)
				}
				w.pass(100 * time.Millisecond)
				bob.forget()
			}
			n = count() - before
		})
		return n
	}
	free, held := bytesIn(500_000), bytesIn(16_000)
	check(t, free > 40_000, "%d bytes in 10 s without a tight throttle", free)
	check(t, held > 10_000 && held < 28_000, "%d bytes in 10 s at 2,000 bytes/s", held)
}

// A client that acknowledges nothing is not sent more and more.
func TestSceneWaitsForAcks(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		bob, ann := w.enter("Bob", at(100, 100, 0)), w.enter("Ann", at(105, 100, 0))
		unacked := func() (n int) {
			w.on(0, func(r *region) { n = r.clients[bob.Agent].circuit.Stats().Unacked })
			return n
		}
		bob.deaf = true
		turn := func(steps int) {
			for i := range steps {
				m := ann.updates(0).(*message.AgentUpdate)
				m.AgentData.BodyRotation = turned(float64(i * 20))
				ann.send(m)
				w.pass(100 * time.Millisecond)
				ann.forget()
				bob.forget()
			}
		}
		turn(200)
		check(t, unacked() == maxUnacked, "%d packets wait for acks after 20 s", unacked())
		bob.deaf = false
		w.pass(4 * time.Second) // until all was sent again
		bob.forget()
		turn(20)
		check(t, unacked() < 5, "%d packets wait for acks though they come", unacked())
	})
}

func TestPeriodicMessages(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(60, 70, 0))
		bob := w.enter("Bob", at(200, 210, 0))
		ann.forget()
		var all []message.Message
		for range 30 {
			w.pass(time.Second)
			all = append(all, ann.listen()...)
			bob.forget()
		}
		stats := of[*message.SimStats](all)
		check(t, len(stats) >= 9 && len(stats) <= 11, "%d SimStats in 30 s", len(stats))
		values := map[uint32]float32{}
		for _, s := range stats[len(stats)-1].Stat {
			values[s.StatID] = s.StatValue
		}
		check(t, values[statFrameRate] > 54 && values[statFrameRate] <= 55.5, "frame rate %v", values[statFrameRate])
		check(t, values[statTimeDilation] > 0.98 && values[statTimeDilation] <= 1, "time dilation %v", values[statTimeDilation])
		check(t, values[statAgents] == 2, "%v agents", values[statAgents])

		times := of[*message.SimulatorViewerTimeMessage](all)
		check(t, len(times) >= 11 && len(times) <= 13, "%d SimulatorViewerTimeMessages in 30 s", len(times))

		coarse := of[*message.CoarseLocationUpdate](all)
		check(t, len(coarse) >= 6 && len(coarse) <= 8, "%d CoarseLocationUpdates in 30 s", len(coarse))
		last := coarse[len(coarse)-1]
		check(t, len(last.Location) == 2 && len(last.AgentData) == 2, "it tells of %d", len(last.Location))
		you := last.Index.You
		check(t, last.AgentData[you].AgentID == ann.Agent && last.Location[you].X == 60 && last.Location[you].Y == 70,
			"she is %v at %v", last.AgentData[you], last.Location[you])
	})
}

func TestNamesAreTold(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(60, 60, 0))
		bob := w.login("Bob", "last")
		ask := &message.UUIDNameRequest{UUIDNameBlock: []message.UUIDNameRequestUUIDNameBlock{{ID: uuid.New()}, {ID: bob.Agent}}}
		ann.sendReliable(ask)
		m := expect[*message.UUIDNameReply](ann)
		check(t, len(m.UUIDNameBlock) == 1 && m.UUIDNameBlock[0].ID == bob.Agent, "the reply is about %v", m.UUIDNameBlock)
		check(t, message.String(m.UUIDNameBlock[0].FirstName) == "Bob" && message.String(m.UUIDNameBlock[0].LastName) == "Tester",
			"he is %s %s", m.UUIDNameBlock[0].FirstName, m.UUIDNameBlock[0].LastName)
	})
}

func TestUnknownMessagesAreCounted(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(60, 60, 0))
		ann.sendReliable(&message.EconomyDataRequest{})
		ann.listen()
		check(t, w.stats(0).Loop.Unhandled[message.IDEconomyDataRequest] == 1, "unhandled: %v", w.stats(0).Loop.Unhandled)
	})
}
