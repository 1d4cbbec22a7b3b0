package behaviors

import (
	"context"
	"fmt"
	"time"

	"github.com/slload/slload/agent"
)

// profilePatience is how long a grid may take: one without profiles says
// nothing at all.
const profilePatience = 8 * time.Second

var fetchProfileInfo = Behavior{
	Name:    "fetch_profile_info",
	Summary: "looks another resident up: by id, by name and by profile",
	Agents:  2,
	Reports: "do.fetch_profile_info",
	Roles:   []string{"reader", "read"},
	Run: func(ctx context.Context, c *Cast) error {
		a, other := c.Agents[0], c.Agents[1]
		err := c.Step("find the name of "+other.String()+" by its id", func() error {
			names, err := a.Names(ctx, other.ID)
			if err == nil && names[other.ID].Name() != other.String() {
				err = fmt.Errorf("the grid calls it %q", names[other.ID].Name())
			}
			return err
		})
		if err != nil {
			return err
		}
		err = c.Step("find "+other.String()+" by its name", func() error { return c.findByName(ctx, a, other) })
		if err != nil {
			return err
		}
		return c.Step("read the profile of "+other.String(), func() error {
			short, cancel := context.WithTimeout(ctx, profilePatience)
			defer cancel()
			p, err := a.Profile(short, other.ID)
			if err == nil {
				c.Note("born %s, online %v: %q", p.Born, p.Online, p.About)
			}
			return unanswered(ctx, err, "the grid doesn't answer who asks for profiles: it has none")
		})
	},
}

func (c *Cast) findByName(ctx context.Context, a, other *agent.Agent) error {
	found, err := a.FindResidents(ctx, other.String())
	if err != nil {
		return err
	}
	for _, r := range found {
		if r.ID == other.ID {
			return nil
		}
	}
	return fmt.Errorf("it is not among the %d residents found", len(found))
}
