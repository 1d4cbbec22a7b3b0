package behaviors

import (
	"context"

	"github.com/slload/slload/agent"
)

var im = Behavior{
	Name:    "im",
	Summary: "sends an instant message to another agent and waits until that one has it",
	Agents:  2,
	Roles:   []string{"sender", "receiver"},
	Reports: agent.OpIM,
	Params: []Param{
		{"text", "hello", "what is sent; a number follows it, so that messages can be told apart"},
		timeout,
	},
	Run: func(ctx context.Context, c *Cast) error {
		ctx, cancel := context.WithTimeout(ctx, c.Args.Duration("timeout"))
		defer cancel()
		text := numbered(c, "text")
		return c.Step("send "+text+" to "+c.Agents[1].String(), func() error { return c.Player().IMTo(ctx, c.Agents[1], text) })
	},
}
