package behaviors

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/slload/slload/agent"
	"github.com/slload/slload/message"
)

// blank is a texture that every viewer has.
var blank = uuid.MustParse("5748decc-f629-461c-9a36-a35a221fe21f")

var objectCreateEdit = Behavior{
	Name:    "object_create_edit",
	Summary: "creates a box, changes all about it, links it with a copy, and sees each change done",
	Agents:  1,
	Reports: agent.OpCreate,
	Run: func(ctx context.Context, c *Cast) error {
		return c.workshop(ctx, func(o agent.Objects, box agent.Object) error {
			for _, edit := range c.edits(box) {
				err := c.Step(edit.name, func() error {
					if err := edit.do(ctx, o); err != nil {
						return err
					}
					return edit.done(ctx, o)
				})
				if err != nil {
					return err
				}
			}
			return c.assemble(ctx, o, box)
		})
	},
}

// edit is one change of an object, and how it shows.
type edit struct {
	name string
	do   func(ctx context.Context, o agent.Objects) error
	done func(ctx context.Context, o agent.Objects) error
}

// edits are all changes of a box but those that need another.
func (c *Cast) edits(box agent.Object) []edit {
	id := box.LocalID
	name, text := fmt.Sprintf("box %08x", c.Rand.Uint32()), fmt.Sprintf("made by slload, %08x", c.Rand.Uint32())
	to, size := message.Vector3{X: box.Position.X + 1, Y: box.Position.Y - 1, Z: box.Position.Z + 1}, message.Vector3{X: 1, Y: 0.25, Z: 2}
	shows := func(what string, ok func(b *agent.Object) bool) func(context.Context, agent.Objects) error {
		return func(ctx context.Context, o agent.Objects) error { return becomes(ctx, o, box, what, ok) }
	}
	tells := func(ok func(p agent.ObjectProperties) bool) func(context.Context, agent.Objects) error {
		return func(ctx context.Context, o agent.Objects) error {
			_, err := o.PropertiesWhen(ctx, box, ok)
			return err
		}
	}
	type ctx = context.Context
	return []edit{
		{"name it " + name, func(ctx ctx, o agent.Objects) error { return o.SetName(ctx, id, name) },
			tells(func(p agent.ObjectProperties) bool { return p.Name == name })},
		{"describe it", func(ctx ctx, o agent.Objects) error { return o.SetDescription(ctx, id, text) },
			tells(func(p agent.ObjectProperties) bool { return p.Description == text })},
		{"move it", func(ctx ctx, o agent.Objects) error { return o.Move(ctx, id, to) },
			shows("it there", func(b *agent.Object) bool { return b.Position == to })},
		{"turn it", func(ctx ctx, o agent.Objects) error { return o.Rotate(ctx, id, message.NewQuaternion(0, 0, 1, 1)) },
			shows("it turned", func(b *agent.Object) bool { return b.Rotation.Z > 0.7 && b.Rotation.Z < 0.715 })},
		{"resize it", func(ctx ctx, o agent.Objects) error { return o.Resize(ctx, id, size) },
			shows("its new size", func(b *agent.Object) bool { return b.Scale == size })},
		{"make it a torus", func(ctx ctx, o agent.Objects) error { return o.SetShape(ctx, id, agent.Torus) },
			shows("a torus", func(b *agent.Object) bool { return b.Shape == agent.Torus })},
		{"paint it", func(ctx ctx, o agent.Objects) error { return o.SetTexture(ctx, id, blank) },
			shows("its texture", func(b *agent.Object) bool {
				return len(b.TextureEntry) > len(blank) && uuid.UUID(b.TextureEntry[:len(blank)]) == blank
			})},
		{"offer it for sale", func(ctx ctx, o agent.Objects) error { return o.SetForSale(ctx, id, agent.SaleCopy, 1) },
			tells(func(p agent.ObjectProperties) bool { return p.Sale == agent.SaleCopy && p.Price == 1 })},
	}
}

// assemble copies a box, links the copy to it and unlinks and deletes it.
func (c *Cast) assemble(ctx context.Context, o agent.Objects, box agent.Object) error {
	var twin agent.Object
	err := c.Step("duplicate it", func() (err error) {
		twin, err = o.Duplicate(ctx, box.LocalID, message.Vector3{X: 0.5})
		return err
	})
	if err != nil {
		return err
	}
	err = c.Step("link the copy to it", func() error {
		if err := o.Link(ctx, box.LocalID, twin.LocalID); err != nil {
			return err
		}
		return becomes(ctx, o, twin, "a linked copy", func(b *agent.Object) bool { return b.ParentID == box.LocalID })
	})
	if err == nil {
		err = c.Step("unlink it", func() error {
			if err := o.Unlink(ctx, twin.LocalID); err != nil {
				return err
			}
			return becomes(ctx, o, twin, "a copy by itself", (*agent.Object).Root)
		})
	}
	return errors.Join(err, c.discard(ctx, c.Player(), twin))
}
