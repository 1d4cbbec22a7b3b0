package behaviors

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
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
		{"word", 5 * time.Second, "how long the grid has to tell the sender that it keeps the message; some never do"},
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
		// In the receiver's name, as OpenSimulator has it, or in nobody's: what others
		// offer the sender meanwhile is no word on this message.
		word := agent.Expect(sender, func(e agent.IMReceived) bool { return e.From == receiver.ID || e.From == uuid.Nil })
		err = c.Step("send "+text+" to "+receiver.String(), func() error { return sender.IM(ctx, receiver.ID, text) })
		if err != nil {
			word.Cancel()
			return err
		}
		// A simulator that has just come up takes seconds for its first message. Who
		// comes back before would not have been away.
		said := c.wordOfGrid(ctx, word)
		return c.visit(ctx, c.LoggedOut[0], func(a *agent.Agent) error {
			return c.fetchIM(ctx, a, text, said)
		})
	},
}

// wordOfGrid is what the grid tells the sender, if it does: "".
func (c *Cast) wordOfGrid(ctx context.Context, word *agent.Expectation[agent.IMReceived]) string {
	ctx, cancel := context.WithTimeout(ctx, c.Args.Duration("word"))
	defer cancel()
	said, err := word.Wait(ctx, "the grid's word")
	if err != nil {
		return ""
	}
	return said.Text
}

// fetchIM fetches what came while the agent was away: the text must be there,
// unless what the grid said to the sender is that it keeps no messages.
func (c *Cast) fetchIM(ctx context.Context, a *agent.Agent, text, said string) error {
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
		if said == "" || strings.Contains(said, "Message saved") {
			return errors.New("the message was not among what came")
		}
		return &SkipError{"the grid told the sender: " + said}
	})
}
