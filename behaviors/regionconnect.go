package behaviors

import (
	"context"
	"fmt"

	"github.com/slload/slload/agent"
)

var regionConnect = Behavior{
	Name:    "region_connect",
	Summary: "looks at what connects an agent with its region: circuit, handshake, capabilities, events",
	Agents:  1,
	Run: func(ctx context.Context, c *Cast) error {
		a := c.Player()
		// Expected from the beginning, for it comes every few seconds only.
		stats := agent.Expect(a, func(agent.RegionStats) bool { return true })
		defer stats.Cancel()
		for _, step := range []struct {
			what string
			do   func() error
		}{
			{"read the region's handshake", func() error { return c.readHandshake(ctx, a) }},
			{"have an event queue", func() error {
				_, err := a.Capability(ctx, "EventQueueGet")
				return err
			}},
			{"hear the region's statistics", func() error {
				s, err := stats.Wait(ctx, "SimStats")
				if err == nil {
					c.Note("%.1f frames/s, time dilation %.2f, %d agent(s)", s.FPS, s.TimeDilation, s.Agents)
				}
				return err
			}},
		} {
			if err := c.Step(step.what, step.do); err != nil {
				return err
			}
		}
		return c.arrive(ctx, a)
	},
}

func (c *Cast) readHandshake(ctx context.Context, a *agent.Agent) error {
	s, err := a.State(ctx)
	if err != nil {
		return err
	}
	r := s.Region
	c.Note("region %s, %v, %d x %d m, corner at %d, %d m", r.Name, r.ID, r.SizeX, r.SizeY, r.X, r.Y)
	if r.Name == "" || r.X == 0 && r.Y == 0 || r.SizeX == 0 || r.SizeY == 0 {
		return fmt.Errorf("the simulator left out the region's name, place or size: %+v", r)
	}
	return nil
}
