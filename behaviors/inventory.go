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
