package agent

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/reason"
)

// roundTrip is a text on its way to whoever is to hear it. The loop of the
// agent that hears it owns it, but for sent.
type roundTrip struct {
	op      string
	from    uuid.UUID
	text    string
	planned circuit.Instant
	sent    atomic.Int64 // circuit.Instant; set by the sender's loop, 0 before
	arrived chan struct{}
}

// await makes a listen for the text, and returns when it does: the answer must
// not be read before its loop knows of it.
func (a *Agent) await(ctx context.Context, t *roundTrip) error {
	return a.do(ctx, func(circuit.Instant) error {
		a.heard = append(a.heard, t)
		return nil
	})
}

// hear ends the round trip, if any, that this text is the end of.
func (a *Agent) hear(at circuit.Instant, from uuid.UUID, text []byte) {
	for i, t := range a.heard {
		sent := circuit.Instant(t.sent.Load())
		if t.from != from || sent == 0 || t.text != string(text) {
			continue
		}
		a.heard = slices.Delete(a.heard, i, i+1)
		a.opt.Observer.Done(t.op, t.planned, sent, max(at, sent), "")
		close(t.arrived)
		return
	}
}

// finish waits for the text to be heard, unless it could not be sent. When
// either fails, the failure is reported, once, by the loop that would have
// heard it.
func (a *Agent) finish(ctx context.Context, t *roundTrip, sendErr error) error {
	err := sendErr
	if err == nil {
		err = a.wait(ctx, t.op, t.arrived)
	}
	if err != nil {
		word := reason.Of(err)
		a.post(func(now circuit.Instant) {
			if i := slices.Index(a.heard, t); i >= 0 {
				a.heard = slices.Delete(a.heard, i, i+1)
				a.opt.Observer.Done(t.op, t.planned, circuit.Instant(t.sent.Load()), now, word)
			}
		})
	}
	return err
}

// abandonHeard reports what an agent that leaves will never hear.
func (a *Agent) abandonHeard(now circuit.Instant) {
	for _, t := range a.heard {
		a.opt.Observer.Done(t.op, t.planned, circuit.Instant(t.sent.Load()), now, "agent_left")
	}
	a.heard = nil
}
