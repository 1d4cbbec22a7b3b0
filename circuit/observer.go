package circuit

import (
	"context"
	"sync/atomic"
)

// Observer is told what was measured. It is called on the loop's goroutine
// only.
type Observer interface {
	// Done reports one operation: the response time is end-intended, the
	// service time end-sent. reason is "" for success, else a stable word.
	Done(op string, intended, sent, end Instant, reason string)
	// Count adds n to a named counter.
	Count(name string, n int)
}

// Operations that circuits measure by themselves.
const (
	OpPing = "msg.ping" // StartPingCheck to CompletePingCheck
	OpAck  = "msg.ack"  // a reliable packet to its acknowledgement, if it was sent once
)

// nobody observes for loops without an Observer.
type nobody struct{}

func (nobody) Done(string, Instant, Instant, Instant, string) {}
func (nobody) Count(string, int)                              {}

type intendedKey struct{}

// intent is a planned start, and whether an operation has begun from it.
type intent struct {
	at    Instant
	taken atomic.Bool
}

// WithIntended gives a context that carries the time at which the action that
// runs under it was planned to start. The response time of its first
// operation counts from there.
func WithIntended(ctx context.Context, at Instant) context.Context {
	return context.WithValue(ctx, intendedKey{}, &intent{at: at})
}

// Intended gives the planned start that WithIntended put into ctx, once: what
// an action does after its first operation begins when that has ended, and
// was late by nothing that the first doesn't show already.
func Intended(ctx context.Context) (Instant, bool) {
	if i, ok := ctx.Value(intendedKey{}).(*intent); ok && i.taken.CompareAndSwap(false, true) {
		return i.at, true
	}
	return 0, false
}
