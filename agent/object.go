package agent

import (
	"encoding/binary"

	"github.com/google/uuid"
	"github.com/slload/slload/message"
)

// Object is a thing that stands in a region, as the simulator described it
// last: a prim, an avatar, a tree. It is a copy; nothing changes it.
type Object struct {
	LocalID  uint32 // names it in the messages of its region, while it stands there
	ID       uuid.UUID
	ParentID uint32 // local id of the linkset's root or of the seat; 0: none
	PCode    PCode
	Flags    ObjectFlags // as the simulator sees them for this agent
	State    uint8
	Material uint8

	Position        message.Vector3 // metres: from the region's south-west corner, or from the parent
	Velocity        message.Vector3 // metres a second
	Acceleration    message.Vector3
	Rotation        message.Quaternion
	AngularVelocity message.Vector3 // radians a second
	Scale           message.Vector3 // metres
	Shape           Shape
	TextureEntry    []byte // the faces' textures, as they travel
	Text            string // that hovers over it
	NameValue       string // what else it says of itself, a line each: of an avatar its name
	ClickAction     uint8

	// Properties are what the simulator tells who selects the object; nil
	// while nobody has.
	Properties *ObjectProperties
}

// PCode is what kind of thing an object is.
type PCode uint8

// The kinds of things.
const (
	PCodePrim    PCode = 9
	PCodeAvatar  PCode = pcodeAvatar
	PCodeGrass   PCode = 95
	PCodeNewTree PCode = 111
	PCodeTree    PCode = 255
)

// ObjectFlags are the UpdateFlags of an object: what it is like, and what the
// agent that sees it may do with it.
type ObjectFlags uint32

// Flags of an object. Those that speak of "you" mean who gets the update.
const (
	ObjectPhysics        ObjectFlags = 0x1
	ObjectCreateSelected ObjectFlags = 0x2 // you have just made it; said once
	ObjectModify         ObjectFlags = 0x4 // you may
	ObjectCopy           ObjectFlags = 0x8 // you may
	ObjectAnyOwner       ObjectFlags = 0x10
	ObjectYouOwner       ObjectFlags = 0x20
	ObjectScripted       ObjectFlags = 0x40
	ObjectTouch          ObjectFlags = 0x80  // a script of it handles touches
	ObjectMove           ObjectFlags = 0x100 // you may
	ObjectPhantom        ObjectFlags = 0x400
	ObjectEmpty          ObjectFlags = 0x800   // there is nothing in it
	ObjectTransfer       ObjectFlags = 0x20000 // you may
	ObjectGroupOwned     ObjectFlags = 0x40000
	ObjectOwnerModify    ObjectFlags = 0x10000000
	ObjectTemporary      ObjectFlags = 0x20000000
)

// Has tells whether all flags that want names are set.
func (f ObjectFlags) Has(want ObjectFlags) bool { return f&want == want }

// Root tells whether the object stands by itself, or others hang on it.
func (o *Object) Root() bool { return o.ParentID == 0 }

// Mine tells whether the agent that saw the object owns it.
func (o *Object) Mine() bool { return o.Flags.Has(ObjectYouOwner) }

// objectOf reads an object out of an ObjectUpdate's block. It copies what it
// keeps.
func objectOf(m *message.ObjectUpdateObjectData) Object {
	o := Object{
		LocalID: m.ID, ID: m.FullID, ParentID: m.ParentID, PCode: PCode(m.PCode), Flags: ObjectFlags(m.UpdateFlags),
		State: m.State, Material: m.Material, Scale: m.Scale, ClickAction: m.ClickAction,
		TextureEntry: append([]byte(nil), m.TextureEntry...), Text: message.String(m.Text),
		NameValue: message.String(m.NameValue),
		Shape: Shape{
			m.PathCurve, m.ProfileCurve, m.PathBegin, m.PathEnd, m.PathScaleX, m.PathScaleY, m.PathShearX, m.PathShearY,
			m.PathTwist, m.PathTwistBegin, m.PathRadiusOffset, m.PathTaperX, m.PathTaperY, m.PathRevolutions, m.PathSkew,
			m.ProfileBegin, m.ProfileEnd, m.ProfileHollow,
		},
	}
	o.setMotion(m.ObjectData)
	return o
}

// setMotion reads ObjectUpdate's ObjectData: position, velocity, acceleration,
// rotation, angular velocity, three floats each; an avatar's collision plane
// stands before them.
func (o *Object) setMotion(b []byte) {
	switch len(b) {
	case 60:
	case 76:
		b = b[16:]
	default:
		return
	}
	o.Position, o.Velocity, o.Acceleration = vector3(b), vector3(b[12:]), vector3(b[24:])
	o.Rotation, o.AngularVelocity = message.Quaternion(vector3(b[36:])), vector3(b[48:])
}

// The Data of ImprovedTerseObjectUpdate: see scene.go for its head. Behind the
// position stand U16s that spread a range over 0 to 65,535: velocity x 3
// (±128 m/s), acceleration x 3 (±64), rotation x 4 (±1), angular velocity x 3
// (±64).
const terseMotion = 2 * (3 + 3 + 4 + 3)

// setTerse reads a terse update's Data and TextureEntry; it tells whether that
// made sense.
func (o *Object) setTerse(b, texture []byte) bool {
	if len(b) < terseBody {
		return false
	}
	o.State = b[4]
	at := terseBody
	if b[terseAvatar] != 0 {
		at += tersePlane
	}
	if len(b) < at+tersePos+terseMotion {
		return false
	}
	o.Position = vector3(b[at:])
	m := b[at+tersePos:]
	f := func(i int, limit float32) float32 {
		return float32(binary.LittleEndian.Uint16(m[2*i:]))/65535*2*limit - limit
	}
	v := func(i int, limit float32) message.Vector3 {
		return message.Vector3{X: f(i, limit), Y: f(i+1, limit), Z: f(i+2, limit)}
	}
	o.Velocity, o.Acceleration = v(0, 128), v(3, 64)
	o.Rotation = message.NewQuaternion(f(6, 1), f(7, 1), f(8, 1), f(9, 1))
	o.AngularVelocity = v(10, 64)
	if n := len(texture); n > 4 { // U32 of its own length before it
		o.TextureEntry = append([]byte(nil), texture[4:]...)
	}
	return true
}
