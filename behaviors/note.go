package behaviors

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/slload/slload/agent"
)

var note = Behavior{
	Name:    "note",
	Summary: "creates a note, writes it, fetches it, compares what came, and removes it",
	Agents:  1,
	Reports: "caps.UpdateNotecardAgentInventory",
	Params:  []Param{{"text", "hello", "what is written; a number follows it"}},
	Run: func(ctx context.Context, c *Cast) error {
		inv, text := c.Player().Inventory(), numbered(c, "text")
		var it agent.Item
		var err error
		err = c.Step("create a note and write "+text, func() error {
			it, err = inv.CreateNote(ctx, uuid.Nil, "slload note", text)
			return err
		})
		if it.ID == uuid.Nil {
			return err
		}
		if err == nil {
			err = c.readBack(ctx, inv, it, text)
		}
		return errors.Join(err, c.removeItems(ctx, inv, it.ID))
	},
}

// readBack fetches a note by its item, and compares its text.
func (c *Cast) readBack(ctx context.Context, inv agent.Inventory, it agent.Item, text string) error {
	return c.Step("fetch the note and compare", func() error {
		kept, err := inv.Item(ctx, it.ID)
		if err != nil {
			return err
		}
		got, err := inv.ReadNote(ctx, kept)
		if err == nil && got != text {
			err = fmt.Errorf("the note says %q", got)
		}
		return err
	})
}

// helloScript is what object_create_upload_via_caps uploads.
const helloScript = `default
{
    state_entry() { llSay(0, "Hello, slload!"); }
    touch_start(integer total) { llSay(0, "slload says hi."); }
}
`

var uploadViaCaps = Behavior{
	Name:    "object_create_upload_via_caps",
	Summary: "creates a script and a note, uploads what is in them by capabilities, finds and compares them, and removes them",
	Agents:  1,
	Reports: "caps.UpdateScriptAgent",
	Run: func(ctx context.Context, c *Cast) error {
		inv := c.Player().Inventory()
		name := fmt.Sprintf("slload script %08x", c.Rand.Uint32())
		var script agent.Item
		var err error
		err = c.Step("create a script and upload its source", func() error {
			script, _, err = inv.CreateScript(ctx, uuid.Nil, name, helloScript)
			return err
		})
		if script.ID == uuid.Nil {
			return err
		}
		if err == nil {
			err = c.Step("find it and compare its source", func() error { return compareScript(ctx, inv, c.Player(), script) })
		}
		err = errors.Join(err, c.removeItems(ctx, inv, script.ID))
		if err != nil {
			return err
		}
		return note.Run(ctx, &Cast{Agents: c.Agents, Rand: c.Rand, Narrator: c.Narrator, Args: Args{"text": "This is a test of the notecard system."}})
	},
}

func compareScript(ctx context.Context, inv agent.Inventory, a *agent.Agent, script agent.Item) error {
	in, err := inv.Contents(ctx, script.Folder)
	if err != nil {
		return err
	}
	found, ok := in.Item(script.Name)
	if !ok || found.Asset != script.Asset {
		return fmt.Errorf("the folder of the scripts has no %q of asset %v", script.Name, script.Asset)
	}
	source, err := a.Assets().Fetch(ctx, found.Asset, agent.AssetScript)
	if err == nil && string(source) != helloScript {
		err = fmt.Errorf("the source is another: %d bytes", len(source))
	}
	return err
}
