package agent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/slload/slload/message"
)

// OfflineIMs fetches the instant messages that came while the agent was not
// in world; the grid forgets them then. It asks the capability ReadOfflineMsgs
// where the region has it, else RetrieveInstantMessages. That has no end of the
// list: what comes until none has come for the time of quiet is it, and other
// subscribers of IMReceived get them as well. A grid that keeps no messages
// gives none.
func (a *Agent) OfflineIMs(ctx context.Context, quiet time.Duration) ([]IMReceived, error) {
	list, err := a.offlineByHTTP(ctx)
	if errors.As(err, new(*NoCapabilityError)) {
		return a.offlineByUDP(ctx, quiet)
	}
	return list, err
}

// offlineByHTTP reads a list, or a list of one list: Second Life has had both.
func (a *Agent) offlineByHTTP(ctx context.Context) ([]IMReceived, error) {
	var answer []any
	if err := a.call(ctx, http.MethodGet, "ReadOfflineMsgs", nil, &answer); err != nil {
		return nil, err
	}
	if len(answer) == 1 {
		if inner, nested := answer[0].([]any); nested {
			answer = inner
		}
	}
	var list []IMReceived
	for _, one := range answer {
		m, ok := one.(map[string]any)
		if !ok {
			return list, fmt.Errorf("ReadOfflineMsgs: a message is a %T, not a map", one)
		}
		var e IMReceived
		e.At, e.Offline = a.loop.Now(), true
		e.From, _ = m["from_agent_id"].(uuid.UUID)
		e.FromName, _ = m["from_agent_name"].(string)
		e.SessionID, _ = m["transaction-id"].(uuid.UUID)
		e.Text, _ = m["message"].(string)
		dialog, _ := m["dialog"].(int32)
		e.Dialog = uint8(dialog)
		list = append(list, e)
	}
	return list, nil
}

// offlineByUDP gathers them as they come.
func (a *Agent) offlineByUDP(ctx context.Context, quiet time.Duration) ([]IMReceived, error) {
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
