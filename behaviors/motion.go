package behaviors

import (
	"context"
	"errors"
	"math"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/message"
)

var metres = Param{"metres", 2.0, "how far it must get to have done it"}

var walk = Behavior{
	Name:    "walk",
	Summary: "walks until the simulator says that it has come some metres far",
	Agents:  1,
	Params:  []Param{metres},
	Run: func(ctx context.Context, c *Cast) error {
		a := c.Player()
		start, err := c.standing(ctx, a)
		if err != nil {
			return err
		}
		err = c.Step("turn", func() error { return a.Turn(ctx, heading(start, 24, c.Rand.Float64())) })
		if err != nil {
			return err
		}
		err = c.Step("walk", func() error {
			if err := a.Walk(ctx); err != nil {
				return err
			}
			now, err := see(ctx, a, "another place", func(s agent.State) bool {
				return distance(s.Position, start.Position) >= c.Args.Number("metres")
			})
			if err == nil {
				c.Note("from %s to %s", place(start), place(now))
			}
			return err
		})
		return stand(ctx, a, err)
	},
}

// distance is how far two places are from each other as seen from above.
func distance(p, q message.Vector3) float64 {
	return math.Hypot(float64(p.X-q.X), float64(p.Y-q.Y))
}

// standing gets an agent, which may fly or sit from before, to stand, and
// gives where.
func (c *Cast) standing(ctx context.Context, a *agent.Agent) (at agent.State, err error) {
	err = c.Step("stand", func() error {
		if at, err = see(ctx, a, "its own avatar", func(s agent.State) bool { return s.Avatars > 0 }); err != nil {
			return err
		}
		if at.Seated {
			return a.Stand(ctx)
		}
		return nil
	})
	return at, err
}

var fly = Behavior{
	Name:    "fly",
	Summary: "takes off, rises until the simulator says so, hovers and lands",
	Agents:  1,
	Params:  []Param{metres},
	Run: func(ctx context.Context, c *Cast) error {
		a := c.Player()
		err := c.rise(ctx, a)
		if err == nil {
			err = c.Step("hover", func() error { return a.Stop(ctx) })
		}
		return c.land(ctx, a, err)
	},
}

var fall = Behavior{
	Name:    "fall",
	Summary: "flies up, stops flying, and falls until the simulator says so",
	Agents:  1,
	Params:  []Param{metres},
	Run: func(ctx context.Context, c *Cast) error {
		a := c.Player()
		err := c.rise(ctx, a)
		if err == nil {
			err = c.Step("fall", func() error { return c.drop(ctx, a) })
		}
		return c.land(ctx, a, err)
	},
}

// rise flies up by the parameter metres.
func (c *Cast) rise(ctx context.Context, a *agent.Agent) error {
	start, err := c.standing(ctx, a)
	if err != nil {
		return err
	}
	if err := c.Step("take off", func() error { return a.Fly(ctx) }); err != nil {
		return err
	}
	return c.Step("rise", func() error {
		if err := a.Up(ctx); err != nil {
			return err
		}
		now, err := see(ctx, a, "a greater height", func(s agent.State) bool {
			return float64(s.Position.Z-start.Position.Z) >= c.Args.Number("metres")
		})
		if err == nil {
			c.Note("from %.1f m to %.1f m", start.Position.Z, now.Position.Z)
		}
		return err
	})
}

// drop stops flying and waits until the agent has come down half the way that
// it went up: the ground may have risen under it.
func (c *Cast) drop(ctx context.Context, a *agent.Agent) error {
	if err := a.Stop(ctx); err != nil {
		return err
	}
	top, err := a.State(ctx)
	if err != nil {
		return err
	}
	if err := a.Land(ctx); err != nil {
		return err
	}
	now, err := see(ctx, a, "a lesser height", func(s agent.State) bool {
		return float64(top.Position.Z-s.Position.Z) >= c.Args.Number("metres")/2
	})
	if err == nil {
		c.Note("from %.1f m to %.1f m", top.Position.Z, now.Position.Z)
	}
	return err
}

// land ends a flight, which ended with err, also when ctx has ended.
func (c *Cast) land(ctx context.Context, a *agent.Agent, err error) error {
	ctx = context.WithoutCancel(ctx)
	landed := c.Step("land", func() error { return errors.Join(a.Stop(ctx), a.Land(ctx)) })
	if err != nil {
		return err
	}
	return landed
}
