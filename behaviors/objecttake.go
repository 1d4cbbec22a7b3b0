package behaviors

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/slload/slload/agent"
)

var objectTake = Behavior{
	Name:    "object_take",
	Summary: "creates a box, takes a copy and then itself into the inventory, rezzes it again, and cleans up",
	Agents:  1,
	Reports: agent.OpCreate,
	Run: func(ctx context.Context, c *Cast) error {
		return c.workshop(ctx, func(o agent.Objects, box agent.Object) error {
			name := fmt.Sprintf("box %08x", c.Rand.Uint32())
			err := c.Step("name it "+name, func() error { return o.SetName(ctx, box.LocalID, name) })
			if err != nil {
				return err
			}
			first, err := c.take(ctx, "take a copy", name, func() (agent.Item, error) { return o.TakeCopy(ctx, box.LocalID, uuid.Nil) })
			if err != nil {
				return err
			}
			var twin agent.Object
			err = c.Step("rez it", func() error {
				to := box.Position
				to.X++
				twin, err = o.Rez(ctx, first, to)
				return err
			})
			if err == nil {
				var second agent.Item
				second, err = c.take(ctx, "take it", name, func() (agent.Item, error) { return o.Take(ctx, twin.LocalID, uuid.Nil) })
				if err == nil {
					err = c.removeItem(ctx, second)
				}
			}
			return errors.Join(err, c.removeItem(ctx, first))
		})
	},
}

// take takes an object and sees that it is in the inventory by that name.
func (c *Cast) take(ctx context.Context, step, name string, take func() (agent.Item, error)) (it agent.Item, err error) {
	err = c.Step(step, func() error {
		if it, err = take(); err != nil {
			return err
		}
		found, err := c.Player().Inventory().Item(ctx, it.ID)
		switch {
		case err != nil:
			return err
		case found.Name != name || found.Type != agent.AssetObject:
			return fmt.Errorf("the inventory has %q of type %d as %v, want the object %q", found.Name, found.Type, it.ID, name)
		}
		c.Note("%q is in the inventory as %v", found.Name, found.ID)
		return nil
	})
	return it, err
}
