package behaviors

import (
	"context"
	"math"
	"time"
)

var twitchy = Behavior{
	Name:    "twitchy",
	Summary: "turns right about, again and again",
	Agents:  1,
	Params: []Param{
		duration,
		{"pause", time.Second, "how long to stand between two turns"},
	},
	Run: func(ctx context.Context, c *Cast) error {
		yaw := 2 * math.Pi * c.Rand.Float64()
		return c.goOn(ctx, func(left time.Duration) error {
			yaw += math.Pi
			err := c.Step("turn about", func() error { return c.Player().Turn(ctx, math.Mod(yaw, 2*math.Pi)) })
			if err != nil {
				return err
			}
			return rest(ctx, c.Player(), min(left, max(c.Args.Duration("pause"), glance)))
		})
	},
}
