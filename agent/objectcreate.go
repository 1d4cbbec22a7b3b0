package agent

import (
	"context"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/message"
)

// NewObject describes an object to create. What is left out is a wooden box of
// half a metre.
type NewObject struct {
	PCode    PCode           // 0: a prim
	Shape    Shape           // zero: Box
	Position message.Vector3 // metres in the region; simulators set it down on it, roughly
	Rotation message.Quaternion
	Scale    message.Vector3 // metres, 0.01 to 64 (Second Life) or 256 (OpenSim) each; zero: 0.5
	Material uint8           // 0 stone, 1 metal, 2 glass, 3 wood, 4 flesh, 5 plastic, 6 rubber
	Group    uuid.UUID       // whose land it stands on; nil: the agent's own
	State    uint8           // the species of trees and grass
}

// Wood is a prim's material where nobody says otherwise.
const Wood = 3

func (n NewObject) withDefaults() NewObject {
	orDefault(&n.PCode, PCodePrim)
	orDefault(&n.Shape, Box)
	orDefault(&n.Scale, message.Vector3{X: 0.5, Y: 0.5, Z: 0.5})
	orDefault(&n.Material, Wood)
	return n
}

// OpCreate is the operation that Create reports: from the request to the
// update that shows the object.
const OpCreate = "msg.object"

// Create makes an object and waits until the agent sees it. It reports
// msg.object: what a simulator's scene takes, not its network alone. The object is told from
// others by ObjectCreateSelected, which its maker alone is told, once; of two
// that are under way at once either may come first. OpenSim doesn't say so of
// trees and grass, which are known by being new. A parcel that the agent
// must not build on answers with an AlertMessage, and nothing comes: bound
// ctx.
func (o Objects) Create(ctx context.Context, n NewObject) (Object, error) {
	n = n.withDefaults()
	s := &n.Shape
	m := &message.ObjectAdd{}
	m.AgentData.AgentID, m.AgentData.SessionID, m.AgentData.GroupID = o.a.ID, o.a.session, n.Group
	m.ObjectData = message.ObjectAddObjectData{
		PCode: uint8(n.PCode), Material: n.Material, AddFlags: uint32(ObjectCreateSelected),
		PathCurve: s.PathCurve, ProfileCurve: s.ProfileCurve, PathBegin: s.PathBegin, PathEnd: s.PathEnd,
		PathScaleX: s.PathScaleX, PathScaleY: s.PathScaleY, PathShearX: s.PathShearX, PathShearY: s.PathShearY,
		PathTwist: s.PathTwist, PathTwistBegin: s.PathTwistBegin, PathRadiusOffset: s.PathRadiusOffset,
		PathTaperX: s.PathTaperX, PathTaperY: s.PathTaperY, PathRevolutions: s.PathRevolutions, PathSkew: s.PathSkew,
		ProfileBegin: s.ProfileBegin, ProfileEnd: s.ProfileEnd, ProfileHollow: s.ProfileHollow,
		// The ray ends where the object shall be, and meets nothing before.
		BypassRaycast: 1, RayStart: n.Position, RayEnd: n.Position, RayEndIsIntersection: 1,
		Scale: n.Scale, Rotation: n.Rotation, State: n.State,
	}
	if n.PCode == PCodePrim {
		return o.appear(ctx, OpCreate, m, nil)
	}
	return o.appear(ctx, OpCreate, m, func(b *Object) bool { return b.PCode == n.PCode })
}

// Duplicate makes a copy of a linkset, offset metres away, and waits until the
// agent sees it: OpenSim doesn't tell the maker of a copy that it is his, so
// that it is known by being new. Who isn't the owner becomes the copy's, with
// the next owner's permissions, if everyone may copy it.
func (o Objects) Duplicate(ctx context.Context, id uint32, offset message.Vector3) (Object, error) {
	m := &message.ObjectDuplicate{}
	m.AgentData.AgentID, m.AgentData.SessionID = o.a.ID, o.a.session
	m.SharedData.Offset, m.SharedData.DuplicateFlags = offset, uint32(ObjectCreateSelected)
	m.ObjectData = []message.ObjectDuplicateObjectData{{ObjectLocalID: id}}
	return o.appear(ctx, "", m, func(b *Object) bool { return b.LocalID != id })
}

// appear waits for an object of the agent's that request makes, and lets go of
// it: who makes an object holds it. It is known by the flag that says so; where
// there is none, by being new and what like accepts. Op, if not "", is reported.
func (o Objects) appear(ctx context.Context, op string, request message.Message, like func(b *Object) bool) (Object, error) {
	planned := intended(ctx, o.a.loop.Now())
	stop, err := o.track(ctx, false)
	if err != nil {
		return Object{}, err
	}
	defer stop()
	var seen idSet           // the loop's
	var sent circuit.Instant // likewise
	w := &objectWait{once: true, found: make(chan Object, 1), match: func(b *Object) bool {
		if like != nil {
			return b.Mine() && b.Root() && like(b) && !seen.has(b.LocalID)
		}
		return b.Flags.Has(ObjectCreateSelected | ObjectYouOwner)
	}}
	made, err := o.wait(ctx, "the object that "+request.ID().String()+" makes", w, func(now circuit.Instant) error {
		seen = o.a.root.scene.objects.clone()
		return o.a.root.circuit.SendWith(now, request, circuit.SendOptions{Reliable: true, Sent: &sent})
	})
	if op != "" {
		word := reason.Of(err)
		o.a.post(func(now circuit.Instant) {
			end := w.at
			if err != nil {
				end = now
			}
			orDefault(&sent, end) // it never was
			o.a.opt.Observer.Done(op, planned, sent, max(end, sent), word)
		})
	}
	if err != nil {
		return made, err
	}
	return made, o.Deselect(ctx, made.LocalID)
}
