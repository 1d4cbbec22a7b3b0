package agent

import (
	"context"
	"encoding/binary"
	"math"

	"github.com/google/uuid"
	"github.com/slload/slload/message"
)

// SetName renames an object (63 bytes at most on Second Life, 255 on the
// wire).
func (o Objects) SetName(ctx context.Context, id uint32, name string) error {
	m := &message.ObjectName{ObjectData: []message.ObjectNameObjectData{{LocalID: id, Name: message.Text(name)}}}
	m.AgentData.AgentID, m.AgentData.SessionID = o.a.ID, o.a.session
	return o.a.tellRegion(ctx, m)
}

// SetDescription changes an object's description (127 bytes at most on Second
// Life, 255 on the wire).
func (o Objects) SetDescription(ctx context.Context, id uint32, text string) error {
	m := &message.ObjectDescription{ObjectData: []message.ObjectDescriptionObjectData{{LocalID: id, Description: message.Text(text)}}}
	m.AgentData.AgentID, m.AgentData.SessionID = o.a.ID, o.a.session
	return o.a.tellRegion(ctx, m)
}

// What MultipleObjectUpdate's Type says that its Data holds, in this order,
// 12 bytes each.
const (
	changePosition = 0x1
	changeRotation = 0x2
	changeScale    = 0x4
	changeLinkset  = 0x8 // of the whole linkset, not of its root alone
)

// Move puts an object, with all that is linked to it, elsewhere in the region:
// metres from its south-west corner.
func (o Objects) Move(ctx context.Context, id uint32, to message.Vector3) error {
	return o.change(ctx, id, changePosition|changeLinkset, to)
}

// Rotate turns an object with all that is linked to it.
func (o Objects) Rotate(ctx context.Context, id uint32, to message.Quaternion) error {
	return o.change(ctx, id, changeRotation|changeLinkset, message.Vector3(to))
}

// Resize makes a prim larger or smaller: metres.
func (o Objects) Resize(ctx context.Context, id uint32, to message.Vector3) error {
	return o.change(ctx, id, changeScale, to)
}

func (o Objects) change(ctx context.Context, id uint32, kind uint8, v message.Vector3) error {
	m := &message.MultipleObjectUpdate{ObjectData: []message.MultipleObjectUpdateObjectData{{ObjectLocalID: id, Type: kind, Data: floats(v)}}}
	m.AgentData.AgentID, m.AgentData.SessionID = o.a.ID, o.a.session
	return o.a.tellRegion(ctx, m)
}

// floats is a vector as it travels inside of Data fields.
func floats(v message.Vector3) []byte {
	b := make([]byte, 0, 12)
	for _, f := range [...]float32{v.X, v.Y, v.Z} {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(f))
	}
	return b
}

// SetShape changes the geometry of a prim.
func (o Objects) SetShape(ctx context.Context, id uint32, s Shape) error {
	m := &message.ObjectShape{ObjectData: []message.ObjectShapeObjectData{{
		ObjectLocalID: id, PathCurve: s.PathCurve, ProfileCurve: s.ProfileCurve, PathBegin: s.PathBegin, PathEnd: s.PathEnd,
		PathScaleX: s.PathScaleX, PathScaleY: s.PathScaleY, PathShearX: s.PathShearX, PathShearY: s.PathShearY,
		PathTwist: s.PathTwist, PathTwistBegin: s.PathTwistBegin, PathRadiusOffset: s.PathRadiusOffset,
		PathTaperX: s.PathTaperX, PathTaperY: s.PathTaperY, PathRevolutions: s.PathRevolutions, PathSkew: s.PathSkew,
		ProfileBegin: s.ProfileBegin, ProfileEnd: s.ProfileEnd, ProfileHollow: s.ProfileHollow,
	}}}
	m.AgentData.AgentID, m.AgentData.SessionID = o.a.ID, o.a.session
	return o.a.tellRegion(ctx, m)
}

// SetTexture puts one texture on all faces of a prim.
func (o Objects) SetTexture(ctx context.Context, id uint32, texture uuid.UUID) error {
	return o.SetTextureEntry(ctx, id, UniformTexture(texture))
}

// SetTextureEntry changes what the faces of a prim look like, as it travels.
func (o Objects) SetTextureEntry(ctx context.Context, id uint32, entry []byte) error {
	m := &message.ObjectImage{ObjectData: []message.ObjectImageObjectData{{ObjectLocalID: id, MediaURL: []byte{0}, TextureEntry: entry}}}
	m.AgentData.AgentID, m.AgentData.SessionID = o.a.ID, o.a.session
	return o.a.tellRegion(ctx, m)
}

// UniformTexture is a texture entry with the same texture on all faces, at
// scale 1: each property is its default, followed by 0 where faces that differ
// would be listed.
func UniformTexture(texture uuid.UUID) []byte {
	return plainFaces(append([]byte(nil), texture[:]...))
}

// plainFaces completes a texture entry that has its textures: all the rest is
// the same on all faces.
func plainFaces(b []byte) []byte {
	one := math.Float32bits(1)
	b = append(b, 0)                                        // no more textures
	b = append(b, 0, 0, 0, 0, 0)                            // colour, inverted: white
	b = append(binary.LittleEndian.AppendUint32(b, one), 0) // repeats across
	b = append(binary.LittleEndian.AppendUint32(b, one), 0) // repeats up
	b = append(b, make([]byte, 3*3)...)                     // offsets and rotation, U16 each
	b = append(b, make([]byte, 3*2)...)                     // material, media, glow, a byte each
	return append(b, make([]byte, 17)...)                   // material's id
}

// Link makes one object of several: the first is its root.
func (o Objects) Link(ctx context.Context, ids ...uint32) error {
	m := &message.ObjectLink{}
	m.AgentData.AgentID, m.AgentData.SessionID = o.a.ID, o.a.session
	for _, id := range ids {
		m.ObjectData = append(m.ObjectData, message.ObjectLinkObjectData{ObjectLocalID: id})
	}
	return o.a.tellRegion(ctx, m)
}

// Unlink takes prims out of their linksets.
func (o Objects) Unlink(ctx context.Context, ids ...uint32) error {
	m := &message.ObjectDelink{}
	m.AgentData.AgentID, m.AgentData.SessionID = o.a.ID, o.a.session
	for _, id := range ids {
		m.ObjectData = append(m.ObjectData, message.ObjectDelinkObjectData{ObjectLocalID: id})
	}
	return o.a.tellRegion(ctx, m)
}

// SetForSale offers an object for so many L$; NotForSale takes the offer back.
func (o Objects) SetForSale(ctx context.Context, id uint32, sale SaleType, price int32) error {
	m := &message.ObjectSaleInfo{ObjectData: []message.ObjectSaleInfoObjectData{{LocalID: id, SaleType: uint8(sale), SalePrice: price}}}
	m.AgentData.AgentID, m.AgentData.SessionID = o.a.ID, o.a.session
	return o.a.tellRegion(ctx, m)
}

// SetGroup shares linksets with a group that the agent belongs to; uuid.Nil
// with none. What its members may do the group's mask says.
func (o Objects) SetGroup(ctx context.Context, group uuid.UUID, ids ...uint32) error {
	m := &message.ObjectGroup{}
	m.AgentData.AgentID, m.AgentData.SessionID, m.AgentData.GroupID = o.a.ID, o.a.session, group
	for _, id := range ids {
		m.ObjectData = append(m.ObjectData, message.ObjectGroupObjectData{ObjectLocalID: id})
	}
	return o.a.tellRegion(ctx, m)
}

// Physics is how the simulator treats a linkset.
type Physics struct {
	Physical  bool // it falls, and may be pushed and dragged
	Temporary bool // it goes by itself, soon
	Phantom   bool // others walk through it
}

// SetPhysics changes how the simulator treats a linkset
// (ObjectFlagUpdate). Its flags tell: see Object.
func (o Objects) SetPhysics(ctx context.Context, id uint32, p Physics) error {
	m := &message.ObjectFlagUpdate{AgentData: message.ObjectFlagUpdateAgentData{
		AgentID: o.a.ID, SessionID: o.a.session, ObjectLocalID: id,
		UsePhysics: p.Physical, IsTemporary: p.Temporary, IsPhantom: p.Phantom,
	}}
	return o.a.tellRegion(ctx, m)
}

// PermissionField is which of an object's masks is changed.
type PermissionField uint8

// The masks of an object.
const (
	BaseField      PermissionField = 1 // gods only
	OwnerField     PermissionField = 2
	GroupField     PermissionField = 4
	EveryoneField  PermissionField = 8
	NextOwnerField PermissionField = 16
)

// SetPermissions sets bits of one of the masks of linksets, or clears them.
// Simulators keep each mask within the base, give the next owner Transfer who
// hasn't got Copy, and always Move.
func (o Objects) SetPermissions(ctx context.Context, field PermissionField, set bool, bits Mask, ids ...uint32) error {
	m := &message.ObjectPermissions{}
	m.AgentData.AgentID, m.AgentData.SessionID = o.a.ID, o.a.session
	for _, id := range ids {
		b := message.ObjectPermissionsObjectData{ObjectLocalID: id, Field: uint8(field), Mask: uint32(bits)}
		if set {
			b.Set = 1
		}
		m.ObjectData = append(m.ObjectData, b)
	}
	return o.a.tellRegion(ctx, m)
}

// NextOwnerSets are the six sets of permissions that a maker can leave to the
// next owner: who may not copy may at least give away.
var NextOwnerSets = []Mask{
	PermCopy | PermModify | PermTransfer,
	PermCopy | PermModify,
	PermCopy | PermTransfer,
	PermModify | PermTransfer,
	PermCopy,
	PermTransfer,
}

// SetNextOwner makes the next owner's permissions of a linkset exactly these,
// of Copy, Modify and Transfer.
func (o Objects) SetNextOwner(ctx context.Context, id uint32, want Mask) error {
	const all = PermCopy | PermModify | PermTransfer
	if want&all != 0 {
		if err := o.SetPermissions(ctx, NextOwnerField, true, want&all, id); err != nil {
			return err
		}
	}
	if all&^want == 0 {
		return nil
	}
	return o.SetPermissions(ctx, NextOwnerField, false, all&^want, id)
}
