package behaviors

import (
	"context"
	"fmt"
	"slices"

	"github.com/slload/slload/agent"
)

var multiRegionConnect = Behavior{
	Name:       "multi_region_connect",
	Summary:    "connects to the regions around its own, and hears from each",
	Agents:     1,
	Neighbours: true,
	Run: func(ctx context.Context, c *Cast) error {
		a := c.Player()
		var near []agent.RegionInfo
		err := c.Step("connect to the regions around", func() (err error) {
			near, err = c.seeNeighbours(ctx, a)
			return err
		})
		if err != nil {
			return err
		}
		for _, r := range near {
			c.Note("neighbour %s, corner at %d, %d m", r.Name, r.X, r.Y)
			if r.Name == "" {
				return fmt.Errorf("the region at %d, %d m has no name", r.X, r.Y)
			}
		}
		return c.arrive(ctx, a)
	},
}

// seeNeighbours waits until the agent is connected to each region that the map
// has around its own, and gives them. A *SkipError tells that there is none.
func (c *Cast) seeNeighbours(ctx context.Context, a *agent.Agent) ([]agent.RegionInfo, error) {
	connected := make(chan struct{}, 1)
	cancel := agent.Subscribe(a, func(agent.NeighbourConnected) {
		select {
		case connected <- struct{}{}:
		default:
		}
	})
	defer cancel()
	want, err := c.around(ctx, a)
	if err != nil {
		return nil, err
	}
	for {
		near, err := a.Neighbours(ctx)
		if err != nil {
			return nil, err
		}
		missing := slices.DeleteFunc(slices.Clone(want), func(name string) bool {
			return slices.ContainsFunc(near, func(r agent.RegionInfo) bool { return r.Name == name })
		})
		if len(missing) == 0 {
			return near, nil
		}
		select {
		case <-connected:
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for the neighbours %v: %w", missing, context.Cause(ctx))
		case <-a.Done():
			return nil, a.Err()
		}
	}
}

// around names the regions that touch the agent's own, as the map has them.
func (c *Cast) around(ctx context.Context, a *agent.Agent) (names []string, err error) {
	here, err := a.State(ctx)
	if err != nil {
		return nil, err
	}
	list, err := a.MapBlocks(ctx, areaAround(here.Region, 1))
	if err != nil {
		return nil, err
	}
	for _, r := range list {
		if r.Name != here.Region.Name {
			names = append(names, r.Name)
		}
	}
	if len(names) == 0 {
		return nil, &SkipError{"the map has no region around " + here.Region.Name}
	}
	return names, nil
}
