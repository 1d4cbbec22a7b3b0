package swarm

import (
	"context"
	"sync"
	"time"

	"github.com/slload/slload/circuit"
)

const (
	// logoutTime bounds the logouts all together.
	logoutTime = 30 * time.Second
	// Logouts are spread: agents that leave in one instant would overflow the
	// simulator's receive buffer.
	logoutSpread = 20 * time.Millisecond // an agent, at small numbers
	logoutMost   = 10 * time.Second      // all together
)

// logOut logs out who is in world, spread over a while, and closes the channel
// it returns when all have gone.
func (s *swarm) logOut(cut context.Context) <-chan struct{} {
	ctx, cancel := context.WithTimeout(cut, logoutTime)
	gap := s.logoutGap(s.roster.count())
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		defer cancel()
		var all sync.WaitGroup
		next := circuit.Now()
		for a := range s.roster.all() { // whose goroutines begin when it is time: all at once they were a fifth of the memory
			next = next.Add(gap)
			at := next
			select {
			case <-time.After(at.Sub(circuit.Now())):
			case <-ctx.Done():
			}
			all.Go(func() {
				if err := a.Logout(circuit.WithIntended(ctx, at)); err != nil {
					s.log.Info("logout failed", "agent", a.String(), "error", err)
				}
			})
		}
		all.Wait()
	}()
	return gone
}

// logoutGap is the time between two logouts where n of the share leave.
func (s *swarm) logoutGap(n int) time.Duration {
	return min(logoutSpread*time.Duration(s.plan.Share.Count), logoutMost/time.Duration(max(n, 1)))
}
