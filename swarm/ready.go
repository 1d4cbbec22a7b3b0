package swarm

import (
	"context"
	"time"

	"github.com/slload/slload/circuit"
)

// beReady tells that all is prepared, and gives when the plan begins; zero: at
// once.
func (s *swarm) beReady(ctx context.Context) (start time.Time, err error) {
	if s.cfg.OnPrepared != nil {
		s.cfg.OnPrepared(s.shards[0].mode, len(s.shards))
	}
	if s.cfg.Ready == nil {
		return time.Time{}, nil
	}
	return s.cfg.Ready(ctx)
}

// await waits for the start, which may have passed, or until the run is ended.
func (s *swarm) await(ctx context.Context, start time.Time) error {
	if !start.IsZero() {
		wait := time.NewTimer(time.Until(start))
		defer wait.Stop()
		select {
		case <-wait.C:
		case <-ctx.Done():
			start = time.Now()
		}
	} else {
		start = time.Now()
	}
	s.start = circuit.Now().Add(time.Until(start) - s.cfg.passed())
	s.health = newHealth(s.cfg.GridCPUSeconds)
	return context.Cause(ctx)
}
