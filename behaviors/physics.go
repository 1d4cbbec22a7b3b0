package behaviors

import (
	"context"
	"fmt"
	"time"

	"github.com/slload/slload/agent"
)

var physics = Behavior{
	Name:    "physics",
	Summary: "walks, runs, turns, jumps and chatters without a rest",
	Agents:  1,
	Params: []Param{
		duration,
		{"pace", time.Second, "how long it keeps to one direction"},
		{"margin", 24.0, "metres from the region's border at which to turn back to its middle"},
		{"run", 0.5, "the share of its ways on which it runs, 0 to 1"},
		{"jump", 0.25, "the share of its ways that it begins with a jump, 0 to 1"},
		{"chatter", 0.2, "the share of its ways on which it says something, 0 to 1"},
	},
	Run: func(ctx context.Context, c *Cast) error {
		err := c.goOn(ctx, func(left time.Duration) error { return c.romp(ctx, left) })
		return stand(ctx, c.Player(), err)
	},
}

// romp is one way of physics: turn, jump, walk or run, chatter.
func (c *Cast) romp(ctx context.Context, left time.Duration) error {
	a := c.Player()
	s, err := a.State(ctx)
	if err != nil {
		return err
	}
	yaw := heading(s, c.Args.Number("margin"), c.Rand.Float64())
	gait, move := "walk", a.Walk
	if c.Rand.Float64() < c.Args.Number("run") {
		gait, move = "run", a.Run
	}
	steps := []func() error{func() error {
		return c.Step("turn", func() error { return a.Turn(ctx, yaw) })
	}}
	if c.Rand.Float64() < c.Args.Number("jump") {
		steps = append(steps, func() error { return c.jump(ctx, a) })
	}
	if c.Rand.Float64() < c.Args.Number("chatter") {
		line := fmt.Sprintf("whee %08x", c.Rand.Uint32())
		steps = append(steps, func() error {
			return c.Step("chatter", func() error { return a.Say(ctx, line) })
		})
	}
	steps = append(steps, func() error {
		return c.Step(gait, func() error {
			if err := move(ctx); err != nil {
				return err
			}
			return rest(ctx, a, min(left, max(c.Args.Duration("pace"), glance)))
		})
	})
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// jump holds the key for a moment: a simulator's frame must see it down.
func (c *Cast) jump(ctx context.Context, a *agent.Agent) error {
	return c.Step("jump", func() error {
		if err := a.Up(ctx); err != nil {
			return err
		}
		return rest(ctx, a, 2*glance)
	})
}
