package behaviors

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/slload/slload/agent"
)

var mapBlock = Behavior{
	Name:    "map_block",
	Summary: "reads the map around its region, and finds that on it",
	Agents:  1,
	Reports: agent.OpMapBlock,
	Params:  []Param{{"reach", 4.0, "how far around, in units of 256 m"}},
	Run: func(ctx context.Context, c *Cast) error {
		a := c.Player()
		return c.Step("read the map", func() error {
			here, err := a.State(ctx)
			if err != nil {
				return err
			}
			list, err := a.MapBlocks(ctx, areaAround(here.Region, uint32(min(max(c.Args.Number("reach"), 0), 1000))))
			if err != nil {
				return err
			}
			return c.findOnMap(list, here.Region.Name)
		})
	},
}

var mapSearch = Behavior{
	Name:    "map_search",
	Summary: "searches the map for a region by name",
	Agents:  1,
	Reports: agent.OpMapSearch,
	Params:  []Param{{"name", "", "what to search for; left out, the region that it stands in"}},
	Run: func(ctx context.Context, c *Cast) error {
		a := c.Player()
		name := c.Args.Text("name")
		if name == "" {
			here, err := a.State(ctx)
			if err != nil {
				return err
			}
			name = here.Region.Name
		}
		return c.Step("search the map for "+name, func() error {
			list, err := a.MapSearch(ctx, name)
			if err != nil {
				return err
			}
			if len(list) == 0 && len(name) < shortestSearch {
				c.Note("nothing found: OpenSimulator doesn't search for less than %d characters", shortestSearch)
				found, err := a.FindRegion(ctx, name) // in the map around
				list = []agent.MapRegion{found}
				if err != nil {
					return err
				}
			}
			return c.findOnMap(list, name)
		})
	},
}

// shortestSearch is what OpenSimulator asks of a search.
const shortestSearch = 3

// findOnMap notes what regions there are, and fails if the one isn't among
// them.
func (c *Cast) findOnMap(list []agent.MapRegion, name string) error {
	var names []string
	for _, r := range list {
		names = append(names, r.Name)
	}
	c.Note("%d region(s): %s", len(names), strings.Join(names[:min(len(names), 20)], ", "))
	if !slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) }) {
		return fmt.Errorf("region %s is not among the %d that the map has", name, len(names))
	}
	return nil
}

var mapItemRequests = Behavior{
	Name:    "map_item_requests",
	Summary: "asks the map for agents, telehubs and land for sale in its region",
	Agents:  1,
	Reports: agent.OpMapItem,
	Params:  []Param{{"patience", 2 * time.Second, "how long a kind may take of which there may be none: grids don't say so"}},
	Run: func(ctx context.Context, c *Cast) error {
		for _, kind := range []struct {
			name  string
			kind  agent.MapItemKind
			maybe bool // a grid without any says nothing
		}{
			{"agents", agent.MapAgents, false}, {"telehubs", agent.MapTelehub, true}, {"land for sale", agent.MapLandForSale, true},
		} {
			err := c.Step("ask for "+kind.name, func() error { return c.mapItems(ctx, kind.name, kind.kind, kind.maybe) })
			if err != nil {
				return err
			}
		}
		return nil
	},
}

// mapItems asks for one kind. Silence may mean that there is none, after a
// while.
func (c *Cast) mapItems(ctx context.Context, name string, kind agent.MapItemKind, maybe bool) error {
	asking, cancel := ctx, context.CancelFunc(func() {})
	if maybe {
		asking, cancel = context.WithTimeout(ctx, c.Args.Duration("patience"))
	}
	defer cancel()
	items, err := c.Player().MapItems(asking, kind, 0)
	if maybe && errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		err = nil
	}
	if err == nil {
		c.Note("%d of %s", len(items), name)
	}
	return err
}
