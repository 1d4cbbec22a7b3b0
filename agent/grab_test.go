package agent_test

import (
	"testing"
	"time"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/message"
)

// A physical box follows the hand that holds it; another stays.
func TestDragABox(t *testing.T) {
	ctx, agents := builders(t, "Ann", "Bob")
	ann, bob := agents[0], agents[1]
	m := &meeting{T: t}
	o := ann.Objects()
	box, rock := build(ctx, t, ann), build(ctx, t, ann)
	m.must(o.SetPhysics(ctx, box.LocalID, agent.Physics{Physical: true, Phantom: true}))
	sees(ctx, t, ann, box.ID, "a physical box", func(b *agent.Object) bool { return b.Flags.Has(agent.ObjectPhysics | agent.ObjectPhantom) })
	to := message.Vector3{X: 132, Y: 133, Z: 34}
	for _, b := range []agent.Object{rock, box} {
		m.must(o.Grab(ctx, b.LocalID, message.Vector3{}), o.Drag(ctx, b, to, 100*time.Millisecond), o.Release(ctx, b.LocalID))
	}
	sees(ctx, t, bob, box.ID, "the box where it was dragged", func(b *agent.Object) bool { return b.Position == to })
	if seen := sees(ctx, t, bob, rock.ID, "the rock", whatever); seen.Position != rock.Position {
		t.Errorf("the rock was dragged to %v", seen.Position)
	}
}

// Scripts hear when the hand lets go, not before.
func TestScriptsHearTheHandLetGo(t *testing.T) {
	ctx, agents := builders(t, "Ann", "Bob")
	ann, bob := agents[0], agents[1]
	m := &meeting{T: t}
	o := ann.Objects()
	box := build(ctx, t, ann)
	script, err := o.NewScript(ctx, box, "hand")
	m.must(err)
	u, err := o.UploadScript(ctx, box, script.ID, `default { touch_start(integer n) { llSay(0, "held"); } touch_end(integer n) { llSay(0, "free"); } }`)
	if err != nil || !u.Compiled {
		t.Fatalf("uploaded %+v, %v", u, err)
	}
	free := agent.Expect(bob, func(e agent.ChatHeard) bool { return e.FromObject && e.Text == "free" })
	hears(ctx, t, bob, "held", func() error { return o.Grab(ctx, box.LocalID, message.Vector3{}) })
	if _, err := free.Wait(m.shortly(), "nothing"); err == nil {
		t.Error("the box was let go before it was")
	}
	hears(ctx, t, bob, "free", func() error { return o.Release(ctx, box.LocalID) })
}

// What is shared with a group says so, and is taken back.
func TestSharesABoxWithAGroup(t *testing.T) {
	ctx, agents := builders(t, "Ann", "Bob")
	ann, bob := agents[0], agents[1]
	m := &meeting{T: t}
	box := build(ctx, t, ann)
	group := m.found(ann, "Builders")
	m.must(ann.Objects().SetGroup(ctx, group, box.LocalID))
	p, err := bob.Objects().PropertiesWhen(ctx, box, func(p agent.ObjectProperties) bool { return p.Group == group })
	if err != nil || p.Owner != ann.ID {
		t.Errorf("shared: %+v, %v", p, err)
	}
}

// Who begins to look asks for what was there before.
func TestLooksAtWhatWasThere(t *testing.T) {
	m := newMeeting(t)
	ann, bob := m.enter("Bot1"), m.enter("Bot2")
	before := m.state(bob).Objects
	box := m.build(ann)
	m.eventually("Bob has the box counted", func() bool { return m.state(bob).Objects > before })
	stop, err := bob.Objects().Track(m.ctx())
	m.must(err)
	defer stop()
	got[agent.Object](m)(bob.Objects().Find(m.ctx(), "the box", func(b *agent.Object) bool { return b.LocalID == box }))
}

// Who wants to be sent next to nothing isn't sent the scene.
func TestThrottleHoldsTheSceneBack(t *testing.T) {
	m := newMeeting(t)
	ann, bob := m.enter("Bot1"), m.enter("Bot2")
	stop, err := bob.Objects().Track(m.ctx())
	m.must(err)
	defer stop()
	first := m.build(ann)
	got[agent.Object](m)(bob.Objects().Find(m.ctx(), "the first box", func(b *agent.Object) bool { return b.LocalID == first }))
	m.must(bob.SetThrottle(m.ctx(), 8))
	got[int32](m)(bob.Balance(m.ctx())) // which is paid for
	second := m.build(ann)
	if _, err := bob.Objects().Find(m.shortly(), "the second box", func(b *agent.Object) bool { return b.LocalID == second }); err == nil {
		t.Error("8 bits a second carried a box")
	}
}
