package behaviors

import (
	"context"
	"fmt"

	"github.com/slload/slload/agent"
)

var login = Behavior{
	Name:      "login",
	Summary:   "logs in, and out again at once",
	Reports:   agent.OpLogin,
	LoggedOut: 1,
	Params:    []Param{{"llsd", false, "send the credentials as LLSD in place of XML-RPC"}},
	Run: func(ctx context.Context, c *Cast) error {
		opt := c.LoggedOut[0]
		if c.Args.Bool("llsd") {
			opt.Protocol = agent.LLSD
		}
		return c.visit(ctx, opt, func(a *agent.Agent) error {
			s, err := a.State(ctx)
			if err == nil {
				c.Note("%s is %v, in %s", a, a.ID, s.Region.Name)
			}
			return err
		})
	},
}

var agentLogin = Behavior{
	Name:      "agent_login",
	Summary:   "logs in, waits until it sees itself in its region, and logs out",
	Reports:   agent.OpLogin,
	LoggedOut: 1,
	Run: func(ctx context.Context, c *Cast) error {
		return c.visit(ctx, c.LoggedOut[0], func(a *agent.Agent) error { return c.arrive(ctx, a) })
	},
}

// arrive waits until the agent sees itself: then it is in its region for
// others, too.
func (c *Cast) arrive(ctx context.Context, a *agent.Agent) error {
	return c.Step("see itself in the region", func() error {
		s, err := see(ctx, a, "its own avatar", func(s agent.State) bool { return s.Avatars > 0 })
		if err == nil {
			c.Note("%s is in %s at %s; it sees %d object(s), %d avatar(s) among them",
				a, s.Region.Name, place(s), s.Objects, s.Avatars)
		}
		return err
	})
}

// place is where the agent is, in whole metres.
func place(s agent.State) string {
	p := s.Position
	return fmt.Sprintf("%.0f, %.0f, %.0f", p.X, p.Y, p.Z)
}
