package agent

import (
	"context"
	"fmt"
	"time"

	"github.com/slload/slload/message"
)

// OfflineIMs fetches the instant messages that came while the agent was not
// in world (RetrieveInstantMessages); the grid forgets them then. The protocol
// has no end of the list: what comes until none has come for the time of quiet
// is it. A grid that keeps no messages gives none. Other subscribers of
// IMReceived get them as well.
func (a *Agent) OfflineIMs(ctx context.Context, quiet time.Duration) ([]IMReceived, error) {
	came := make(chan IMReceived, 64)
	cancel := Subscribe(a, func(e IMReceived) {
		if !e.Offline {
			return
		}
		select {
		case came <- e:
		default: // nobody reads: the caller has given up
		}
	})
	defer cancel()
	err := a.tellRegion(ctx, &message.RetrieveInstantMessages{
		AgentData: message.RetrieveInstantMessagesAgentData{AgentID: a.ID, SessionID: a.session},
	})
	if err != nil {
		return nil, err
	}
	return gather(ctx, a, came, quiet)
}

// gather collects what comes until nothing has for the time of quiet.
func gather[E any](ctx context.Context, a *Agent, came <-chan E, quiet time.Duration) ([]E, error) {
	var all []E
	timer := time.NewTimer(quiet)
	defer timer.Stop()
	for {
		select {
		case e := <-came:
			all = append(all, e)
			timer.Reset(quiet)
		case <-timer.C:
			return all, nil
		case <-ctx.Done():
			return all, fmt.Errorf("gather what comes: %w", context.Cause(ctx))
		case <-a.done:
			return all, a.gone()
		}
	}
}
