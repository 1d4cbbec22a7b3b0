package testgrid

import (
	"math"

	"github.com/slload/slload/message"
)

// Control flags of AgentUpdate: what the resident's keys ask for.
const (
	controlForward  = 1 << 0 // AT_POS
	controlBack     = 1 << 1
	controlLeft     = 1 << 2
	controlRight    = 1 << 3
	controlUp       = 1 << 4
	controlDown     = 1 << 5
	controlFastAt   = 1 << 10
	controlFastLeft = 1 << 11
	controlFastUp   = 1 << 12
	controlFly      = 1 << 13
	controlStop     = 1 << 14
	controlStandUp  = 1 << 16
	controlSit      = 1 << 17 // SIT_ON_GROUND
	controlNudge    = 19      // the nudge flags are the first six, this many bits higher
	controlMoves    = 0x3F    // the first six
)

// Speeds that keys ask for, in m/s, and what becomes of them: as on OpenSim with
// its default physics, where a capture shows 1.89 m/s walking and 5.12 running.
const (
	fullSpeed = 4.096
	midSpeed  = 0.6 * fullSpeed
	slowSpeed = 0.2 * fullSpeed // with controlStop held
	flyFactor = 4

	walkDivisor = 1.3 // of the horizontal part
	runDivisor  = 0.8 // the same with SetAlwaysRun
	fallSpeed   = 20  // of an avatar that stopped flying; it doesn't accelerate
)

const (
	// groundHeight is the flat land's height; water is at waterHeight.
	groundHeight = 25.0
	waterHeight  = 20.0
	// standHeight is how high above the ground an avatar's centre stands.
	standHeight = 0.95
	sitHeight   = 0.45
	seatHeight  = 0.7 // above the middle of an object
	ceiling     = 4096.0
	// edge keeps avatars this far inside the region where nothing is beyond.
	edge = 0.5
)

// seatOffset is where on an object one sits, counted from its middle.
var seatOffset = message.Vector3{Z: seatHeight}

// motion is an avatar's body: where it is, where it turns and what moves it.
type motion struct {
	pos      message.Vector3
	velocity message.Vector3 // of the last integration
	wish     message.Vector3 // the velocity that the keys ask for
	rotation message.Quaternion
	control  uint32
	run      bool   // SetAlwaysRun
	sitting  bool   // on the ground or, where seat is set, on an object
	seat     uint32 // its local id
}

// steer takes over what an AgentUpdate asks for; the next integration acts on
// it. Rotations that aren't finite are ignored.
func (m *motion) steer(control uint32, rotation message.Quaternion) {
	switch {
	case control&controlStandUp != 0:
		m.stand()
	case control&controlSit != 0:
		m.sit()
	}
	m.control = control
	if m.sitting {
		return
	}
	if finiteVector(message.Vector3(rotation)) {
		m.rotation = message.NewQuaternion(rotation.X, rotation.Y, rotation.Z, rotation.W())
	}
	m.wish = m.wanted()
}

func (m *motion) sit() {
	m.sitting, m.wish, m.velocity = true, message.Vector3{}, message.Vector3{}
	m.pos.Z = groundHeight + sitHeight
}

// sitOn takes place on an object.
func (m *motion) sitOn(p *prim) {
	m.sitting, m.wish, m.velocity = true, message.Vector3{}, message.Vector3{}
	m.seat = p.localID
	m.pos = add(p.place(), seatOffset)
}

func (m *motion) stand() {
	if m.sitting {
		m.sitting, m.seat = false, 0
		m.pos.Z = groundHeight + standHeight
	}
}

func (m *motion) flying() bool { return m.control&controlFly != 0 && !m.sitting }

// aloft tells whether the avatar falls: above the ground and not flying.
func (m *motion) aloft() bool {
	return m.pos.Z > groundHeight+standHeight && !m.sitting && !m.flying()
}

// moving tells whether the next integration can change anything.
func (m *motion) moving() bool {
	return m.wish != message.Vector3{} || m.velocity != message.Vector3{} || m.aloft()
}

// wanted turns control flags and rotation into a velocity. On the ground only
// the turn around the vertical axis counts.
func (m *motion) wanted() message.Vector3 {
	keys := (m.control | m.control>>controlNudge) & controlMoves
	if keys == 0 {
		return message.Vector3{}
	}
	local := message.Vector3{
		X: axis(keys, controlForward, controlBack),
		Y: axis(keys, controlLeft, controlRight),
		Z: axis(keys, controlUp, controlDown),
	}
	rotation, w := m.rotation, m.rotation.W()
	if !m.flying() {
		local.Z, rotation.X, rotation.Y = 0, 0, 0
	}
	v := scale(unit(rotate(local, rotation, w)), m.speed())
	var divisor float32 = walkDivisor
	if m.run {
		divisor = runDivisor
	}
	v.X /= divisor
	v.Y /= divisor
	return v
}

func (m *motion) speed() float32 {
	var speed float32 = midSpeed
	switch {
	case m.control&controlStop != 0:
		speed = slowSpeed
	case m.runs():
		speed = fullSpeed
	}
	if m.flying() {
		speed *= flyFactor
	}
	return speed
}

// runs tells whether the avatar runs when it moves.
func (m *motion) runs() bool { return m.run || m.control&(controlFastAt|controlFastUp) != 0 }

// facing is the rotation that others are told: without tilt on the ground.
func (m *motion) facing() message.Quaternion {
	if m.flying() {
		return m.rotation
	}
	return message.NewQuaternion(0, 0, m.rotation.Z, m.rotation.W())
}

// bounds is how far avatars get in a region: to its edge, or a step beyond it
// where another region is.
type bounds struct{ west, east, south, north float32 }

// alone are the bounds of a region without others around.
var alone = bounds{edge, regionSize - edge, edge, regionSize - edge}

// findBounds looks for the regions at this one's borders.
func (r *region) findBounds() {
	const step = 4 // metres: more than any avatar makes in a frame
	r.bounds = alone
	x, y := float64(r.x), float64(r.y)
	for _, side := range []struct {
		x, y  float64
		bound *float32
		to    float32
	}{
		{x - 1, y, &r.bounds.west, -step}, {x + regionSize, y, &r.bounds.east, regionSize + step},
		{x, y - 1, &r.bounds.south, -step}, {x, y + regionSize, &r.bounds.north, regionSize + step},
	} {
		if r.grid.regionAt(side.x, side.y) != nil {
			*side.bound = side.to
		}
	}
}

// integrate moves the body on by dt seconds. It stops at the region's bounds, on
// the ground and at the ceiling, each axis for itself.
func (m *motion) integrate(dt float32, within bounds) {
	m.velocity = m.wish
	if m.aloft() {
		m.velocity.Z = -fallSpeed
	}
	m.pos.X, m.velocity.X = advance(m.pos.X, m.velocity.X, dt, within.west, within.east)
	m.pos.Y, m.velocity.Y = advance(m.pos.Y, m.velocity.Y, dt, within.south, within.north)
	if !m.sitting {
		m.pos.Z, m.velocity.Z = advance(m.pos.Z, m.velocity.Z, dt, groundHeight+standHeight, ceiling)
	}
}

// advance moves along one axis; at its ends the position stays and the velocity
// is 0.
func advance(pos, velocity, dt, low, high float32) (float32, float32) {
	to := clamp(pos+velocity*dt, low, high)
	if to == pos {
		return pos, 0
	}
	return to, velocity
}

// axis gives 1, -1 or 0 for a pair of opposite keys.
func axis(keys, plus, minus uint32) float32 {
	var v float32
	if keys&plus != 0 {
		v++
	}
	if keys&minus != 0 {
		v--
	}
	return v
}

func add(a, b message.Vector3) message.Vector3 {
	return message.Vector3{X: a.X + b.X, Y: a.Y + b.Y, Z: a.Z + b.Z}
}

func scale(a message.Vector3, f float32) message.Vector3 {
	return message.Vector3{X: a.X * f, Y: a.Y * f, Z: a.Z * f}
}

// unit gives a vector of length 1, or the zero vector for one.
func unit(a message.Vector3) message.Vector3 {
	length := float32(math.Sqrt(float64(a.X*a.X + a.Y*a.Y + a.Z*a.Z)))
	if length == 0 {
		return a
	}
	return scale(a, 1/length)
}

// rotate turns v by the quaternion (q, w): v' = v + 2w(q×v) + 2q×(q×v). Where that
// isn't of length 1, as on the ground, where the tilt was taken out of it, the
// formula still decides which way: OpenSim doesn't normalise there either.
func rotate(v message.Vector3, q message.Quaternion, w float32) message.Vector3 {
	axis := message.Vector3(q)
	t := scale(cross(axis, v), 2)
	return add(v, add(scale(t, w), cross(axis, t)))
}

func cross(a, b message.Vector3) message.Vector3 {
	return message.Vector3{
		X: a.Y*b.Z - a.Z*b.Y,
		Y: a.Z*b.X - a.X*b.Z,
		Z: a.X*b.Y - a.Y*b.X,
	}
}

func clamp(v, low, high float32) float32 { return min(max(v, low), high) }

func finite(v float32) bool {
	return !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0)
}

func finiteVector(v message.Vector3) bool { return finite(v.X) && finite(v.Y) && finite(v.Z) }
