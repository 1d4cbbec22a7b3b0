package behaviors

import (
	"context"
	"errors"
	"fmt"

	"github.com/slload/slload/agent"
	loginservice "github.com/slload/slload/login"
)

var imToSelf = Behavior{
	Name:    "im_to_self",
	Summary: "sends itself an instant message and waits until it has come",
	Agents:  1,
	Params: []Param{
		{"text", "hello", "what is sent; a number follows it, so that messages can be told apart"},
	},
	Run: func(ctx context.Context, c *Cast) error {
		text := numbered(c, "text")
		return c.Step("send "+text+" to itself", func() error { return c.Player().IMTo(ctx, c.Player(), text) })
	},
}

var capabilities = Behavior{
	Name:    "capabilities",
	Summary: "asks a capability what the simulator can do",
	Agents:  1,
	Reports: "caps.SimulatorFeatures",
	Run: func(ctx context.Context, c *Cast) error {
		return c.Step("call SimulatorFeatures", func() error {
			features, err := c.Player().SimulatorFeatures(ctx)
			if err == nil {
				c.Note("the simulator tells of %d features", len(features))
			}
			return err
		})
	},
}

var wrongPassword = Behavior{
	Name:      "wrong_password",
	Summary:   "tries to log in with a wrong password, and is refused",
	LoggedOut: 1,
	Run: func(ctx context.Context, c *Cast) error {
		opt := c.LoggedOut[0]
		opt.Account.Password += fmt.Sprintf("-%08x", c.Rand.Uint32())
		return c.Step("be refused as "+opt.Account.Name()+" with a wrong password", func() error {
			a, err := agent.Login(ctx, opt)
			switch {
			case err == nil:
				return errors.Join(errors.New("the grid let it in"), c.logout(a))
			case !errors.Is(err, loginservice.ErrWrongPassword):
				return err
			}
			var refusal *loginservice.Failure
			if errors.As(err, &refusal) {
				c.Note("the grid says: %s", refusal.Message)
			}
			return nil
		})
	},
}
