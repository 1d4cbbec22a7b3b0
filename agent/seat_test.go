package agent_test

import (
	"testing"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/message"
)

// state is the agent's, now.
func (m *meeting) state(a *agent.Agent) agent.State {
	m.Helper()
	return got[agent.State](m)(a.State(m.ctx()))
}

func TestSitsOnABoxAndStandsUp(t *testing.T) {
	ctx, agents := builders(t, "Ann", "Bob")
	ann, bob := agents[0], agents[1]
	m := &meeting{T: t}
	box := build(ctx, t, ann)
	sees(ctx, t, bob, box.ID, "the box", whatever)
	m.must(bob.SitOn(ctx, box.ID, message.Vector3{}))
	m.eventually("Bob sits", func() bool { return m.state(bob).Seated })
	on := func(seat uint32) func(*agent.Object) bool {
		return func(o *agent.Object) bool { return o.ParentID == seat }
	}
	sees(ctx, t, ann, bob.ID, "Bob on the box", on(box.LocalID))
	m.must(bob.Stand(ctx))
	m.eventually("Bob stands", func() bool { return !m.state(bob).Seated })
	sees(ctx, t, ann, bob.ID, "Bob beside the box", on(0))
}

// Who sat comes to stand where the seat is taken away.
func TestASeatThatIsTakenAway(t *testing.T) {
	ctx, agents := builders(t, "Ann", "Bob")
	ann, bob := agents[0], agents[1]
	m := &meeting{T: t}
	box := build(ctx, t, ann)
	sees(ctx, t, bob, box.ID, "the box", whatever)
	m.must(bob.SitOn(ctx, box.ID, message.Vector3{}))
	m.eventually("Bob sits", func() bool { return m.state(bob).Seated })
	m.must(ann.Objects().Delete(ctx, box.LocalID))
	m.eventually("Bob stands", func() bool { return !m.state(bob).Seated })
}
