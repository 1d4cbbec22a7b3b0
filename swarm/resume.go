package swarm

import (
	"fmt"
	"time"

	"github.com/slload/slload/profiles"
)

// A run that is resumed has its plan's own time: s.start lies so far back that
// now is where the plan broke off. What of the gap is in the results is the
// collector's.

// plan is that of the share, from where it begins.
func (c *Config) plan() (*profiles.Plan, error) {
	share := c.Share
	if share == (profiles.Share{}) {
		share.Count = 1
	}
	plan, err := profiles.NewPlan(c.Profile, c.Seed, share)
	if err != nil {
		return nil, err
	}
	if c.Resume != nil {
		if err := c.isTheSame(); err != nil {
			return nil, err
		}
		return plan.From(c.passed()), nil
	}
	switch {
	case c.From < 0 || c.From >= plan.Length:
		return nil, fmt.Errorf("begin %v into the plan: it lasts %v", c.From, plan.Length)
	case c.TakeOver:
		return plan.TakeOver(c.From), nil
	case c.From > 0:
		return plan.From(c.From), nil
	}
	return plan, nil
}

// isTheSame refuses to go on with another profile.
func (c *Config) isTheSame() error {
	if is, was := c.Profile.SHA256(), c.Resume.Manifest.ProfileSHA256; is != was || c.Seed != c.Resume.Manifest.Seed {
		return fmt.Errorf("resume %s: its config.yaml is not the profile that it began with (sha256 %.12s, was %.12s)",
			c.Resume.Dir, is, was)
	}
	return nil
}

// passed is how much of the plan has passed when the run begins.
func (c *Config) passed() time.Duration {
	if c.Resume == nil {
		return c.From
	}
	return c.Resume.Plan
}
