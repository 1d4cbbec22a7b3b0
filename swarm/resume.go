package swarm

import (
	"fmt"
	"time"

	"github.com/slload/slload/profiles"
)

// A run that is resumed has its plan's own time: s.start lies so far back that
// now is where the plan broke off. What of the gap is in the results is the
// collector's.

// goOn is what is left of the plan for the run that is resumed.
func (c *Config) goOn(plan *profiles.Plan) (*profiles.Plan, error) {
	if is, was := c.Profile.SHA256(), c.Resume.Manifest.ProfileSHA256; is != was || c.Seed != c.Resume.Manifest.Seed {
		return nil, &ConfigError{fmt.Errorf("resume %s: its config.yaml is not the profile that it began with (sha256 %.12s, was %.12s)",
			c.Resume.Dir, is, was)}
	}
	return plan.From(c.passed()), nil
}

// passed is how much of the plan has passed when the run begins.
func (c *Config) passed() time.Duration {
	if c.Resume == nil {
		return 0
	}
	return c.Resume.Plan
}
