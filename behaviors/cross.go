package behaviors

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/message"
)

var cross = Behavior{
	Name:       "cross",
	Summary:    "walks over the border into a neighbour region",
	Agents:     1,
	Neighbours: true,
	Reports:    agent.OpCrossing,
	Params: []Param{
		{"direction", "", "east, north, west or south; left out, one by chance that leads somewhere"},
		{"patience", 10 * time.Second, "how long it waits for all the regions around; then one will do"},
		{"from", 6.0, "metres from the border to which it teleports first"},
		back,
	},
	Run: func(ctx context.Context, c *Cast) error {
		a := c.Player()
		return c.andBack(ctx, func() error {
			d, beyond, err := c.chooseBorder(ctx, a)
			if err != nil {
				return err
			}
			if err := c.approach(ctx, a, d); err != nil {
				return err
			}
			err = c.Step(fmt.Sprintf("walk %s to %s", d, beyond.Name), func() error {
				_, err := a.Cross(ctx, d)
				return err
			})
			if err != nil {
				return err
			}
			return c.standIn(ctx, a, beyond.Name)
		})
	},
}

// chooseBorder waits until the agent sees regions beyond its own, and chooses
// a way to one.
func (c *Cast) chooseBorder(ctx context.Context, a *agent.Agent) (d agent.Direction, beyond agent.RegionInfo, err error) {
	want := strings.ToLower(c.Args.Text("direction"))
	err = c.Step("see a region beyond a border", func() error {
		waiting, cancel := context.WithTimeout(ctx, c.Args.Duration("patience"))
		_, err := c.seeNeighbours(waiting, a)
		cancel()
		if err != nil && (ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded)) {
			return err
		}
		for _, i := range c.Rand.Perm(4) {
			if d = agent.Direction(i); want != "" && want != d.String() {
				continue
			}
			var ok bool
			var lost error
			if beyond, ok, lost = a.NeighbourAt(ctx, d); lost != nil || ok {
				return lost
			}
		}
		if err != nil {
			return err // regions lie beyond that aren't seen
		}
		return &SkipError{strings.TrimSpace("no region lies beyond the border " + want)}
	})
	return d, beyond, err
}

// approach brings the agent near to the border.
func (c *Cast) approach(ctx context.Context, a *agent.Agent, d agent.Direction) error {
	return c.Step(fmt.Sprintf("go near the %s border", d), func() error {
		s, err := a.State(ctx)
		if err != nil {
			return err
		}
		from := float32(c.Args.Number("from"))
		width, depth := float32(s.Region.SizeX), float32(s.Region.SizeY)
		pos := message.Vector3{X: inside(s.Position.X, width), Y: inside(s.Position.Y, depth), Z: s.Position.Z}
		switch d {
		case agent.East:
			pos.X = width - from
		case agent.North:
			pos.Y = depth - from
		case agent.West:
			pos.X = from
		case agent.South:
			pos.Y = from
		}
		return a.TeleportTo(ctx, 0, pos)
	})
}

// inside keeps a coordinate away from the corners, where a step leads to
// another region than the one across.
func inside(v, size float32) float32 { return min(max(v, 2), size-2) }
