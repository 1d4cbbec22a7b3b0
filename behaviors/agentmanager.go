package behaviors

import (
	"context"
	"errors"

	"github.com/slload/slload/agent"
)

var agentManager = Behavior{
	Name:      "agent_manager",
	Summary:   "logs all accounts in, one after another, keeps them in world together, and logs them out",
	LoggedOut: 2,
	More:      true,
	Params:    []Param{{"stay", glance, "how long all of them stay in world together"}},
	Run: func(ctx context.Context, c *Cast) (err error) {
		var in []*agent.Agent
		defer func() {
			for _, a := range in {
				err = errors.Join(err, c.logout(a))
			}
		}()
		for _, opt := range c.LoggedOut {
			a, err := c.login(ctx, opt)
			if err != nil {
				return err
			}
			in = append(in, a)
		}
		for _, a := range in {
			if err := c.arrive(ctx, a); err != nil {
				return err
			}
		}
		return c.Step("stay together", func() error {
			err := rest(ctx, in[0], c.Args.Duration("stay"))
			for _, a := range in {
				err = errors.Join(err, a.Err())
			}
			return err
		})
	},
}
