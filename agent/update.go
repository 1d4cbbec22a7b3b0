package agent

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// Control flags of AgentUpdate.
const (
	controlForward   = 0x00000001 // AT_POS
	controlBack      = 0x00000002 // AT_NEG
	controlLeft      = 0x00000004 // LEFT_POS
	controlRight     = 0x00000008 // LEFT_NEG
	controlUp        = 0x00000010 // UP_POS
	controlDown      = 0x00000020 // UP_NEG
	controlFast      = 0x00000400 // FAST_AT
	controlFly       = 0x00002000 // FLY
	controlStandUp   = 0x00010000 // STAND_UP
	controlSitGround = 0x00020000 // SIT_ON_GROUND

	controlMotion  = controlForward | controlBack | controlLeft | controlRight | controlUp | controlDown | controlFast
	controlOneShot = controlStandUp | controlSitGround

	// oneShotTicks is for how many updates a one-shot flag is sent: an
	// AgentUpdate isn't reliable, nor would a resent one be taken (OpenSim
	// drops what is not above the last sequence), and the flags do nothing
	// the second time.
	oneShotTicks = 3
)

// startUpdates begins the agent's steady AgentUpdates, at a phase of its own:
// fifty clients that tick together overflow a simulator's receive buffer.
func (a *Agent) startUpdates(now circuit.Instant) {
	a.update.AgentData = message.AgentUpdateAgentData{
		AgentID: a.ID, SessionID: a.session, Far: a.opt.DrawDistance,
	}
	a.face(0)
	a.tick.Fire = a.sendDue
	a.loop.ScheduleLoose(&a.tick, now.Add(time.Duration(phase(a.opt.Seed, a.ID)*float64(a.period()))))
}

// phase is where in its period an agent's timer begins, 0 to 1. Seeds that lie
// side by side give phases that don't.
func phase(seed uint64, id uuid.UUID) float64 {
	if seed == 0 {
		seed = binary.LittleEndian.Uint64(id[:])
	}
	return rand.New(rand.NewPCG(seed, 0)).Float64()
}

// period is the time between two AgentUpdates: motion is state, and wants
// them more often than rest.
func (a *Agent) period() time.Duration {
	hz := a.opt.IdleUpdateHz
	if a.update.AgentData.ControlFlags&controlMotion != 0 || a.held > 0 {
		hz = a.opt.UpdateHz
	}
	return time.Duration(float64(time.Second) / hz)
}

// sendDue is the tick. The next one is counted from when this one was due: a
// loop that was held up would else bring all its agents into one phase, for
// good.
func (a *Agent) sendDue(now circuit.Instant) {
	due := a.tick.At()
	a.sendUpdate(now)
	next, skipped := circuit.NextTick(due, a.period(), now)
	if skipped > 0 {
		a.opt.Observer.Count(countSkipped, skipped)
	}
	a.loop.ScheduleLoose(&a.tick, next)
}

// Counters of AgentUpdates that weren't sent: because the loop came too late,
// or the circuit refused.
const (
	countSkipped = "agent.updates_skipped"
	countLost    = "agent.updates_unsent"
)

func (a *Agent) sendUpdate(now circuit.Instant) {
	d := &a.update.AgentData
	p := a.root.scene.position
	d.CameraCenter = message.Vector3{X: p.X - 3*d.CameraAtAxis.X, Y: p.Y - 3*d.CameraAtAxis.Y, Z: p.Z + 1}
	if a.camera != nil {
		d.CameraCenter = *a.camera
	}
	if err := a.root.circuit.Send(now, &a.update); err != nil {
		a.opt.Observer.Count(countLost, 1)
	}
	if a.held > 0 {
		if a.held--; a.held == 0 {
			d.ControlFlags &^= controlOneShot
		}
	}
}

// control changes the flags and tells the simulator at once, as a viewer does
// when a key goes down or up.
func (a *Agent) control(now circuit.Instant, set, clear uint32) {
	d := &a.update.AgentData
	d.ControlFlags = d.ControlFlags&^clear | set
	if set&controlOneShot != 0 {
		a.held = oneShotTicks
	}
	a.sendUpdate(now)
	a.loop.ScheduleLoose(&a.tick, now.Add(a.period()))
}

// face turns body, head and camera to yaw, in radians counter-clockwise from
// east.
func (a *Agent) face(yaw float64) {
	sin, cos := math.Sincos(yaw)
	half, w := math.Sincos(yaw / 2)
	d := &a.update.AgentData
	d.BodyRotation = message.NewQuaternion(0, 0, float32(half), float32(w))
	d.HeadRotation = d.BodyRotation
	d.CameraAtAxis = message.Vector3{X: float32(cos), Y: float32(sin)}
	d.CameraLeftAxis = message.Vector3{X: float32(-sin), Y: float32(cos)}
	d.CameraUpAxis = message.Vector3{Z: 1}
}
