package behaviors

import (
	"context"
	"errors"
	"fmt"

	"github.com/slload/slload/agent"
)

var objectCreatePermissions = Behavior{
	Name:    "object_create_permissions",
	Summary: "creates six boxes, gives each another set of next owner's permissions, and reads them back",
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
		for _, set := range agent.NextOwnerSets {
			b, createErr := c.create(ctx, a, "a box for "+set.String(), agent.NewObject{})
			if err = createErr; err != nil {
				break
			}
			made = append(made, b)
			if err = c.leave(ctx, a.Objects(), b, set); err != nil {
				break
			}
		}
		return errors.Join(err, c.discard(ctx, a, made...))
	},
}

// leave names a box by what it leaves to the next owner, and checks that it
// does.
func (c *Cast) leave(ctx context.Context, o agent.Objects, b agent.Object, set agent.Mask) error {
	return c.Step("leave "+set.String()+" to its next owner", func() error {
		if err := o.SetName(ctx, b.LocalID, "next owner: "+set.String()); err != nil {
			return err
		}
		if err := o.SetNextOwner(ctx, b.LocalID, set); err != nil {
			return err
		}
		want := set | agent.PermMove // simulators always leave that
		p, err := o.PropertiesWhen(ctx, b, func(p agent.ObjectProperties) bool { return p.Permissions.NextOwner == want })
		if err != nil {
			return fmt.Errorf("the next owner has %v, want %v: %w", p.Permissions.NextOwner, want, err)
		}
		c.Note("%s: the next owner has %v", p.Name, p.Permissions.NextOwner)
		return nil
	})
}
