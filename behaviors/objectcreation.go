package behaviors

import (
	"context"
	"errors"

	"github.com/slload/slload/agent"
)

// primitives are what viewers offer to build with.
var primitives = []struct {
	name  string
	shape agent.Shape
}{
	{"box", agent.Box}, {"pyramid", agent.Pyramid}, {"prism", agent.Prism}, {"cylinder", agent.Cylinder}, {"cone", agent.Cone},
	{"sphere", agent.Sphere}, {"torus", agent.Torus}, {"tube", agent.Tube}, {"ring", agent.Ring},
}

var objectCreation = Behavior{
	Name:    "object_creation",
	Summary: "creates one of each primitive, sees that it has its shape, and deletes them",
	Agents:  1,
	Reports: agent.OpCreate,
	Run: func(ctx context.Context, c *Cast) error {
		a := c.Player()
		stop, err := c.track(ctx, a)
		if err != nil {
			return err
		}
		defer stop()
		var made []agent.Object
		for _, p := range primitives {
			b, createErr := c.create(ctx, a, "a "+p.name, agent.NewObject{Shape: p.shape})
			if err = createErr; err != nil {
				break
			}
			made = append(made, b)
			err = c.Step("see that it is a "+p.name, func() error {
				return becomes(ctx, a.Objects(), b, "a "+p.name, func(b *agent.Object) bool { return b.Shape == p.shape })
			})
			if err != nil {
				break
			}
		}
		return errors.Join(err, c.discard(ctx, a, made...))
	},
}
