package testgrid

import (
	"math"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/message"
)

// What a client says of its window holds unless it has said more since, which
// its counter tells; 0 always holds.
func TestWindowsLastWordHolds(t *testing.T) {
	inWorld(t, Config{}, func(w *world) {
		ann := w.enter("Ann", at(100, 100, 0))
		for _, step := range []struct {
			counter uint32
			angle   float32
			want    float32
		}{{5, 1, 1}, {4, 2, 1}, {5, 2, 1}, {6, 2, 2}, {7, math.Pi, 2}, {0, 0.5, 0.5}, {1, 0.7, 0.7}} {
			m := &message.AgentFOV{}
			m.AgentData.AgentID, m.AgentData.SessionID = ann.Agent, ann.Session
			m.FOVBlock.GenCounter, m.FOVBlock.VerticalAngle = step.counter, step.angle
			ann.sendReliable(m)
			w.pass(time.Second)
			got, known := w.grid.Window(w.t.Context(), ann.Agent)
			check(t, known && got.FieldOfView == step.want, "%d says %v: %v, want %v", step.counter, step.angle, got.FieldOfView, step.want)
		}
		_, known := w.grid.Window(w.t.Context(), uuid.New())
		check(t, !known, "there is a window of nobody")
	})
}
