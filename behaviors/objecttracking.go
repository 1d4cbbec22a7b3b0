package behaviors

import (
	"context"
	"errors"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/message"
)

var objectTracking = Behavior{
	Name:    "object_tracking",
	Summary: "tracks what stands in the region: sees a box come, follows where it goes, sees it go",
	Agents:  1,
	Reports: agent.OpCreate,
	Params:  []Param{{"moves", 5.0, "how often the box moves"}},
	Run: func(ctx context.Context, c *Cast) error {
		came := 0 // the loop's
		var box agent.Object
		defer agent.Subscribe(c.Player(), func(e agent.ObjectSeen) {
			if e.New {
				came++
			}
		})()
		err := c.workshop(ctx, func(o agent.Objects, b agent.Object) error {
			box = b
			return c.follow(ctx, o, b)
		})
		if err != nil {
			return err
		}
		return c.Step("count", func() error {
			s, err := c.Player().State(ctx) // the loop has run all that came before
			if err != nil {
				return err
			}
			if came == 0 {
				return errors.New("no object was seen to come")
			}
			c.Note("%d object(s) came, %d are seen; %v has gone", came, s.Objects, box.ID)
			return nil
		})
	},
}

// follow moves a box about and sees it each time where it went.
func (c *Cast) follow(ctx context.Context, o agent.Objects, b agent.Object) error {
	for range c.Args.Count("moves") {
		to := message.Vector3{
			X: b.Position.X + float32(c.Rand.Float64()), Y: b.Position.Y + float32(c.Rand.Float64()), Z: b.Position.Z + 1,
		}
		err := c.Step("follow it", func() error {
			if err := o.Move(ctx, b.LocalID, to); err != nil {
				return err
			}
			return becomes(ctx, o, b, "it elsewhere", func(b *agent.Object) bool { return b.Position == to })
		})
		if err != nil {
			return err
		}
	}
	return nil
}
