package behaviors

import (
	"context"
	"fmt"
	"maps"

	"github.com/slload/slload/agent"
)

var appearanceManagement = Behavior{
	Name:    "appearance_management",
	Summary: "reads what it wears, uploads baked textures and wears them, and another agent sees them",
	Agents:  2,
	Roles:   []string{"dresser", "onlooker"},
	Run: func(ctx context.Context, c *Cast) error {
		a, other := c.Agents[0], c.Agents[1]
		err := c.Step("read what "+a.String()+" wears", func() error {
			worn, err := a.Appearance().Wearables(ctx)
			c.Note("%s wears %d things", a, len(worn))
			if err != nil {
				return err
			}
			return a.Appearance().SetWearables(ctx, worn)
		})
		if err != nil {
			return err
		}
		var set agent.Looks
		err = c.Step(other.String()+" sees "+a.String()+" in new textures", func() error { return c.dress(ctx, a, other, &set) })
		if err != nil {
			return err
		}
		if set.CacheIDs == nil {
			return nil // the grid has baked them, and keeps them
		}
		return c.Step("find the textures in the grid's cache", func() error {
			cached, err := a.Appearance().CachedBakes(ctx, set.CacheIDs)
			if err == nil && !maps.Equal(cached, set.Bakes) {
				err = fmt.Errorf("it has %d of %d", len(cached), len(set.Bakes))
			}
			return err
		})
	},
}

// dress puts new textures on a, which other must see.
func (c *Cast) dress(ctx context.Context, a, other *agent.Agent, set *agent.Looks) error {
	seen, err := other.Appearance().AwaitLooks(ctx, a.ID, func() (err error) {
		*set, err = a.Appearance().Dress(ctx)
		return err
	})
	if err != nil {
		return err
	}
	for bake, id := range set.Bakes {
		if seen.Bakes[bake] != id {
			return fmt.Errorf("texture %d is %v, %s sees %v", bake, id, other, seen.Bakes[bake])
		}
	}
	c.Note("%s sees %d textures and %d shape parameters", other, len(seen.Bakes), len(seen.Shape))
	return nil
}
