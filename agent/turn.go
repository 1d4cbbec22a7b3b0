package agent

import (
	"context"
	"fmt"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// turn waits until no other request of the agent is under way whose answer is
// of kind id, and keeps others from it until done is called: for answers that
// don't say which request they belong to.
func (a *Agent) turn(ctx context.Context, id message.ID) (done func(), err error) {
	taken, err := ask(ctx, a, func(circuit.Instant) (chan struct{}, error) {
		if a.turns == nil {
			a.turns = map[message.ID]chan struct{}{}
		}
		if a.turns[id] == nil {
			a.turns[id] = make(chan struct{}, 1)
		}
		return a.turns[id], nil
	})
	if err != nil {
		return nil, err
	}
	select {
	case taken <- struct{}{}:
		return func() { <-taken }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the request before, which ends with %v: %w", id, context.Cause(ctx))
	case <-a.done:
		return nil, a.gone()
	}
}

// requestAlone is request in the agent's turn for answers of kind id.
func requestAlone[R any](ctx context.Context, a *Agent, what string, id message.ID, send func(now circuit.Instant) error, take func(m message.Message) (R, bool)) (R, error) {
	done, err := a.turn(ctx, id)
	if err != nil {
		var none R
		return none, err
	}
	defer done()
	return request(ctx, a, what, id, send, take)
}
