package behaviors

import (
	"context"
	"math"
)

var look = Behavior{
	Name:    "look",
	Summary: "turns body and camera to a random direction",
	Agents:  1,
	Run: func(ctx context.Context, c *Cast) error {
		yaw := 2 * math.Pi * c.Rand.Float64()
		return c.Step("turn", func() error { return c.Player().Turn(ctx, yaw) })
	},
}
