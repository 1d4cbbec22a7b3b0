package agent

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/slload/slload/circuit"
)

// ask runs f on the loop, in world, and gives what f gives. Where ctx ends
// first, or the loop, f is not run: an error of those means that nothing was
// done, and f's own that it was tried.
func ask[T any](ctx context.Context, a *Agent, f func(now circuit.Instant) (T, error)) (T, error) {
	var value, none T
	var failed error
	var taken atomic.Bool // by the loop, to run f, or by the caller, who waits no more
	ran := make(chan struct{})
	err := a.loop.Call(ctx, func(now circuit.Instant) {
		if !taken.CompareAndSwap(false, true) {
			return
		}
		defer close(ran)
		if failed = a.ready(ctx); failed == nil {
			value, failed = f(now)
		}
	})
	if err != nil && taken.CompareAndSwap(false, true) {
		return none, err
	}
	<-ran // f doesn't block
	return value, failed
}

// ready tells why the agent can't do what ctx asks for.
func (a *Agent) ready(ctx context.Context) error {
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("wait for the loop: %w", context.Cause(ctx))
	case a.farewell != nil:
		return ErrLoggedOut
	}
	return a.gone()
}

// do is ask for what has no answer.
func (a *Agent) do(ctx context.Context, f func(now circuit.Instant) error) error {
	_, err := ask(ctx, a, func(now circuit.Instant) (struct{}, error) { return struct{}{}, f(now) })
	return err
}

// post runs f on the loop in one of its next turns. After the loop's end
// nothing is run: by then all its agents have left.
func (a *Agent) post(f func(now circuit.Instant)) {
	err := a.loop.Post(context.Background(), f)
	if errors.Is(err, circuit.ErrOnLoop) { // from a callback, with the mailbox full
		f(a.loop.Now())
	}
}
