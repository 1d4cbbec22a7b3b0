package swarm

import (
	"fmt"

	"github.com/slload/slload/profiles"
)

// A share of a swarm does what of the whole falls to it. What bounds the load on
// the grid (logins, connections, logouts, what is tried again) is the whole's, and
// each share has its part of it; what bounds this machine is the share's own.

// leastAtOnce keeps a share of very many from standing still behind one login that
// takes long.
const leastAtOnce = 4

// shareOf is a share's part of what all of them may have under way at once.
func shareOf(most int, share profiles.Share) int {
	return max(min(leastAtOnce, most), most/share.Count)
}

// shardOf is the shard that has an agent. The agents of a share are Share.Count
// apart.
func (s *swarm) shardOf(agent int) *shard {
	return s.shards[agent/s.plan.Share.Count%len(s.shards)]
}

// enoughAccounts wants an account for each of n agents of the whole swarm, and in
// each share those of an action that logs agents in.
func (s *swarm) enoughAccounts(n int) error {
	if s.cfg.Accounts == nil {
		return nil // only Allowed does without
	}
	return s.cfg.Accounts.Enough(n + s.plan.Share.Count*loggedOut(s.plays))
}

// checkShare refuses a share that is too small for a behaviour that the whole
// could play: partners are of the same share.
func checkShare(plan *profiles.Plan, plays []play) error {
	share := plan.Share
	agents := (plan.Agents - share.Index + share.Count - 1) / share.Count
	for _, p := range plays {
		if need := p.behavior.Agents; agents < need && plan.Agents >= need {
			return fmt.Errorf("share %v of %d agents has %d, and %s needs %d together: cut the swarm into fewer shares, or run more agents",
				share, plan.Agents, agents, p.behavior.Name, need)
		}
	}
	return nil
}
