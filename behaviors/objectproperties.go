package behaviors

import (
	"context"

	"github.com/slload/slload/agent"
)

var objectProperties = Behavior{
	Name:    "object_properties",
	Summary: "reads the properties of a box of its own, by selecting it and by pointing at it, and of what stands around",
	Agents:  1,
	Params: []Param{
		{"radius", 20.0, "metres within which to look"},
		{"most", 20.0, "how many objects around to ask for"},
	},
	Run: func(ctx context.Context, c *Cast) error {
		return c.workshop(ctx, func(o agent.Objects, box agent.Object) error {
			err := c.Step("select it", func() error {
				p, err := o.PropertiesWhen(ctx, box, func(p agent.ObjectProperties) bool { return p.Owner == c.Player().ID })
				if err == nil {
					c.Note("%s, created %s, %v", p.Name, p.Created.UTC().Format("2006-01-02 15:04:05"), p.Permissions.Owner)
				}
				return err
			})
			if err != nil {
				return err
			}
			err = c.Step("point at it", func() error {
				f, err := o.Family(ctx, box.ID)
				if err == nil {
					c.Note("%s has next owner's permissions %v", f.Name, f.Permissions.NextOwner)
				}
				return err
			})
			if err != nil {
				return err
			}
			return c.Step("select what stands around", func() error {
				list, err := o.Near(ctx, box.Position, c.Args.Number("radius"))
				if err != nil {
					return err
				}
				for _, b := range list[:min(len(list), c.Args.Count("most"))] {
					if b.PCode != agent.PCodePrim {
						continue
					}
					p, err := o.Properties(ctx, b)
					if err != nil {
						return err
					}
					c.Note("%v is %q of %v", b.ID, p.Name, p.Owner)
				}
				return nil
			})
		})
	},
}
