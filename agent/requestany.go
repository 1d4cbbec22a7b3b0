package agent

import (
	"context"
	"fmt"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// requestAny is request for answers that may be of several kinds, or made up
// of messages of several kinds.
func requestAny[R any](ctx context.Context, a *Agent, what string, ids []message.ID, send func(now circuit.Instant) error, take func(m message.Message) (R, bool)) (R, error) {
	var answer, none R
	answered := make(chan struct{})
	done := false // the loop's
	for _, id := range ids {
		cancel := a.OnMessage(id, func(e MessageReceived) {
			if done {
				return
			}
			if answer, done = take(e.Message); done {
				close(answered)
			}
		})
		defer cancel()
	}
	if err := a.do(ctx, send); err != nil {
		return none, err
	}
	var err error
	select {
	case <-answered:
		return answer, nil
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-a.done:
		err = a.gone()
	}
	select {
	case <-answered: // both at once: it came
		return answer, nil
	default:
		return none, fmt.Errorf("wait for %s: %w", what, err)
	}
}

// tellRegion sends m reliably to the region that the agent stands in, and
// returns when it is on its way: for what simulators don't answer.
func (a *Agent) tellRegion(ctx context.Context, m message.Message) error {
	return a.do(ctx, func(now circuit.Instant) error { return a.send(now, m) })
}

// sending is a request's send that sends m.
func (a *Agent) sending(m message.Message) func(now circuit.Instant) error {
	return func(now circuit.Instant) error { return a.send(now, m) }
}

// onEach calls on, on the loop, for each message of one kind; on must copy
// what it keeps.
func onEach[M message.Message](a *Agent, id message.ID, on func(at circuit.Instant, m M)) (cancel func()) {
	return a.OnMessage(id, func(e MessageReceived) {
		if m, ok := e.Message.(M); ok {
			on(e.At, m)
		}
	})
}
