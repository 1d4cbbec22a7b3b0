package agent

import (
	"context"
	"fmt"
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// mostListed bounds what is gathered of one list.
const mostListed = 10_000

// requestParts sends by send, as request does, and gives what take makes of the
// messages of kind id that it accepts: from the first, for which it waits, until
// none has come for the time of quiet. An error may come with a part of the
// list.
func requestParts[T any](ctx context.Context, a *Agent, what string, id message.ID, quiet time.Duration, send func(now circuit.Instant) error, take func(m message.Message) ([]T, bool)) ([]T, error) {
	came := make(chan []T, 1) // what hasn't been taken yet
	defer a.OnMessage(id, func(e MessageReceived) {
		part, ours := take(e.Message)
		if !ours {
			return
		}
		select {
		case before := <-came:
			part = append(before, part...)
		default:
		}
		came <- part[:min(len(part), mostListed)] // has room: nobody else sends
	})()
	if err := a.do(ctx, send); err != nil {
		return nil, err
	}
	var all []T
	var still <-chan time.Time // none before the first part
	for {
		select {
		case part := <-came:
			all = append(all, part[:min(len(part), mostListed-len(all))]...)
			still = time.After(quiet)
		case <-still:
			return all, nil
		case <-ctx.Done():
			return all, fmt.Errorf("wait for %s: %w", what, context.Cause(ctx))
		case <-a.done:
			return all, a.gone()
		}
	}
}
