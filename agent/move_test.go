package agent

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

func TestSitOnAnObject(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		w.elapse(soon)
		w.heard()
		chair := uuid.New()
		if err := a.SitOn(w.Context(), chair, message.Vector3{Z: 0.5}); err != nil {
			t.Fatal(err)
		}
		w.hears("AgentRequestSit", "AgentSit")
		w.tells(a, &message.ObjectUpdate{ObjectData: []message.ObjectUpdateObjectData{
			{ID: 3, PCode: pcodeAvatar, FullID: a.ID, ParentID: 2},
		}})
		w.elapse(soon)
		if s, err := a.State(w.Context()); err != nil || !s.Seated || s.Avatars != 1 {
			t.Errorf("state %+v, %v", s, err)
		}
	})
}

func TestSitOnFails(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		w.elapse(soon)
		w.heard()
		w.answers(message.IDAgentRequestSit, func(s *simulator, ev *circuit.Event) {
			m := &message.AvatarSitResponse{} // somebody else's seat
			m.SitObject.ID = uuid.New()
			s.send(ev.Circuit, ev.Now, m, "")
		})
		ctx, cancel := context.WithTimeout(w.Context(), 10*time.Second)
		defer cancel()
		checkCause(t, a.SitOn(ctx, uuid.New(), message.Vector3{}), context.DeadlineExceeded)
		w.hears("AgentRequestSit")
		w.says(a, kick)
		w.elapse(soon)
		checkCause(t, a.SitOn(w.Context(), uuid.New(), message.Vector3{}), &KickedError{})
		w.home.see(func() {
			if len(a.subs) != 0 {
				t.Errorf("%d subscriptions are left over", len(a.subs))
			}
		})
	})
}

func TestStateFollowsTheScene(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		w.tells(a, &message.ObjectUpdate{ObjectData: []message.ObjectUpdateObjectData{
			{ID: 1, PCode: pcodeAvatar, FullID: uuid.New()}, {ID: 2, PCode: 9}, {ID: 3, PCode: 9},
		}})
		w.tells(a, &message.KillObject{ObjectData: []message.KillObjectObjectData{{ID: 3}}})
		if err := a.Fly(w.Context()); err != nil {
			t.Error(err)
		}
		w.elapse(soon)
		s, err := a.State(w.Context())
		if err != nil || s.Objects != 2 || s.Avatars != 1 || !s.Flying || s.Seated {
			t.Errorf("state %+v, %v", s, err)
		}
		w.says(a, kick)
		w.elapse(soon)
		_, err = a.State(w.Context())
		checkCause(t, err, &KickedError{})
	})
}
