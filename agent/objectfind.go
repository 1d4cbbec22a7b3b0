package agent

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// All gives the objects that the agent sees, avatars included, by local id.
// It must be tracking.
func (o Objects) All(ctx context.Context) ([]Object, error) {
	return o.those(ctx, func(*Object) bool { return true })
}

// Mine gives the roots of linksets that the agent owns. It must be tracking.
func (o Objects) Mine(ctx context.Context) ([]Object, error) {
	return o.those(ctx, func(b *Object) bool { return b.PCode == PCodePrim && b.Root() && b.Mine() })
}

// Near gives what stands within radius metres of a position, avatars left
// out, the nearest first. It must be tracking.
func (o Objects) Near(ctx context.Context, position message.Vector3, radius float64) ([]Object, error) {
	list, err := o.those(ctx, func(b *Object) bool {
		return b.PCode != PCodeAvatar && b.Root() && apart(b.Position, position) <= radius
	})
	slices.SortStableFunc(list, func(x, y Object) int {
		return cmp.Compare(apart(x.Position, position), apart(y.Position, position))
	})
	return list, err
}

// Named gives the prims of that name. Those whose names the agent doesn't
// know yet it selects: that takes a round trip and more. It must be tracking.
func (o Objects) Named(ctx context.Context, name string) ([]Object, error) {
	unknown, err := o.those(ctx, func(b *Object) bool { return b.PCode == PCodePrim && b.Properties == nil })
	if err != nil {
		return nil, err
	}
	if err := o.learn(ctx, unknown); err != nil {
		return nil, err
	}
	return o.those(ctx, func(b *Object) bool { return b.Properties != nil && b.Properties.Name == name })
}

// learn asks for the properties of objects and waits for them. What has gone
// meanwhile has none.
func (o Objects) learn(ctx context.Context, list []Object) error {
	for part := range slices.Chunk(list, perMessage) {
		ids := make([]uint32, len(part))
		for i := range part {
			ids[i] = part[i].LocalID
		}
		if err := o.Select(ctx, ids...); err != nil {
			return err
		}
		for i := range part {
			id := part[i].ID
			known := func(b *Object) bool { return b.ID == id && b.Properties != nil }
			if _, err := o.Find(ctx, "the properties of an object", known); err != nil {
				return err
			}
		}
		if err := o.Deselect(ctx, ids...); err != nil {
			return err
		}
	}
	return nil
}

// Find waits until the agent sees an object that match accepts, which may be
// at once. Match runs on the loop and must not block or keep the object. What
// names it in errors. The agent must be tracking.
func (o Objects) Find(ctx context.Context, what string, match func(b *Object) bool) (Object, error) {
	w := &objectWait{match: match, found: make(chan Object, 1)}
	return o.wait(ctx, what, w, func(circuit.Instant) error {
		for _, b := range o.a.tracker.objects {
			if match(b) {
				o.a.tracker.forget(w)
				w.found <- *b
				return nil
			}
		}
		return nil
	})
}

// Get gives the object with that id as the agent sees it; false if it doesn't.
// It must be tracking.
func (o Objects) Get(ctx context.Context, id uuid.UUID) (Object, bool, error) {
	list, err := o.those(ctx, func(b *Object) bool { return b.ID == id })
	if err != nil || len(list) == 0 {
		return Object{}, false, err
	}
	return list[0], true, nil
}

// those gives the tracked objects that pick chooses, by local id.
func (o Objects) those(ctx context.Context, pick func(b *Object) bool) ([]Object, error) {
	return ask(ctx, o.a, func(circuit.Instant) ([]Object, error) {
		if o.a.tracker == nil {
			return nil, ErrNotTracking
		}
		o.a.tracker.enter(o.a.root)
		var list []Object
		for _, b := range o.a.tracker.objects {
			if pick(b) {
				list = append(list, *b)
			}
		}
		slices.SortFunc(list, func(x, y Object) int { return cmp.Compare(x.LocalID, y.LocalID) })
		return list, nil
	})
}

// apart is the distance of two positions, metres.
func apart(p, q message.Vector3) float64 {
	x, y, z := float64(p.X-q.X), float64(p.Y-q.Y), float64(p.Z-q.Z)
	return math.Sqrt(x*x + y*y + z*z)
}
