package agent

import (
	"context"

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
	return requestAny(ctx, a, what, []message.ID{id}, send, take)
}

// send sends m reliably to the region that the agent stands in. It is for the
// loop, by ask, do and request.
func (a *Agent) send(now circuit.Instant, m message.Message) error {
	return a.root.circuit.SendReliable(now, m, nil)
}
