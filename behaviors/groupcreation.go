package behaviors

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/slload/slload/agent"
)

var groupCreation = Behavior{
	Name:    "group_creation",
	Summary: "founds a group, looks at it as a member does, adds a role to it, and leaves it",
	Agents:  1,
	Reports: "do.group_creation",
	Params:  []Param{groupName},
	Run: func(ctx context.Context, c *Cast) error {
		a := c.Player()
		id, name, err := c.foundGroup(ctx, a)
		if err != nil {
			return err
		}
		for _, step := range []struct {
			what string
			do   func() error
		}{
			{"read its profile", func() error { return c.checkGroup(ctx, a, id, name) }},
			{"be its owner", func() error { return c.ownsGroup(ctx, a, id) }},
			{"make it the active group", func() error {
				active, err := a.Groups().Activate(ctx, id)
				c.Note("%s wears %q", a, active.Title)
				return err
			}},
			{"add a role", func() error { return c.addRole(ctx, a, id) }},
			{"leave it", func() error { return a.Groups().Leave(ctx, id) }},
		} {
			if err := c.Step(step.what, step.do); err != nil {
				return err
			}
		}
		return nil
	},
}

var groupName = Param{"name", "slload", "what the group is called; a number follows it, since no two groups have one name"}

// groupPatience is how long a grid may take to found a group: one without
// groups says nothing at all.
const groupPatience = 8 * time.Second

// foundGroup founds an open group, as a step.
func (c *Cast) foundGroup(ctx context.Context, a *agent.Agent) (id uuid.UUID, name string, err error) {
	name = numbered(c, "name")
	err = c.Step("found the group "+name, func() (err error) {
		short, cancel := context.WithTimeout(ctx, groupPatience)
		defer cancel()
		id, err = a.Groups().Create(short, name, agent.GroupOptions{Charter: "A load test's.", Open: true})
		return unanswered(ctx, err, "the grid doesn't answer who founds groups: it has none")
	})
	return id, name, err
}

// unanswered makes an error that is a wait's end, while there is time yet, a
// lack of the grid's.
func unanswered(ctx context.Context, err error, lacks string) error {
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return &SkipError{lacks}
	}
	return err
}

func (c *Cast) checkGroup(ctx context.Context, a *agent.Agent, id uuid.UUID, name string) error {
	p, err := a.Groups().Profile(ctx, id)
	if err == nil && (p.Name != name || p.Founder != a.ID || p.Members < 1) {
		err = fmt.Errorf("it is called %q, of %v, with %d members", p.Name, p.Founder, p.Members)
	}
	return err
}

func (c *Cast) ownsGroup(ctx context.Context, a *agent.Agent, id uuid.UUID) error {
	members, err := a.Groups().Members(ctx, id)
	if err != nil {
		return err
	}
	c.Note("it has %d members", len(members))
	if !slices.ContainsFunc(members, func(m agent.GroupMember) bool { return m.ID == a.ID && m.Owner }) {
		return fmt.Errorf("%s is no owner among %d members", a, len(members))
	}
	return nil
}

func (c *Cast) addRole(ctx context.Context, a *agent.Agent, id uuid.UUID) error {
	role := agent.GroupRole{Name: "Scouts", Title: "Scout", Description: "They go first.", Powers: agent.PowerInvite}
	if err := a.Groups().CreateRole(ctx, id, role); err != nil {
		return err
	}
	roles, err := a.Groups().Roles(ctx, id)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(roles, func(r agent.GroupRole) bool { return r.Name == role.Name && r.Title == role.Title }) {
		return fmt.Errorf("none of its %d roles is called %s", len(roles), role.Name)
	}
	return nil
}
