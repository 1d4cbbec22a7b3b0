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
