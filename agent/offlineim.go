package agent

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/llsd"
	"github.com/slload/slload/message"
)

// OfflineIMs fetches the instant messages that came while the agent was not
// in world; the grid forgets them then. It asks the capability ReadOfflineMsgs
// where the region has it, else RetrieveInstantMessages. That has no end of the
// list: what comes until none has come for the time of quiet is it, and other
// subscribers of IMReceived get them as well. A grid that keeps no messages
// gives none. An error may come with messages: those that could be read.
func (a *Agent) OfflineIMs(ctx context.Context, quiet time.Duration) ([]IMReceived, error) {
	list, err := a.offlineByHTTP(ctx)
	if errors.As(err, new(*NoCapabilityError)) {
		return a.offlineByUDP(ctx, quiet)
	}
	return list, err
}

// offlineByHTTP asks the capability.
func (a *Agent) offlineByHTTP(ctx context.Context) ([]IMReceived, error) {
	var answer []any
	if err := a.call(ctx, http.MethodGet, "ReadOfflineMsgs", nil, &answer); err != nil {
		return nil, err
	}
	return readOffline(answer, a.loop.Now())
}

// readOffline reads a list, or a list of one list: Second Life has had both.
// One message that can't be read doesn't lose the others: the grid has
// forgotten them all.
func readOffline(answer []any, at circuit.Instant) (list []IMReceived, err error) {
	if len(answer) == 1 {
		if inner, nested := answer[0].([]any); nested {
			answer = inner
		}
	}
	for i, one := range answer {
		var m struct {
			From     uuid.UUID `llsd:"from_agent_id"`
			FromName string    `llsd:"from_agent_name"`
			Session  uuid.UUID `llsd:"transaction-id"`
			Dialog   int32     `llsd:"dialog"`
			Text     string    `llsd:"message"`
		}
		if bad := llsd.Convert(one, &m); bad != nil {
			if err == nil {
				err = fmt.Errorf("read message %d of %d of ReadOfflineMsgs: %w", i+1, len(answer), bad)
			}
			continue
		}
		list = append(list, IMReceived{
			At: at, From: m.From, FromName: m.FromName, Dialog: uint8(m.Dialog), SessionID: m.Session, Offline: true, Text: m.Text,
		})
	}
	return list, err
}

// mostOffline bounds what is gathered at once of messages that came while the
// agent was away. OpenSim and Second Life keep far fewer.
const mostOffline = 10_000

// offlineByUDP gathers them as they come.
func (a *Agent) offlineByUDP(ctx context.Context, quiet time.Duration) ([]IMReceived, error) {
	came := make(chan []IMReceived, 1) // what the caller hasn't taken yet
	defer Subscribe(a, func(e IMReceived) {
		if !e.Offline {
			return
		}
		var list []IMReceived
		select {
		case list = <-came:
		default:
		}
		if len(list) < mostOffline {
			list = append(list, e)
		}
		came <- list // has room: nobody else sends
	})()
	err := a.tellRegion(ctx, &message.RetrieveInstantMessages{
		AgentData: message.RetrieveInstantMessagesAgentData{AgentID: a.ID, SessionID: a.session},
	})
	if err != nil {
		return nil, err
	}
	var all []IMReceived
	timer := time.NewTimer(quiet)
	defer timer.Stop()
	for {
		select {
		case list := <-came:
			all = append(all, list...)
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
