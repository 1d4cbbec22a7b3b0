package behaviors

import (
	"context"
	"time"
)

var none = Behavior{
	Name:    "none",
	Summary: "stands there and does nothing, as most residents do most of the time",
	Agents:  1,
	Params:  []Param{duration},
	Run: func(ctx context.Context, c *Cast) error {
		return c.Step("stand there", func() error {
			return c.goOn(ctx, func(left time.Duration) error { return rest(ctx, c.Player(), left) })
		})
	},
}
