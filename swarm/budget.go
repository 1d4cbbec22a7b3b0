package swarm

import (
	"time"

	"golang.org/x/time/rate"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/profiles"
)

// budget keeps the logins that no plan foresaw, of agents that were lost or not
// let in, from becoming a thundering herd: when a region goes down all of its
// agents want back in at once. It gives out turns as fast as the plan's own
// logins come at their fastest, and a share its part of them. Time is the plan's, shard.clock: in a pause nobody
// logs in, so no turns are saved up. All methods are for any goroutine.
type budget struct{ limit *rate.Limiter }

func newBudget(plan *profiles.Plan) budget {
	most := float64(max(1, busiestSecond(plan.Whole()))) / float64(plan.Share.Count)
	return budget{rate.NewLimiter(rate.Limit(most), max(1, int(most)))}
}

// spend takes a turn for a login that begins now, as the plan says.
func (b budget) spend(now circuit.Instant) { b.limit.ReserveN(now.Time(), 1) }

// turn gives how long a login is to wait for its own.
func (b budget) turn(now circuit.Instant) time.Duration {
	return b.limit.ReserveN(now.Time(), 1).DelayFrom(now.Time())
}
