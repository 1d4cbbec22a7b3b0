package behaviors

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/slload/slload/agent"
)

var wander = Behavior{
	Name:    "wander",
	Summary: "walks a few steps in a random direction, and stays in the region",
	Agents:  1,
	Params: []Param{
		{"walk", 1500 * time.Millisecond, "how long to walk"},
		{"margin", 24.0, "metres from the region's border at which to turn back to its middle"},
	},
	Run: func(ctx context.Context, c *Cast) error {
		a := c.Player()
		s, err := a.State(ctx)
		if err != nil {
			return err
		}
		yaw := heading(s, c.Args.Number("margin"), c.Rand.Float64())
		if err := c.Step("turn", func() error { return a.Turn(ctx, yaw) }); err != nil {
			return err
		}
		err = c.Step("walk", func() error {
			if err := a.Walk(ctx); err != nil {
				return err
			}
			return rest(ctx, a, c.Args.Duration("walk"))
		})
		return stand(ctx, a, err)
	},
}

// stand ends a motion, which ended with err, also when ctx has ended. That an
// agent's stay was over in the middle of it is no failure.
func stand(ctx context.Context, a *agent.Agent, err error) error {
	stopped := a.Stop(context.WithoutCancel(ctx))
	if err == nil || errors.Is(err, errCut) {
		err = stopped
	}
	if errors.Is(err, agent.ErrLoggedOut) {
		return nil
	}
	return err
}

// heading is where to walk, in radians counter-clockwise from east: anywhere
// by chance (0 to 1), but to the middle from near the border, since a walk
// across it would be another behaviour.
func heading(s agent.State, margin, chance float64) float64 {
	width, depth := float64(s.Region.SizeX), float64(s.Region.SizeY)
	x, y := float64(s.Position.X), float64(s.Position.Y)
	if x < margin || y < margin || x > width-margin || y > depth-margin {
		return math.Atan2(depth/2-y, width/2-x)
	}
	return 2 * math.Pi * chance
}
