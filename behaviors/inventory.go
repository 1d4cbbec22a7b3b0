package behaviors

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/agent"
)

// wayParam is how behaviours reach an inventory.
var wayParam = Param{"way", "best", "how the inventory is reached: best (what the grid offers of the others), AIS, HTTP or UDP"}

// ways are wayParam's values.
var ways = map[string]agent.Way{"best": agent.BestWay, "AIS": agent.AIS, "HTTP": agent.HTTP, "UDP": agent.UDP}

func (c *Cast) way() (agent.Way, error) {
	way, known := ways[c.Args.Text("way")]
	if !known {
		return 0, fmt.Errorf("way %q: give best, AIS, HTTP or UDP", c.Args.Text("way"))
	}
	return way, nil
}

// lookAgain is how long a behaviour waits until it asks again for what nothing
// tells of.
const lookAgain = 100 * time.Millisecond

// until asks again until done: simulators acknowledge changes of an inventory
// and carry them out a little later.
func until(ctx context.Context, what string, done func() (bool, error)) error {
	tick := time.NewTicker(lookAgain)
	defer tick.Stop()
	for {
		ok, err := done()
		if ok || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("wait until %s: %w", what, context.Cause(ctx))
		}
	}
}

// download walks a whole inventory, as a step.
func (c *Cast) download(ctx context.Context, name string, inv agent.Inventory) error {
	return c.Step("fetch "+name, func() error {
		folders, items := 0, 0
		err := inv.Walk(ctx, func(in agent.Contents) bool {
			folders++
			items += len(in.Items)
			return true
		})
		if err == nil {
			c.Note("%s has %d folders with %d items", name, folders, items)
		}
		return err
	})
}

// tidy is a context for what a behaviour does to leave no trace.
func tidy(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), tidyTime)
}

// removeItems takes items away for good, as a step, whatever ctx says.
func (c *Cast) removeItems(ctx context.Context, inv agent.Inventory, ids ...uuid.UUID) error {
	if len(ids) == 0 {
		return nil
	}
	ctx, cancel := tidy(ctx)
	defer cancel()
	return c.Step(fmt.Sprintf("remove %d item(s)", len(ids)), func() error { return inv.Remove(ctx, ids...) })
}

var inventoryDownload = Behavior{
	Name:    "inventory_download",
	Summary: "fetches its whole inventory and the library, folder by folder",
	Agents:  1,
	Reports: "do.inventory_download",
	Params:  []Param{wayParam},
	Run: func(ctx context.Context, c *Cast) error {
		way, err := c.way()
		if err != nil {
			return err
		}
		err = c.download(ctx, "the inventory", c.Player().Inventory().Over(way))
		if err != nil {
			return err
		}
		return c.download(ctx, "the library", c.Player().Library().Over(way))
	},
}

var inventoryHandling = Behavior{
	Name:    "inventory_handling",
	Summary: "fetches its inventory; makes, renames, copies, moves and removes a folder and a note, and sees each done",
	Agents:  1,
	Reports: "do.inventory_handling",
	Params: []Param{
		wayParam,
		{"search", "", "a part of the name of an object to find and to rez besides; the object is deleted again"},
	},
	Run: func(ctx context.Context, c *Cast) error {
		way, err := c.way()
		if err != nil {
			return err
		}
		return c.handle(ctx, c.Player().Inventory().Over(way))
	},
}

var aisInventoryHandling = Behavior{
	Name:    "AIS_inventory_handling",
	Summary: "inventory_handling by capabilities: AIS where the grid has it, else FetchInventoryDescendents2; the library, too",
	Agents:  1,
	Params:  []Param{{"search", "", "as of inventory_handling"}},
	Run: func(ctx context.Context, c *Cast) error {
		a, way := c.Player(), agent.AIS
		_, err := a.Capability(ctx, "InventoryAPIv3")
		var missing *agent.NoCapabilityError
		switch {
		case errors.As(err, &missing):
			c.Note("the grid has no AIS; FetchInventoryDescendents2 takes its place")
			way = agent.HTTP
		case err != nil:
			return err
		}
		if err := c.download(ctx, "the library", a.Library().Over(way)); err != nil {
			return err
		}
		return c.handle(ctx, a.Inventory().Over(way))
	},
}

// handle is the life of a folder and a note, and the rezzing of what is
// searched for.
func (c *Cast) handle(ctx context.Context, inv agent.Inventory) error {
	if err := c.download(ctx, "the inventory", inv); err != nil {
		return err
	}
	if err := c.folderLife(ctx, inv); err != nil {
		return err
	}
	if part := c.Args.Text("search"); part != "" {
		return c.rezFound(ctx, inv, part)
	}
	return nil
}

// folderLife makes a folder with a note in it, changes both, and removes them.
func (c *Cast) folderLife(ctx context.Context, inv agent.Inventory) (err error) {
	var trash, f agent.Folder
	name := fmt.Sprintf("slload %08x", c.Rand.Uint32())
	err = c.Step("find the trash", func() error {
		trash, err = inv.FolderFor(ctx, agent.TrashFolder)
		return err
	})
	if err == nil {
		err = c.Step("create folder "+name, func() error {
			if f, err = inv.CreateFolder(ctx, inv.Root(), name, agent.NoFolderType); err != nil {
				return err
			}
			return c.folderIs(ctx, inv, f.ID, inv.Root(), name)
		})
	}
	if err != nil {
		return err
	}
	err = c.Step("rename it", func() error {
		if err := inv.RenameFolder(ctx, f, name+" renamed"); err != nil {
			return err
		}
		return c.folderIs(ctx, inv, f.ID, inv.Root(), name+" renamed")
	})
	if err == nil {
		err = c.noteLife(ctx, inv, f)
	}
	return errors.Join(err, c.bury(ctx, inv, f, trash))
}

// folderIs waits until a folder has that parent and name.
func (c *Cast) folderIs(ctx context.Context, inv agent.Inventory, id, in uuid.UUID, name string) error {
	return until(ctx, "the folder is there", func() (bool, error) {
		got, err := inv.Contents(ctx, in)
		f, ok := got.Subfolder(name)
		return ok && f.ID == id, err
	})
}

// bury moves a folder to the trash and removes it with all that is in it.
func (c *Cast) bury(ctx context.Context, inv agent.Inventory, f, trash agent.Folder) error {
	ctx, cancel := tidy(ctx)
	defer cancel()
	return c.Step("remove the folder", func() error {
		if err := inv.MoveFolder(ctx, f.ID, trash.ID); err != nil {
			return err
		}
		err := until(ctx, "the folder is in the trash", func() (bool, error) {
			got, err := inv.Contents(ctx, trash.ID)
			return hasFolder(got, f.ID), err
		})
		if err != nil {
			return err
		}
		if err := inv.RemoveFolder(ctx, f.ID); err != nil {
			return err
		}
		return until(ctx, "the folder has gone", func() (bool, error) {
			got, err := inv.Contents(ctx, trash.ID)
			return !hasFolder(got, f.ID), err
		})
	})
}

func hasFolder(c agent.Contents, id uuid.UUID) bool {
	for _, f := range c.Folders {
		if f.ID == id {
			return true
		}
	}
	return false
}

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
