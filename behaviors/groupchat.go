package behaviors

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/slload/slload/agent"
)

var groupChat = Behavior{
	Name:    "group_chat",
	Summary: "two members of a new group talk in it, both ways, and leave it",
	Agents:  2,
	Reports: "do.group_chat",
	Roles:   []string{"founder", "member"},
	Params: []Param{
		groupName,
		{"text", "hello", "what is said; a number follows it, so that lines can be told apart"},
	},
	Run: func(ctx context.Context, c *Cast) (err error) {
		founder, member := c.Agents[0], c.Agents[1]
		id, _, err := c.foundGroup(ctx, founder)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, c.disband(context.WithoutCancel(ctx), id)) }()
		if err := c.Step(member.String()+" joins it", func() error { return member.Groups().Join(ctx, id) }); err != nil {
			return err
		}
		err = c.Step(founder.String()+" opens its conversation", func() error { return founder.Groups().OpenChat(ctx, id) })
		if err != nil {
			return err
		}
		if err := c.sayInGroup(ctx, id, founder, member); err != nil {
			return err
		}
		err = c.Step(member.String()+" enters it", func() error {
			in, err := member.Groups().AcceptChat(ctx, id)
			if err == nil && in != nil {
				c.Note("%d are in it", len(in))
			}
			return err
		})
		if err != nil {
			return err
		}
		return c.sayInGroup(ctx, id, member, founder)
	},
}

// sayInGroup says a line in a group, which the other must hear.
func (c *Cast) sayInGroup(ctx context.Context, id uuid.UUID, from, to *agent.Agent) error {
	text := numbered(c, "text")
	return c.Step(fmt.Sprintf("%s says %s to %s", from, text, to), func() error {
		heard := make(chan agent.GroupLine, 1)
		defer to.Groups().OnChat(id, func(l agent.GroupLine) {
			if l.From == from.ID && l.Text == text {
				select {
				case heard <- l:
				default: // the first will do
				}
			}
		})()
		if err := from.Groups().Say(ctx, id, text); err != nil {
			return err
		}
		select {
		case l := <-heard:
			how := "a line"
			if l.Invitation {
				how = "an invitation with a line"
			}
			c.Note("%s got %s of %s", to, how, l.FromName)
			return nil
		case <-to.Done():
			return fmt.Errorf("%s left: %w", to, to.Err())
		case <-ctx.Done():
			return fmt.Errorf("wait for %s to hear it: %w", to, context.Cause(ctx))
		}
	})
}

// disband has all players leave a group: one without members is gone.
func (c *Cast) disband(ctx context.Context, id uuid.UUID) error {
	ctx, cancel := context.WithTimeout(ctx, groupPatience)
	defer cancel()
	var left error
	for _, a := range c.Agents {
		err := a.Groups().Leave(ctx, id)
		if refused := new(agent.GroupError); err != nil && !errors.As(err, &refused) { // it never joined
			left = errors.Join(left, &StepError{a.String() + " leaves the group", err})
		}
	}
	return left
}
