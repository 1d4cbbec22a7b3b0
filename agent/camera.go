package agent

import (
	"context"
	"fmt"
	"math"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// LookFrom puts the camera at a place in the region and points it at another,
// both in metres from its south-west corner. The avatar doesn't turn. It stays
// there until LookAhead.
func (a *Agent) LookFrom(ctx context.Context, from, at message.Vector3) error {
	x, y, z := float64(at.X-from.X), float64(at.Y-from.Y), float64(at.Z-from.Z)
	length := math.Sqrt(x*x + y*y + z*z)
	if !(length > 0) || math.IsInf(length, 0) {
		return fmt.Errorf("look from %v at %v: give two places", from, at)
	}
	return a.do(ctx, func(now circuit.Instant) error {
		a.camera = &from
		a.aim(x/length, y/length, z/length)
		a.control(now, 0, 0)
		return nil
	})
}

// aim points the camera along a unit vector, its left side level.
func (a *Agent) aim(x, y, z float64) {
	d := &a.update.AgentData
	left := [2]float64{0, 1}
	if flat := math.Hypot(x, y); flat > 0 {
		left = [2]float64{-y / flat, x / flat}
	}
	d.CameraAtAxis = message.Vector3{X: float32(x), Y: float32(y), Z: float32(z)}
	d.CameraLeftAxis = message.Vector3{X: float32(left[0]), Y: float32(left[1])}
	d.CameraUpAxis = message.Vector3{ // at x left
		X: float32(-z * left[1]), Y: float32(z * left[0]), Z: float32(x*left[1] - y*left[0]),
	}
}

// LookAhead puts the camera back behind the avatar, where Turn points it.
func (a *Agent) LookAhead(ctx context.Context) error {
	return a.do(ctx, func(now circuit.Instant) error {
		a.camera = nil
		q := a.update.AgentData.BodyRotation
		a.face(2 * math.Atan2(float64(q.Z), float64(q.W())))
		a.control(now, 0, 0)
		return nil
	})
}

// SetDrawDistance says how far the agent sees, in metres: what simulators send
// follows it, and which neighbours they open.
func (a *Agent) SetDrawDistance(ctx context.Context, metres float32) error {
	if !(metres > 0) || math.IsInf(float64(metres), 0) {
		return fmt.Errorf("draw distance %g: give metres", metres)
	}
	return a.do(ctx, func(now circuit.Instant) error {
		a.update.AgentData.Far = metres
		a.control(now, 0, 0)
		return nil
	})
}

// SetThrottle says how many bits a second the region may send, divided as
// Options.Throttle is.
func (a *Agent) SetThrottle(ctx context.Context, bits float64) error {
	if !(bits > 0 && bits <= math.MaxFloat32) {
		return fmt.Errorf("throttle %g: give bits a second", bits)
	}
	return a.tellRegion(ctx, &message.AgentThrottle{
		AgentData: message.AgentThrottleAgentData{AgentID: a.ID, SessionID: a.session, CircuitCode: a.code},
		Throttle:  message.AgentThrottleThrottle{Throttles: throttles(bits)},
	})
}

// SetFieldOfView says how wide the camera sees, in radians from top to bottom.
func (a *Agent) SetFieldOfView(ctx context.Context, radians float32) error {
	return a.tellRegion(ctx, &message.AgentFOV{
		AgentData: message.AgentFOVAgentData{AgentID: a.ID, SessionID: a.session, CircuitCode: a.code},
		FOVBlock:  message.AgentFOVFOVBlock{VerticalAngle: radians},
	})
}
