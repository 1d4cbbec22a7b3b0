package agent_test

import (
	"testing"

	"github.com/slload/slload/testgrid"
)

func TestTheGridKnowsTheWindow(t *testing.T) {
	m := meetOn(t, testgrid.Config{})
	a := m.enter("Bot1")
	known := func() testgrid.Window {
		got[int32](m)(a.Balance(m.ctx())) // comes after what was said before
		w, ok := m.grid.Window(m.ctx(), a.ID)
		if !ok {
			t.Fatal("the grid knows nothing of the agent")
		}
		return w
	}
	if w := known(); w.Height != 1080 || w.Width != 1920 || w.FieldOfView != 0 {
		t.Errorf("on arrival it is %+v", w)
	}
	for _, angle := range []float32{1.2, 0.4} {
		m.must(a.SetFieldOfView(m.ctx(), angle))
		if w := known(); w.FieldOfView != angle {
			t.Errorf("the camera sees %v rad, want %v", w.FieldOfView, angle)
		}
	}
}
