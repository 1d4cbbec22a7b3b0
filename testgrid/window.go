package testgrid

import (
	"context"
	"math"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// Window is what a client has said of the window that it shows the world in.
type Window struct {
	Height, Width uint16  // pixels
	FieldOfView   float32 // of the camera, radians from top to bottom

	sizeGen, fovGen uint32
}

// Window gives that of a resident, as the region has it where the avatar
// stands; false where it isn't in world.
func (g *Grid) Window(ctx context.Context, agent uuid.UUID) (w Window, known bool) {
	s := g.directory.byAgent(agent)
	if s == nil {
		return Window{}, false
	}
	r := s.entry.region
	err := r.loop.Call(ctx, func(circuit.Instant) {
		if c := r.anyone(agent); c != nil {
			w, known = c.window, true
		}
	})
	return w, known && err == nil
}

// newer tells whether what a client says holds: its counter says 0, or more
// than before, as on OpenSim.
func newer(counter uint32, last *uint32) bool {
	if counter != 0 && counter <= *last {
		return false
	}
	*last = counter
	return true
}

func (g *Grid) onHeightWidth(ev *circuit.Event) {
	m := ev.Message.(*message.AgentHeightWidth)
	c := clientOf(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if b := &m.HeightWidthBlock; c != nil && newer(b.GenCounter, &c.window.sizeGen) {
		c.window.Height, c.window.Width = b.Height, b.Width
	}
}

func (g *Grid) onFieldOfView(ev *circuit.Event) {
	m := ev.Message.(*message.AgentFOV)
	c := clientOf(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if b := &m.FOVBlock; c != nil && b.VerticalAngle > 0 && b.VerticalAngle < math.Pi && newer(b.GenCounter, &c.window.fovGen) {
		c.window.FieldOfView = b.VerticalAngle
	}
}
