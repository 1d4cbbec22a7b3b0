package swarm

import (
	"context"
	"time"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
)

// Lead checks a run whose shares other processes make, as Run does, but for what
// only they can know: accounts (cfg.Accounts may be nil), sockets, and whether the
// grid answers. It gives the whole plan, and the manifest of a run that begins at
// started, with this machine for the generator. Names are looked up; nothing is
// sent. The error is a *ConfigError.
func Lead(ctx context.Context, cfg Config, started time.Time) (*profiles.Plan, results.Manifest, error) {
	s, err := prepare(ctx, cfg)
	if err != nil {
		return nil, results.Manifest{}, err
	}
	return s.plan, cfg.manifest(s.plan, cfg.Transport, cfg.Shards, started), nil
}
