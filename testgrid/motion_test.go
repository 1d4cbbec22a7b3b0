package testgrid

import (
	"math"
	"testing"

	"github.com/slload/slload/message"
)

// turned is a rotation around the vertical axis.
func turned(degrees float64) message.Quaternion {
	half := degrees * math.Pi / 360
	return message.NewQuaternion(0, 0, float32(math.Sin(half)), float32(math.Cos(half)))
}

// pitched is a rotation that looks up.
func pitched(degrees float64) message.Quaternion {
	half := -degrees * math.Pi / 360
	return message.NewQuaternion(0, float32(math.Sin(half)), 0, float32(math.Cos(half)))
}

func TestKeysBecomeVelocity(t *testing.T) {
	const walk, fast, run, slow = 2.4576 / 1.3, 4.096 / 1.3, 4.096 / 0.8, 0.8192 / 1.3
	const up = 4 * 2.4576 // the divisors are for the horizontal part
	const diagonal = walk / math.Sqrt2
	for _, tt := range []struct {
		name     string
		control  uint32
		rotation message.Quaternion
		run      bool
		want     [3]float64
	}{
		{"nothing", 0, turned(0), false, [3]float64{}},
		{"forward", controlForward, turned(0), false, [3]float64{walk, 0, 0}},
		{"back", controlBack, turned(0), false, [3]float64{-walk, 0, 0}},
		{"left", controlLeft, turned(0), false, [3]float64{0, walk, 0}},
		{"right", controlRight, turned(0), false, [3]float64{0, -walk, 0}},
		{"both ways", controlForward | controlBack, turned(0), false, [3]float64{}},
		{"forward and left", controlForward | controlLeft, turned(0), false, [3]float64{diagonal, diagonal, 0}},
		{"forward, turned left", controlForward, turned(90), false, [3]float64{0, walk, 0}},
		{"forward, turned round", controlForward, turned(180), false, [3]float64{-walk, 0, 0}},
		{"forward, looking up", controlForward, pitched(60), false, [3]float64{walk, 0, 0}},
		{"a nudge forward", controlForward << controlNudge, turned(0), false, [3]float64{walk, 0, 0}},
		{"fast", controlForward | controlFastAt, turned(0), false, [3]float64{fast, 0, 0}},
		{"always running", controlForward, turned(0), true, [3]float64{run, 0, 0}},
		{"with stop", controlForward | controlStop, turned(0), false, [3]float64{slow, 0, 0}},
		{"up on the ground", controlUp, turned(0), false, [3]float64{}},
		{"flying forward", controlFly | controlForward, turned(0), false, [3]float64{4 * walk, 0, 0}},
		{"flying up", controlFly | controlUp, turned(0), false, [3]float64{0, 0, up}},
		{"flying, looking up", controlFly | controlForward, pitched(90), false, [3]float64{0, 0, up}},
	} {
		m := motion{run: tt.run}
		m.steer(tt.control, tt.rotation)
		got := [3]float64{float64(m.wish.X), float64(m.wish.Y), float64(m.wish.Z)}
		for i := range got {
			if math.Abs(got[i]-tt.want[i]) > 1e-4 {
				t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
				break
			}
		}
	}
}

func TestIntegrationKeepsAvatarsInTheRegion(t *testing.T) {
	const standing = groundHeight + standHeight
	for _, tt := range []struct {
		name    string
		from    message.Vector3
		control uint32
		seconds float32
		want    message.Vector3
		stopped bool
	}{
		{"walks", message.Vector3{X: 10, Y: 10, Z: standing}, controlForward, 1, message.Vector3{X: 11.8905, Y: 10, Z: standing}, false},
		{"stops at the eastern edge", message.Vector3{X: 255, Y: 10, Z: standing}, controlForward, 2, message.Vector3{X: 255.5, Y: 10, Z: standing}, true},
		{"stops at the western edge", message.Vector3{X: 1, Y: 10, Z: standing}, controlBack, 2, message.Vector3{X: 0.5, Y: 10, Z: standing}, true},
		{"slides along an edge", message.Vector3{X: 255.5, Y: 10, Z: standing}, controlForward | controlLeft, 1, message.Vector3{X: 255.5, Y: 11.3368, Z: standing}, false},
		{"falls when it doesn't fly", message.Vector3{X: 10, Y: 10, Z: 100}, 0, 1, message.Vector3{X: 10, Y: 10, Z: 80}, false},
		{"lands", message.Vector3{X: 10, Y: 10, Z: 30}, 0, 2, message.Vector3{X: 10, Y: 10, Z: standing}, true},
		{"hovers", message.Vector3{X: 10, Y: 10, Z: 100}, controlFly, 1, message.Vector3{X: 10, Y: 10, Z: 100}, true},
		{"doesn't dig", message.Vector3{X: 10, Y: 10, Z: 26}, controlFly | controlDown, 2, message.Vector3{X: 10, Y: 10, Z: standing}, true},
		{"stays under the ceiling", message.Vector3{X: 10, Y: 10, Z: 4095}, controlFly | controlUp, 2, message.Vector3{X: 10, Y: 10, Z: 4096}, true},
	} {
		m := motion{pos: tt.from}
		m.steer(tt.control, turned(0))
		const steps = 20
		for range steps {
			m.integrate(tt.seconds/steps, alone)
		}
		if distance2(m.pos, tt.want) > 1e-4 {
			t.Errorf("%s: at %v, want %v", tt.name, m.pos, tt.want)
		}
		if still := m.velocity == (message.Vector3{}); still != tt.stopped {
			t.Errorf("%s: velocity %v", tt.name, m.velocity)
		}
	}
}

func TestSittingOnTheGround(t *testing.T) {
	m := motion{pos: message.Vector3{X: 10, Y: 10, Z: groundHeight + standHeight}}
	m.steer(controlSit, turned(0))
	m.steer(controlForward, turned(90))
	m.integrate(1, alone)
	check(t, m.sitting && m.pos == message.Vector3{X: 10, Y: 10, Z: groundHeight + sitHeight}, "sits at %v", m.pos)
	check(t, m.rotation == message.Quaternion{}, "turned while sitting")
	check(t, m.animation() == animSitGround, "plays %v", m.animation())
	m.steer(controlStandUp, turned(0))
	m.steer(controlForward, turned(0))
	m.integrate(1, alone)
	check(t, !m.sitting && m.pos.X > 11 && m.pos.Z == groundHeight+standHeight, "walks at %v", m.pos)
}

func TestRotationsThatAreNone(t *testing.T) {
	m := motion{}
	m.steer(0, turned(90))
	before := m.rotation
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, bad := range []message.Quaternion{{X: nan}, {Y: inf}, {Z: -inf}} {
		m.steer(controlForward, bad)
		check(t, m.rotation == before, "%v became %v", bad, m.rotation)
	}
	m.steer(controlForward, message.Quaternion{X: 5, Y: 5, Z: 5}) // W is 0 then
	m.integrate(1, alone)
	check(t, finite(m.pos.X) && finite(m.pos.Y), "at %v", m.pos)
}

func TestAnimations(t *testing.T) {
	ground := message.Vector3{Z: groundHeight + standHeight}
	for name, tt := range map[string]struct {
		from    message.Vector3
		control uint32
		want    string
	}{
		"stands": {ground, 0, animStand.String()},
		"walks":  {ground, controlForward, animWalk.String()},
		"runs":   {ground, controlForward | controlFastAt, animRun.String()},
		"hovers": {message.Vector3{Z: 100}, controlFly, animHover.String()},
		"flies":  {message.Vector3{Z: 100}, controlFly | controlForward, animFly.String()},
		"falls":  {message.Vector3{Z: 100}, 0, animFall.String()},
	} {
		m := motion{pos: add(tt.from, message.Vector3{X: 100, Y: 100})}
		m.steer(tt.control, turned(0))
		m.integrate(0.1, alone)
		check(t, m.animation().String() == tt.want, "%s: plays %v", name, m.animation())
	}
}

func TestOnlyChangesAreTold(t *testing.T) {
	begin := motion{pos: message.Vector3{X: 100, Y: 100, Z: 26}, velocity: message.Vector3{X: 2}}
	for name, tt := range map[string]struct {
		change func(m *motion)
		want   bool
	}{
		"nothing":         {func(*motion) {}, false},
		"a little turn":   {func(m *motion) { m.rotation.Z = 0.005 }, false},
		"a turn":          {func(m *motion) { m.rotation.Z = 0.02 }, true},
		"a little faster": {func(m *motion) { m.velocity.X = 2.05 }, false},
		"faster":          {func(m *motion) { m.velocity.X = 2.2 }, true},
		"a stop":          {func(m *motion) { m.velocity = message.Vector3{} }, true},
		"on as expected":  {func(m *motion) { m.pos.X += 4.9 }, false},
		"far enough":      {func(m *motion) { m.pos.X += 5.1 }, true},
	} {
		m := begin
		sent := sentMotion{m.pos, m.velocity, m.rotation}
		tt.change(&m)
		check(t, sent.changed(&m) == tt.want, "%s: told: %v", name, !tt.want)
	}
	still := motion{pos: begin.pos}
	sent := sentMotion{pos: begin.pos}
	still.pos.X += 0.06
	check(t, sent.changed(&still), "a shift without velocity is not told")
}
