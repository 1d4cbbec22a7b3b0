package behaviors

import (
	"context"
	"fmt"

	"github.com/slload/slload/agent"
)

// noteLife makes a note in a folder, renames and copies it, and removes the
// copy.
func (c *Cast) noteLife(ctx context.Context, inv agent.Inventory, f agent.Folder) (err error) {
	var it, copied agent.Item
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"create a note in it", func() error {
			it, err = inv.CreateItem(ctx, agent.NewItem{Folder: f.ID, Name: "note", Type: agent.AssetNotecard})
			return err
		}},
		{"rename the note", func() error {
			if err := inv.Rename(ctx, it, "renamed note"); err != nil {
				return err
			}
			return until(ctx, "the note has its new name", func() (bool, error) {
				got, err := inv.Item(ctx, it.ID)
				return got.Name == "renamed note", err
			})
		}},
		{"copy the note", func() error {
			if copied, err = inv.Copy(ctx, it.ID, f.ID, "copied note"); err != nil {
				return err
			}
			got, err := inv.Item(ctx, copied.ID)
			if err == nil && (got.Name != "copied note" || got.Asset != it.Asset) {
				err = fmt.Errorf("the copy is %q of asset %v", got.Name, got.Asset)
			}
			return err
		}},
		{"remove the copy", func() error {
			if err := inv.Remove(ctx, copied.ID); err != nil {
				return err
			}
			return until(ctx, "the copy has gone", func() (bool, error) {
				got, err := inv.Contents(ctx, f.ID)
				_, there := got.Item("copied note")
				return !there, err
			})
		}},
	} {
		if err := c.Step(step.what, step.do); err != nil {
			return err
		}
	}
	return nil
}

// rezFound rezzes the first object of that name, and deletes it again.
func (c *Cast) rezFound(ctx context.Context, inv agent.Inventory, part string) (err error) {
	a := c.Player()
	var found []agent.Item
	err = c.Step("search for an object named "+part, func() error {
		named := agent.Named(part)
		found, err = inv.Search(ctx, 1, func(it agent.Item) bool { return it.Type == agent.AssetObject && named(it) })
		if err == nil && len(found) == 0 {
			err = fmt.Errorf("the inventory has no object named %q", part)
		}
		return err
	})
	if err != nil {
		return err
	}
	stop, err := c.track(ctx, a)
	if err != nil {
		return err
	}
	defer stop()
	var b agent.Object
	err = c.Step("rez "+found[0].Name, func() error {
		at, err := c.spot(ctx, a)
		if err == nil {
			b, err = a.Objects().Rez(ctx, found[0], at)
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.discard(ctx, a, b)
}
