package behaviors

import (
	"context"
	"fmt"
	"time"

	"github.com/slload/slload/agent"
)

var timeout = Param{"timeout", 30 * time.Second, "how long to wait for the line to come back before it counts as lost"}

var chat = Behavior{
	Name:    "chat",
	Summary: "says a line and waits until it is heard",
	Agents:  1,
	Reports: agent.OpChat,
	Params: []Param{
		{"text", "hello", "what is said; a number follows it, so that lines can be told apart"},
		timeout,
	},
	Run: func(ctx context.Context, c *Cast) error {
		ctx, cancel := context.WithTimeout(ctx, c.Args.Duration("timeout"))
		defer cancel()
		text := numbered(c, "text")
		return c.Step("say "+text+" and hear it", func() error { return c.Player().ChatEcho(ctx, text) })
	},
}

// numbered is the text with a number that tells it from the others under way.
func numbered(c *Cast, param string) string {
	return fmt.Sprintf("%s %08x", c.Args.Text(param), c.Rand.Uint32())
}
