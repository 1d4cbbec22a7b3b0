package behaviors

import (
	"context"
	"fmt"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/message"
	"github.com/slload/slload/ogp"
)

var agentDomain = Behavior{
	Name:      "agent_domain",
	Summary:   "logs in by an agent domain, reads its region's public seed, and has itself placed anew",
	Reports:   agent.OpLogin,
	LoggedOut: 1,
	Run: func(ctx context.Context, c *Cast) error {
		opt := c.LoggedOut[0]
		opt.Protocol = agent.OGP
		return c.visit(ctx, opt, func(a *agent.Agent) error { return c.tourOfDomain(ctx, a) })
	},
}

// tourOfDomain uses all that an agent domain offers to an agent in world.
func (c *Cast) tourOfDomain(ctx context.Context, a *agent.Agent) error {
	d, err := a.Domain()
	if err != nil {
		return err
	}
	var info *ogp.Info
	err = c.Step("ask the agent domain for the agent", func() error {
		if info, err = d.Info(ctx); err != nil {
			return err
		}
		if !info.Online || info.Region == "" {
			return fmt.Errorf("the domain takes %s, who is in world, for offline", a)
		}
		c.Note("%s is in the region of %s", a, info.Region)
		return nil
	})
	if err != nil {
		return err
	}
	err = c.Step("fetch the region's public seed", func() error {
		r, err := d.PublicSeed(ctx, info.Region)
		if err != nil {
			return err
		}
		_, err = r.URL(ogp.CapRequest)
		return err
	})
	if err != nil {
		return err
	}
	return c.Step("be placed elsewhere in the region", func() error { return placedBeside(ctx, a, info.Region) })
}

// placedBeside has the domain place an agent a few steps away, and checks where
// it stands then.
func placedBeside(ctx context.Context, a *agent.Agent, region string) error {
	s, err := a.State(ctx)
	if err != nil {
		return err
	}
	want := message.Vector3{X: 100, Y: 100, Z: s.Position.Z}
	if s.Position.X < 128 {
		want.X = 150
	}
	if err := a.PlaceAvatar(ctx, region, want); err != nil {
		return err
	}
	after, err := a.State(ctx)
	if err == nil && (after.Position.X != want.X || after.Position.Y != want.Y) {
		err = fmt.Errorf("it stands at %s, and was to be placed at %.0f, %.0f", place(after), want.X, want.Y)
	}
	return err
}
