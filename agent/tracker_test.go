package agent

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/slload/slload/message"
)

// aBox is an update of a box.
func aBox(id uint32, flags ObjectFlags, x float32) *message.ObjectUpdate {
	o := Object{Position: message.Vector3{X: x}}
	data := make([]byte, 60)
	copy(data, floats(o.Position))
	return &message.ObjectUpdate{ObjectData: []message.ObjectUpdateObjectData{{
		ID: id, FullID: uuid.NewSHA1(regionID, []byte{byte(id)}), PCode: 9, UpdateFlags: uint32(flags), ObjectData: data,
	}}}
}

func TestObjectsAreKeptOnlyWhileTracked(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		w.tells(a, aBox(1, 0, 1))
		w.elapse(soon)
		if _, err := a.Objects().All(w.Context()); !errors.Is(err, ErrNotTracking) {
			t.Errorf("who doesn't track sees %v", err)
		}
		w.heard()
		stop, err := a.Objects().Track(w.Context())
		if err != nil {
			t.Fatal(err)
		}
		again, err := a.Objects().Track(w.Context())
		if err != nil {
			t.Fatal(err)
		}
		w.hears("RequestMultipleObjects 1") // what was seen before, once
		var seen []ObjectSeen
		var killed []ObjectKilled
		defer Subscribe(a, func(e ObjectSeen) { seen = append(seen, e) })()
		defer Subscribe(a, func(e ObjectKilled) { killed = append(killed, e) })()
		w.elapse(soon)
		w.tells(a, aBox(1, 0, 1))
		w.tells(a, aBox(2, ObjectYouOwner, 2))
		w.tells(a, aBox(2, ObjectYouOwner, 3))
		w.tells(a, &message.KillObject{ObjectData: []message.KillObjectObjectData{{ID: 1}}})
		w.elapse(soon)
		list, err := a.Objects().All(w.Context())
		if err != nil || len(list) != 1 || list[0].LocalID != 2 || list[0].Position.X != 3 || !list[0].Mine() {
			t.Errorf("sees %+v, %v", list, err)
		}
		if len(seen) != 3 || !seen[0].New || !seen[1].New || seen[2].New || len(killed) != 1 || killed[0].LocalID != 1 {
			t.Errorf("events %+v, %+v", seen, killed)
		}
		again()
		w.elapse(soon)
		if _, err := a.Objects().All(w.Context()); err != nil {
			t.Errorf("one of two still tracks: %v", err)
		}
		stop()
		stop()
		w.elapse(soon)
		if a.tracker != nil || len(a.subs) != 2 {
			t.Errorf("tracker %v, %d subscriptions are left", a.tracker, len(a.subs))
		}
	})
}

func TestCachedObjectsAreAskedForByWhoTracks(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		w.tells(a, aBox(1, 0, 1))
		w.elapse(soon)
		stop, err := a.Objects().Track(w.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		w.elapse(soon)
		w.heard()
		w.tells(a, &message.ObjectUpdateCached{ObjectData: []message.ObjectUpdateCachedObjectData{{ID: 1}, {ID: 2}}})
		w.hears("RequestMultipleObjects 1", "RequestMultipleObjects 1") // the scene for one, the tracker for the other
	})
}

func TestFindWaits(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		stop, err := a.Objects().Track(w.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		found := make(chan Object)
		go func() {
			o, err := a.Objects().Find(w.Context(), "the second box", func(b *Object) bool { return b.LocalID == 2 })
			if err != nil {
				t.Error(err)
			}
			found <- o
		}()
		w.elapse(soon)
		w.tells(a, aBox(1, 0, 1))
		w.tells(a, aBox(2, 0, 2))
		if o := <-found; o.Position.X != 2 {
			t.Errorf("found %+v", o)
		}
		ctx, cancel := context.WithTimeout(w.Context(), time.Second)
		defer cancel()
		if _, err := a.Objects().Find(ctx, "a third box", func(b *Object) bool { return b.LocalID == 3 }); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("found a third: %v", err)
		}
		w.elapse(soon)
		if n := len(a.tracker.waits); n != 0 {
			t.Errorf("%d waits are left", n)
		}
	})
}

// What has been made, and moves or is selected, is not made again.
func TestWhatWasMadeBeforeIsNotMadeAgain(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		stop, err := a.Objects().Track(w.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer stop()
		w.tells(a, aBox(1, ObjectYouOwner|ObjectCreateSelected, 1))
		w.elapse(soon)
		made := make(chan uint32, 1)
		go func() {
			o, err := a.Objects().Create(w.Context(), NewObject{})
			if err != nil {
				t.Error(err)
			}
			made <- o.LocalID
		}()
		w.elapse(soon)
		terse := make([]byte, terseBody+tersePos+terseMotion)
		terse[0] = 1
		w.tells(a, &message.ImprovedTerseObjectUpdate{ObjectData: []message.ImprovedTerseObjectUpdateObjectData{{Data: terse}}})
		w.elapse(soon)
		w.tells(a, aBox(2, ObjectYouOwner|ObjectCreateSelected, 1))
		if got := <-made; got != 2 {
			t.Errorf("made %d, want 2", got)
		}
	})
}

// Two creations at once must not both take the first object that comes.
func TestWhatIsMadeIsTakenOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		made := make(chan uint32)
		for range 2 {
			go func() {
				o, err := a.Objects().Create(w.Context(), NewObject{})
				if err != nil {
					t.Error(err)
				}
				made <- o.LocalID
			}()
		}
		w.elapse(soon)
		w.tells(a, aBox(1, ObjectYouOwner, 1)) // of old
		w.tells(a, aBox(2, ObjectYouOwner|ObjectCreateSelected, 1))
		w.tells(a, aBox(3, ObjectYouOwner|ObjectCreateSelected, 1))
		if x, y := <-made, <-made; x+y != 5 || x == y {
			t.Errorf("made %d and %d", x, y)
		}
		w.elapse(soon)
		if a.tracker != nil {
			t.Error("it still tracks")
		}
	})
}
