package behaviors

import (
	"context"
	"errors"
	"fmt"

	"github.com/slload/slload/agent"
)

var objectCreateRezScript = Behavior{
	Name:    "object_create_rez_script",
	Summary: "makes a script, rezzes it into a box, gives it a text that compiles, and hears it speak; one that doesn't is refused",
	Agents:  1,
	Reports: "caps.UpdateScriptTask",
	Params: []Param{
		{"text", "hello", "what the script says; a number follows it, so that lines can be told apart"},
	},
	Run: func(ctx context.Context, c *Cast) error {
		return c.workshop(ctx, func(o agent.Objects, box agent.Object) error {
			return c.withScript(ctx, func(script agent.Item) error {
				inside, err := c.insertScript(ctx, o, box, script)
				if err != nil {
					return err
				}
				return c.teach(ctx, o, box, inside)
			})
		})
	},
}

// withScript makes a script in the agent's inventory, has work done with it and
// takes it away again.
func (c *Cast) withScript(ctx context.Context, work func(script agent.Item) error) error {
	var it agent.Item
	err := c.Step("make a script", func() (err error) {
		it, err = c.Player().Inventory().CreateItem(ctx, agent.NewItem{
			Type: agent.AssetScript, Name: fmt.Sprintf("greeter %08x", c.Rand.Uint32()),
		})
		return err
	})
	if err != nil {
		return err
	}
	return errors.Join(work(it), c.removeItem(ctx, it))
}

// removeItem takes an item out of the inventory, whatever ctx says.
func (c *Cast) removeItem(ctx context.Context, it agent.Item) error {
	ctx, cancel := tidy(ctx)
	defer cancel()
	return c.Step("remove "+it.Name+" from the inventory", func() error {
		return c.Player().Inventory().Remove(ctx, it.ID)
	})
}

// insertScript puts a script from the inventory into a box and gives it as it
// is there.
func (c *Cast) insertScript(ctx context.Context, o agent.Objects, box agent.Object, script agent.Item) (inside agent.Item, err error) {
	err = c.Step("rez it into the box", func() error {
		if err := o.RezScript(ctx, box, script); err != nil {
			return err
		}
		list, err := o.ContentsWhen(ctx, box, func(list []agent.Item) bool { return len(list) == 1 })
		if err != nil {
			return err
		}
		inside = list[0]
		c.Note("%s is in the box as %v", inside.Name, inside.ID)
		return nil
	})
	return inside, err
}

// teach gives a script in a box a text that speaks, hears it, and tries one
// that doesn't compile.
func (c *Cast) teach(ctx context.Context, o agent.Objects, box agent.Object, script agent.Item) error {
	text := numbered(c, "text")
	err := c.Step("upload and compile it", func() error {
		return c.hear(ctx, box, text, func() error {
			u, err := o.UploadScript(ctx, box, script.ID, speaker(text))
			if err == nil && !u.Compiled {
				err = fmt.Errorf("it doesn't compile: %q", u.Errors)
			}
			return err
		})
	})
	if err != nil {
		return err
	}
	err = c.Step("touch the box", func() error {
		return c.hear(ctx, box, "touched: "+text, func() error { return o.Touch(ctx, box.LocalID) })
	})
	if err != nil {
		return err
	}
	return c.Step("upload one that doesn't compile", func() error {
		u, err := o.UploadScript(ctx, box, script.ID, "default { state_entry() { llSay(0, nothing); } }")
		switch {
		case err != nil:
			return err
		case u.Compiled || len(u.Errors) == 0:
			return errors.New("the simulator compiled it")
		}
		c.Note("the compiler said: %q", u.Errors)
		return nil
	})
}

// speaker is a script that says a text when it begins and when it is touched.
func speaker(text string) string {
	return fmt.Sprintf("default\n{\n    state_entry() { llSay(0, %[1]q); }\n    touch_start(integer n) { llSay(0, %[2]q); }\n}\n",
		text, "touched: "+text)
}

// hear waits until the agent hears an object say a text, from before do is
// run.
func (c *Cast) hear(ctx context.Context, b agent.Object, text string, do func() error) error {
	line := agent.Expect(c.Player(), func(e agent.ChatHeard) bool { return e.SourceID == b.ID && e.Text == text })
	if err := do(); err != nil {
		line.Cancel()
		return err
	}
	_, err := line.Wait(ctx, fmt.Sprintf("the box to say %q", text))
	if err == nil {
		c.Note("the box said %q", text)
	}
	return err
}
