package behaviors

import (
	"context"
	"errors"
	"time"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/message"
)

var grab = Behavior{
	Name:    "grab",
	Summary: "grabs an object that stands around, pulls at it and lets go; where there is none, it makes a box",
	Agents:  1,
	Params: []Param{
		{"radius", 64.0, "metres within which to look"},
		{"hold", 200 * time.Millisecond, "how long to hold it"},
	},
	Run: func(ctx context.Context, c *Cast) error {
		a := c.Player()
		stop, err := c.track(ctx, a)
		if err != nil {
			return err
		}
		defer stop()
		s, err := c.standing(ctx, a)
		if err != nil {
			return err
		}
		o := a.Objects()
		near, err := o.Near(ctx, s.Position, c.Args.Number("radius"))
		if err != nil {
			return err
		}
		if len(near) > 0 {
			return c.pull(ctx, o, near[c.Rand.IntN(len(near))])
		}
		box, err := c.create(ctx, a, "a box", agent.NewObject{})
		if err != nil {
			return err
		}
		return errors.Join(c.pull(ctx, o, box), c.discard(ctx, a, box))
	},
}

// pull grabs an object, holds it, pulls it a metre up and lets go, also when the
// play ends meanwhile.
func (c *Cast) pull(ctx context.Context, o agent.Objects, b agent.Object) error {
	up := message.Vector3{X: b.Position.X, Y: b.Position.Y, Z: b.Position.Z + 1}
	hold := c.Args.Duration("hold")
	err := c.Step("grab "+b.ID.String(), func() error { return o.Grab(ctx, b.LocalID, message.Vector3{}) })
	if err != nil {
		return err
	}
	err = c.Step("pull at it", func() error {
		if err := rest(ctx, c.Player(), hold); err != nil {
			return err
		}
		return o.Drag(ctx, b, up, hold)
	})
	released := c.Step("let go", func() error { return o.Release(context.WithoutCancel(ctx), b.LocalID) })
	if errors.Is(err, errCut) {
		return nil
	}
	return errors.Join(err, released)
}
