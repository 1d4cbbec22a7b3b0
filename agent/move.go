package agent

import (
	"context"
	"fmt"
	"math"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// Steady motion is state: these calls set what the following AgentUpdates
// say, and return when the first of them is on its way.

// Walk goes forward, in the direction that Turn set.
func (a *Agent) Walk(ctx context.Context) error { return a.steer(ctx, controlForward, controlMotion) }

// Run goes forward fast.
func (a *Agent) Run(ctx context.Context) error {
	return a.steer(ctx, controlForward|controlFast, controlMotion)
}

// Back walks backwards.
func (a *Agent) Back(ctx context.Context) error { return a.steer(ctx, controlBack, controlMotion) }

// Up rises when flying, and jumps on the ground.
func (a *Agent) Up(ctx context.Context) error { return a.steer(ctx, controlUp, controlMotion) }

// Down sinks when flying.
func (a *Agent) Down(ctx context.Context) error { return a.steer(ctx, controlDown, controlMotion) }

// Stop stands still, or hovers.
func (a *Agent) Stop(ctx context.Context) error { return a.steer(ctx, 0, controlMotion) }

// Fly takes off.
func (a *Agent) Fly(ctx context.Context) error { return a.steer(ctx, controlFly, 0) }

// Land stops flying.
func (a *Agent) Land(ctx context.Context) error { return a.steer(ctx, 0, controlFly) }

// SitGround sits down where the agent is.
func (a *Agent) SitGround(ctx context.Context) error {
	return a.steer(ctx, controlSitGround, controlMotion|controlFly|controlStandUp)
}

// Stand stands up from the ground or a seat.
func (a *Agent) Stand(ctx context.Context) error {
	return a.steer(ctx, controlStandUp, controlSitGround)
}

// Turn faces yaw: radians counter-clockwise from east.
func (a *Agent) Turn(ctx context.Context, yaw float64) error {
	if math.IsNaN(yaw) || math.IsInf(yaw, 0) {
		return fmt.Errorf("turn to %g: give an angle in radians", yaw)
	}
	return a.do(ctx, func(now circuit.Instant) error {
		a.face(yaw)
		a.control(now, 0, 0)
		return nil
	})
}

func (a *Agent) steer(ctx context.Context, set, clear uint32) error {
	return a.do(ctx, func(now circuit.Instant) error {
		a.control(now, set, clear)
		return nil
	})
}

// Seated is the simulator's answer to a request to sit on an object.
type Seated struct {
	At     circuit.Instant
	Object uuid.UUID
}

// SitOn sits on an object at offset (metres from its centre) and waits until
// the simulator says where.
func (a *Agent) SitOn(ctx context.Context, object uuid.UUID, offset message.Vector3) error {
	seated := Expect(a, func(e Seated) bool { return e.Object == object })
	err := a.do(ctx, func(now circuit.Instant) error {
		request := message.AgentRequestSit{
			AgentData:    message.AgentRequestSitAgentData{AgentID: a.ID, SessionID: a.session},
			TargetObject: message.AgentRequestSitTargetObject{TargetID: object, Offset: offset},
		}
		return a.root.circuit.SendReliable(now, &request, nil)
	})
	if err != nil {
		seated.Cancel()
		return err
	}
	if _, err := seated.Wait(ctx, "a seat (AvatarSitResponse)"); err != nil {
		return err
	}
	return a.do(ctx, func(now circuit.Instant) error {
		sit := message.AgentSit{AgentData: message.AgentSitAgentData{AgentID: a.ID, SessionID: a.session}}
		return a.root.circuit.SendReliable(now, &sit, nil)
	})
}

func (r *region) seated(ev *circuit.Event, m *message.AvatarSitResponse) {
	emit(r.agent, Seated{At: ev.At, Object: m.SitObject.ID})
}

// State is where the agent is and what it sees.
type State struct {
	Region   RegionInfo
	Position message.Vector3 // metres from the region's south-west corner; from the seat when Seated
	Seated   bool
	Flying   bool // as the agent wants it
	Objects  int  // seen in the region, avatars included
	Avatars  int  // itself included
}

// Start is the place as Options.Start has it, to a whole metre.
func (s State) Start() string {
	p := s.Position
	return fmt.Sprintf("uri:%s&%.0f&%.0f&%.0f", s.Region.Name, p.X, p.Y, p.Z)
}

// State reads the agent's state.
func (a *Agent) State(ctx context.Context) (State, error) {
	return ask(ctx, a, func(circuit.Instant) (State, error) {
		sc := &a.root.scene
		return State{
			Region: a.root.info, Position: sc.position, Seated: sc.seat != 0,
			Flying:  a.update.AgentData.ControlFlags&controlFly != 0,
			Objects: sc.objects.n, Avatars: len(sc.avatars),
		}, nil
	})
}
