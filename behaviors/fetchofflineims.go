package behaviors

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/slload/slload/agent"
)

var fetchOfflineIMs = Behavior{
	Name:      "fetch_offline_ims",
	Summary:   "sends an instant message to somebody who is away, who then comes and fetches it",
	Agents:    1,
	LoggedOut: 1,
	Roles:     []string{"sender", "receiver"},
	Params: []Param{
		{"text", "hello", "what is sent; a number follows it, so that messages can be told apart"},
		{"quiet", 2 * time.Second, "after how long without a message all have come"},
	},
	Run: func(ctx context.Context, c *Cast) error {
		sender, text := c.Player(), numbered(c, "text")
		// The receiver's id is known by its login.
		receiver, err := c.login(ctx, c.LoggedOut[0])
		if err != nil {
			return err
		}
		if err := c.logout(receiver); err != nil {
			return err
		}
		word := agent.Expect(sender, func(e agent.IMReceived) bool { return e.From == receiver.ID || e.Dialog != agent.DialogMessage })
		defer word.Cancel()
		err = c.Step("send "+text+" to "+receiver.String(), func() error { return sender.IM(ctx, receiver.ID, text) })
		if err != nil {
			return err
		}
		return c.visit(ctx, c.LoggedOut[0], func(a *agent.Agent) error {
			return c.fetchIM(ctx, a, text, word)
		})
	},
}

// fetchIM fetches what came while the agent was away: the text must be there,
// unless the grid's word to the sender was that it keeps no messages.
func (c *Cast) fetchIM(ctx context.Context, a *agent.Agent, text string, word *agent.Expectation[agent.IMReceived]) error {
	return c.Step("fetch what came meanwhile", func() error {
		all, err := a.OfflineIMs(ctx, c.Args.Duration("quiet"))
		if err != nil {
			return err
		}
		for _, m := range all {
			c.Note("%s wrote: %s", m.FromName, m.Text)
		}
		if slices.ContainsFunc(all, func(m agent.IMReceived) bool { return strings.Contains(m.Text, text) }) {
			return nil
		}
		said, err := word.Wait(ended, "the grid's word")
		if err != nil || strings.Contains(said.Text, "Message saved") {
			return errors.New("the message was not among what came")
		}
		return &SkipError{"the grid told the sender: " + said.Text}
	})
}

// ended is a context for what must have happened already.
var ended = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()
