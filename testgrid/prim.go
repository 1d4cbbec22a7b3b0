package testgrid

import (
	"encoding/binary"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// prim is one prim that stands in a region, alone or linked to others. The
// region's loop owns it. What it says of a linkset holds for its root.
type prim struct {
	id      uuid.UUID
	localID uint32
	root    *prim   // itself, where it is one
	links   []*prim // a root's others, in order

	creator, owner, lastOwner, group uuid.UUID
	perms                            permissions // the linkset's
	created                          time.Time

	name, description   string
	pcode, state        uint8
	material, click     uint8
	pos                 message.Vector3    // of a root in the region, of others from the root
	rotation            message.Quaternion // likewise
	scale               message.Vector3
	shape               shape
	texture             []byte
	saleType            uint8
	price               int32
	physical, temporary bool
	phantom             bool

	contents []*content
	serial   int16 // counts changes of contents
	fromItem uuid.UUID

	selected        bool            // somebody who may change it has hold of it
	held            bool            // its maker hears that it holds it, once
	fullAt, movedAt uint64          // the numbers of its last changes in prims.log
	changed         circuit.Instant // when it, or one of its links, was changed last
}

// shape is a prim's geometry, as ObjectAdd, ObjectShape and ObjectUpdate carry
// it.
type shape struct {
	PathCurve, ProfileCurve                                             uint8
	PathBegin, PathEnd                                                  uint16
	PathScaleX, PathScaleY, PathShearX, PathShearY                      uint8
	PathTwist, PathTwistBegin, PathRadiusOffset, PathTaperX, PathTaperY int8
	PathRevolutions                                                     uint8
	PathSkew                                                            int8
	ProfileBegin, ProfileEnd, ProfileHollow                             uint16
}

// boxShape is a cube's.
var boxShape = shape{PathCurve: 16, ProfileCurve: 1, PathScaleX: 100, PathScaleY: 100}

// UpdateFlags of an object. Those that speak of "you" are the client's to whom
// the update goes.
const (
	flagPhysics        = 0x1
	flagCreateSelected = 0x2
	flagYouModify      = 0x4
	flagYouCopy        = 0x8
	flagAnyOwner       = 0x10
	flagYouOwner       = 0x20
	flagScripted       = 0x40
	flagTouch          = 0x80
	flagYouMove        = 0x100
	flagPhantom        = 0x400
	flagEmpty          = 0x800
	flagYouTransfer    = 0x20000
	flagOwnerModify    = 0x10000000
	flagTemporary      = 0x20000000
)

// all gives the prims of a root's linkset, itself first.
func (p *prim) all() []*prim { return append([]*prim{p}, p.links...) }

// inHand tells whether any prim of a root's linkset is selected.
func (p *prim) inHand() bool {
	return p.selected || slices.ContainsFunc(p.links, func(q *prim) bool { return q.selected })
}

// place is where a prim is in the region.
func (p *prim) place() message.Vector3 {
	if p.root == p {
		return p.pos
	}
	return add(p.root.pos, rotate(p.pos, p.root.rotation, p.root.rotation.W()))
}

// flags are the UpdateFlags for one client.
func (p *prim) flags(c *client) uint32 {
	var f uint32
	for _, bit := range [...]struct {
		on   bool
		flag uint32
	}{
		{p.physical, flagPhysics}, {p.phantom, flagPhantom}, {p.temporary, flagTemporary},
		{len(p.contents) == 0, flagEmpty}, {p.scripted(), flagScripted}, {p.touchable(), flagTouch},
		{p.root.owner != uuid.Nil, flagAnyOwner}, {p.root.owner == c.session.agentID, flagYouOwner | flagOwnerModify},
	} {
		if bit.on {
			f |= bit.flag
		}
	}
	may := p.root.permits(c)
	for _, right := range [...]struct{ mask, flag uint32 }{
		{permModify, flagYouModify}, {permCopy, flagYouCopy}, {permMove, flagYouMove}, {permTransfer, flagYouTransfer},
	} {
		if may&right.mask != 0 {
			f |= right.flag
		}
	}
	return f
}

// block is the prim as ObjectUpdate carries it to a client.
func (p *prim) block(c *client) message.ObjectUpdateObjectData {
	s := &p.shape
	b := message.ObjectUpdateObjectData{
		ID: p.localID, State: p.state, FullID: p.id, CRC: p.crc(), PCode: p.pcode, Material: p.material, ClickAction: p.click,
		Scale: p.scale, ObjectData: p.objectData(), UpdateFlags: p.flags(c),
		PathCurve: s.PathCurve, ProfileCurve: s.ProfileCurve, PathBegin: s.PathBegin, PathEnd: s.PathEnd,
		PathScaleX: s.PathScaleX, PathScaleY: s.PathScaleY, PathShearX: s.PathShearX, PathShearY: s.PathShearY,
		PathTwist: s.PathTwist, PathTwistBegin: s.PathTwistBegin, PathRadiusOffset: s.PathRadiusOffset,
		PathTaperX: s.PathTaperX, PathTaperY: s.PathTaperY, PathRevolutions: s.PathRevolutions, PathSkew: s.PathSkew,
		ProfileBegin: s.ProfileBegin, ProfileEnd: s.ProfileEnd, ProfileHollow: s.ProfileHollow,
		TextureEntry: p.texture,
	}
	if p.root != p {
		b.ParentID = p.root.localID
	}
	if p.held && p.root.owner == c.session.agentID {
		b.UpdateFlags |= flagCreateSelected
		p.held = false
	}
	return b
}

// objectData is a prim's motion in ObjectUpdate: position, velocity,
// acceleration, rotation, angular velocity, all F32.
func (p *prim) objectData() []byte {
	b := appendVector(make([]byte, 0, 60), p.pos)
	b = append(b, make([]byte, 24)...)
	b = appendVector(b, message.Vector3(p.rotation))
	return append(b, make([]byte, 12)...)
}

// terse is a prim's Data in ImprovedTerseObjectUpdate: as an avatar's, without
// its plane.
func (p *prim) terse() []byte {
	b := binary.LittleEndian.AppendUint32(nil, p.localID)
	b = append(b, p.state, 0)
	b = appendVector(b, p.pos)
	b = appendQuantized(b, 128, 0, 0, 0)
	b = appendQuantized(b, 64, 0, 0, 0)
	q := p.rotation
	b = appendQuantized(b, 1, q.X, q.Y, q.Z, q.W())
	return appendQuantized(b, 64, 0, 0, 0)
}

// properties is what a prim tells who selects it.
func (p *prim) properties() message.ObjectPropertiesObjectData {
	m := p.root.perms
	return message.ObjectPropertiesObjectData{
		ObjectID: p.id, CreatorID: p.creator, OwnerID: p.root.owner, GroupID: p.root.group,
		CreationDate: uint64(p.created.Unix()) * 1e6,
		BaseMask:     m.base, OwnerMask: m.owner, GroupMask: m.group, EveryoneMask: m.everyone, NextOwnerMask: m.next,
		SaleType: p.root.saleType, SalePrice: p.root.price, InventorySerial: p.serial, ItemID: p.fromItem,
		LastOwnerID: p.lastOwner, Name: message.Text(p.name), Description: message.Text(p.description),
		TouchName: message.Text(""), SitName: message.Text(""),
	}
}
