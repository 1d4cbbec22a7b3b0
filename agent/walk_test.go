package agent_test

import (
	"context"
	"math"
	"testing"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/message"
)

// Each motion goes where it should, as another sees.
func TestEachMotion(t *testing.T) {
	m := newMeeting(t)
	watcher := m.enter("Bot2")
	stop, err := watcher.Objects().Track(m.ctx())
	m.must(err)
	defer stop()
	a := m.enterAs("Load", "Bot1", func(o *agent.Options) { o.UpdateHz = 50 })
	turn := func(yaw float64) func(context.Context) error {
		return func(ctx context.Context) error { return a.Turn(ctx, yaw) }
	}
	const walks, runs = 1.5, 2.5 // metres a second, at least
	still := func(v message.Vector3) bool {
		return math.Abs(float64(v.X))+math.Abs(float64(v.Y))+math.Abs(float64(v.Z)) < 0.1
	}
	for _, step := range []struct {
		name  string
		do    func(context.Context) error
		moves func(v message.Vector3) bool
	}{
		{"turn east", turn(0), still},
		{"walk east", a.Walk, func(v message.Vector3) bool { return v.X > walks && math.Abs(float64(v.Y)) < 0.1 }},
		{"run east", a.Run, func(v message.Vector3) bool { return v.X > runs }},
		{"walk back", a.Back, func(v message.Vector3) bool { return v.X < -walks }},
		{"turn north", turn(math.Pi / 2), func(v message.Vector3) bool { return v.Y < -walks }},
		{"fly", a.Fly, func(v message.Vector3) bool { return v.Y < -walks }},
		{"rise", a.Up, func(v message.Vector3) bool { return v.Z > walks }},
		{"sink", a.Down, func(v message.Vector3) bool { return v.Z < -walks }},
		{"hover", a.Stop, still},
	} {
		m.must(step.do(m.ctx()))
		sees(m.ctx(), t, watcher, a.ID, step.name, func(o *agent.Object) bool { return step.moves(o.Velocity) })
	}
	const standing, seated = 25.95, 25.45
	height := func(z float32) func() bool {
		return func() bool { return math.Abs(float64(m.state(a).Position.Z-z)) < 0.1 }
	}
	m.must(a.Land(m.ctx()))
	m.eventually("it stands on the ground", height(standing))
	m.must(a.SitGround(m.ctx()))
	m.eventually("it sits on the ground", height(seated))
	m.must(a.Stand(m.ctx()))
	m.eventually("it stands up", height(standing))
}

// Who asks for a lure is heard; who lives somewhere comes home there.
func TestAsksForALureAndGoesHome(t *testing.T) {
	m := newMeeting(t)
	host, guest := m.enter("Bot1"), m.enter("Bot2")
	asked := agent.Expect(host, func(e agent.IMReceived) bool { return e.Dialog == agent.DialogLureRequest && e.From == guest.ID })
	m.must(guest.AskForLure(m.ctx(), host.ID, "may I come?"))
	if im := got[agent.IMReceived](m)(asked.Wait(m.ctx(), "the question")); im.Text != "may I come?" {
		t.Errorf("asked %+v", im)
	}
	home := message.Vector3{X: 60, Y: 70, Z: 25}
	m.must(guest.SetHome(m.ctx(), home), guest.TeleportHome(m.ctx()))
	if !m.near(guest, home) {
		t.Errorf("home is at %v, want %v", m.state(guest).Position, home)
	}
}
