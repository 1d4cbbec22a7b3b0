package agent

import (
	"context"
	"time"

	"github.com/slload/slload/message"
)

// Touch touches an object, as a click does: its scripts hear touch_start and
// touch_end.
func (o Objects) Touch(ctx context.Context, id uint32) error {
	if err := o.Grab(ctx, id, message.Vector3{}); err != nil {
		return err
	}
	return o.Release(ctx, id)
}

// Grab takes hold of an object, offset metres from its centre. Release must
// follow.
func (o Objects) Grab(ctx context.Context, id uint32, offset message.Vector3) error {
	m := &message.ObjectGrab{ObjectData: message.ObjectGrabObjectData{LocalID: id, GrabOffset: offset}}
	m.AgentData.AgentID, m.AgentData.SessionID = o.a.ID, o.a.session
	m.SurfaceInfo = []message.ObjectGrabSurfaceInfo{{FaceIndex: -1}} // no face in particular
	return o.a.tellRegion(ctx, m)
}

// Drag pulls an object that the agent has grabbed to a place in the region,
// since the last such pull or the grab. Simulators let only physical objects
// follow.
func (o Objects) Drag(ctx context.Context, b Object, to message.Vector3, since time.Duration) error {
	m := &message.ObjectGrabUpdate{ObjectData: message.ObjectGrabUpdateObjectData{
		ObjectID: b.ID, GrabPosition: to, TimeSinceLast: uint32(since.Milliseconds()),
	}}
	m.AgentData.AgentID, m.AgentData.SessionID = o.a.ID, o.a.session
	m.SurfaceInfo = []message.ObjectGrabUpdateSurfaceInfo{{FaceIndex: -1}}
	return o.a.tellRegion(ctx, m)
}

// Release lets go of an object.
func (o Objects) Release(ctx context.Context, id uint32) error {
	m := &message.ObjectDeGrab{ObjectData: message.ObjectDeGrabObjectData{LocalID: id}}
	m.AgentData.AgentID, m.AgentData.SessionID = o.a.ID, o.a.session
	m.SurfaceInfo = []message.ObjectDeGrabSurfaceInfo{{FaceIndex: -1}}
	return o.a.tellRegion(ctx, m)
}
