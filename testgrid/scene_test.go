package testgrid

import (
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

func TestSittingOnAnObject(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		bob, ann := w.enter("Bob", at(100, 100, 0)), w.enter("Ann", at(105, 100, 0))
		var o *prim
		w.on(0, func(r *region) { o = r.prims.list[2] })
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
