package agent

import (
	"context"
	"fmt"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// request sends by send, on the loop and in world, and gives what take makes
// of the first message of kind id that it accepts. Take runs on the loop for
// each such message of the root region's circuit from before the sending on,
// until it has accepted one: what comes in several messages it gathers. A
// message is the loop's: take copies what it keeps. What names the answer in
// errors.
func request[R any](ctx context.Context, a *Agent, what string, id message.ID, send func(now circuit.Instant) error, take func(m message.Message) (R, bool)) (R, error) {
	var answer, none R
	answered := make(chan struct{})
	done := false // the loop's
	cancel := a.OnMessage(id, func(e MessageReceived) {
		if done {
			return
		}
		if answer, done = take(e.Message); done {
			close(answered)
		}
	})
	defer cancel()
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

// send sends m reliably to the region that the agent stands in. It is for the
// loop, by ask, do and request.
func (a *Agent) send(now circuit.Instant, m message.Message) error {
	return a.root.circuit.SendReliable(now, m, nil)
}
