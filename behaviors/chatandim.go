package behaviors

import (
	"context"

	"github.com/slload/slload/agent"
)

var chatAndInstantMessaging = Behavior{
	Name:    "chat_and_instant_messaging",
	Summary: "two agents talk: by chat, which each hears itself, and by instant messages both ways",
	Agents:  2,
	Roles:   []string{"first", "second"},
	Params: []Param{
		{"text", "hello", "what is said; a number follows it, so that lines can be told apart"},
	},
	Run: func(ctx context.Context, c *Cast) error {
		a, b := c.Agents[0], c.Agents[1]
		for _, speaker := range []*agent.Agent{a, b} {
			text := numbered(c, "text")
			err := c.Step(speaker.String()+" says "+text, func() error { return speaker.ChatEcho(ctx, text) })
			if err != nil {
				return err
			}
		}
		for _, way := range [][2]*agent.Agent{{a, b}, {b, a}} {
			from, to, text := way[0], way[1], numbered(c, "text")
			err := c.Step(from.String()+" sends "+text+" to "+to.String(), func() error {
				got := agent.Expect(to, func(e agent.IMReceived) bool { return e.From == from.ID && e.Text == text })
				defer got.Cancel()
				if err := from.IMTo(ctx, to, text); err != nil {
					return err
				}
				e, err := got.Wait(ctx, "the instant message's event")
				if err == nil {
					c.Note("%s got %q from %s", to, e.Text, e.FromName)
				}
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	},
}
