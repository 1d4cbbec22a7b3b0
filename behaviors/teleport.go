package behaviors

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/message"
)

// back is the parameter of behaviours that go to another region.
var back = Param{"back", false, "whether to teleport back to where it began"}

var teleport = Behavior{
	Name:    "teleport",
	Summary: "teleports to a region nearby, by chance or by name",
	Agents:  1,
	Reports: agent.OpTeleport,
	Params: []Param{
		{"region", "", "name of the region; left out, one of the map by chance, its own included"},
		{"margin", 24.0, "metres that it keeps from the region's border"},
		back,
	},
	Run: func(ctx context.Context, c *Cast) error {
		a := c.Player()
		return c.andBack(ctx, func() error {
			to, err := c.chooseRegion(ctx, a)
			if err != nil {
				return err
			}
			margin := c.Args.Number("margin")
			spread := max(mapUnit-2*margin, 0)
			pos := message.Vector3{
				X: float32(margin + c.Rand.Float64()*spread), Y: float32(margin + c.Rand.Float64()*spread), Z: teleportHeight,
			}
			err = c.Step("teleport to "+to.Name, func() error { return a.TeleportTo(ctx, to.Handle, pos) })
			if err != nil {
				return err
			}
			return c.standIn(ctx, a, to.Name)
		})
	},
}

const (
	mapUnit = 256 // metres: the smallest region's size, in which the map counts

	// teleportHeight is above most ground; where it is not, simulators put one
	// on the ground.
	teleportHeight = 30

	// settleTime is how long one stays before teleporting back: OpenSimulator
	// hangs for half a minute, and loses the avatar, when it is asked before
	// the region left behind has done its part of the first teleport.
	settleTime = 2 * time.Second

	// mapReach is how far around, in units of the map, behaviours look for
	// regions to go to.
	mapReach = 4
)

// chooseRegion gives the region of the parameter, or one of the map around.
func (c *Cast) chooseRegion(ctx context.Context, a *agent.Agent) (to agent.MapRegion, err error) {
	if name := c.Args.Text("region"); name != "" {
		err = c.Step("find region "+name, func() error {
			to, err = a.FindRegion(ctx, name)
			return err
		})
		return to, err
	}
	err = c.Step("read the map", func() error {
		here, err := a.State(ctx)
		if err != nil {
			return err
		}
		list, err := a.MapBlocks(ctx, areaAround(here.Region, mapReach))
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return fmt.Errorf("the map has no region around %s, not even that itself", here.Region.Name)
		}
		to = list[c.Rand.IntN(len(list))]
		return nil
	})
	return to, err
}

// areaAround is the part of the map within so many units of a region.
func areaAround(r agent.RegionInfo, units uint32) agent.Area {
	low := func(metres uint32) uint16 { return uint16(max(metres/mapUnit, units) - units) }
	high := func(metres, size uint32) uint16 { return uint16((metres+size-1)/mapUnit + units) }
	return agent.Area{MinX: low(r.X), MinY: low(r.Y), MaxX: high(r.X, r.SizeX), MaxY: high(r.Y, r.SizeY)}
}

// standIn checks that the agent is in the region of that name, and heard there.
func (c *Cast) standIn(ctx context.Context, a *agent.Agent, name string) error {
	return c.Step("stand in "+name, func() error {
		s, err := a.State(ctx)
		if err == nil && s.Region.Name != name {
			err = fmt.Errorf("the agent stands in %s", s.Region.Name)
		}
		return err
	})
}

// andBack plays travel, and teleports back afterwards if the parameter says
// so, whatever became of it.
func (c *Cast) andBack(ctx context.Context, travel func() error) error {
	a := c.Player()
	begin, err := a.State(ctx)
	if err != nil {
		return err
	}
	err = travel()
	if !c.Args.Bool(back.Name) || ctx.Err() != nil {
		return err
	}
	if cut := rest(ctx, a, settleTime); cut != nil {
		return errors.Join(err, cut)
	}
	home := uint64(begin.Region.X)<<32 | uint64(begin.Region.Y)
	returned := c.Step("teleport back to "+begin.Region.Name, func() error { return a.TeleportTo(ctx, home, begin.Position) })
	if err == nil {
		err = returned
	}
	return err
}
