package testgrid

import (
	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// client is one agent's presence in a region: its circuit, its avatar once it
// has arrived, and what it was told about others. The region's loop owns it.
type client struct {
	session *session
	circuit *circuit.Circuit
	region  *region

	// lastUpdate is the sequence number of the last AgentUpdate: older ones come
	// late and are dropped.
	lastUpdate uint32

	look    message.Vector3 // at its arrival
	toldPos message.Vector3 // where regions around think that it stands
	enabled bool            // it was told of the regions around
	held    bool            // at a border, by which it tried in vain, for a while
	goesTo  *session        // its own in the region where its avatar was sent last

	arrived    bool   // CompleteAgentMovement came: the avatar is in the region
	handshaken bool   // RegionHandshakeReply came
	caches     bool   // it has a cache of objects, which isn't empty
	sceneBegun bool   // what stands in the region was begun to be sent
	sceneSent  bool   // and all of it was
	sceneTo    uint32 // local id of the last prim that was
	primsRead  uint64 // number of the entry of prims.log that it hears next

	slot       int32 // of the avatar; noSlot before it has arrived
	localID    uint32
	motion     motion
	sent       sentMotion
	anim       uuid.UUID
	animations int32       // AnimSequenceID of the last AvatarAnimation
	seat       *prim       // what AgentRequestSit asked for
	plays      []uuid.UUID // animations that it asked for, beside its motion's
	files      *downloads

	window Window

	exchange *exchange // of data, by messages; nil before the first

	view      view
	due       dues
	allowance allowance
}

// sentMotion is what others were last told of an avatar's motion.
type sentMotion struct {
	pos      message.Vector3
	velocity message.Vector3
	rotation message.Quaternion
}

// What counts as a change worth telling, as OpenSim has it: a viewer goes on
// moving an avatar at its last velocity, so steady motion needs few updates.
const (
	rotationTolerance = 0.01
	velocityTolerance = 0.1
	driftTolerance    = 5.0  // metres since the last update, at speed
	creepTolerance    = 0.05 // metres, when hardly moving
	slowEnough2       = 0.1  // hardly moving: (m/s)²
)

// changed tells whether others must hear of m.
func (s *sentMotion) changed(m *motion) bool {
	if apart(s.rotation.X, m.rotation.X, rotationTolerance) || apart(s.rotation.Y, m.rotation.Y, rotationTolerance) ||
		apart(s.rotation.Z, m.rotation.Z, rotationTolerance) {
		return true
	}
	var still message.Vector3
	if away(s.velocity, m.velocity, velocityTolerance) || (m.velocity == still) != (s.velocity == still) {
		return true
	}
	if distance2(m.velocity, still) < slowEnough2 {
		return away(s.pos, m.pos, creepTolerance)
	}
	return away(s.pos, m.pos, driftTolerance)
}

func apart(a, b, tolerance float32) bool { return a-b > tolerance || b-a > tolerance }

func away(a, b message.Vector3, tolerance float32) bool {
	return apart(a.X, b.X, tolerance) || apart(a.Y, b.Y, tolerance) || apart(a.Z, b.Z, tolerance)
}

// Animations that everybody's viewer has.
var (
	animStand     = uuid.MustParse("2408fe9e-df1d-1d7d-f4ff-1384fa7b350f")
	animWalk      = uuid.MustParse("6ed24bd8-91aa-4b12-ccc7-c97c857ab4e0")
	animRun       = uuid.MustParse("05ddbff8-aaa9-92a1-2b74-8fe77a29b445")
	animFly       = uuid.MustParse("aec4610c-757f-bc4e-c092-c6e9caf18daf")
	animHover     = uuid.MustParse("4ae8016b-31b9-03bb-c401-b1ea941db41d")
	animSitGround = uuid.MustParse("1a2bd58e-87ff-0df8-0b4c-53e047b0bb6e")
	animFall      = uuid.MustParse("666307d9-a860-572d-6fd4-c3ab8865c094")
)

// animation is what the body's motion looks like.
func (m *motion) animation() uuid.UUID {
	still := m.velocity == message.Vector3{}
	switch {
	case m.sitting:
		return animSitGround
	case m.flying() && still:
		return animHover
	case m.flying():
		return animFly
	case m.aloft():
		return animFall
	case still:
		return animStand
	case m.runs():
		return animRun
	}
	return animWalk
}
