package circuit

import "context"

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

// WithIntended gives a context that carries the time at which the action that
// runs under it was planned to start. Response times count from there.
func WithIntended(ctx context.Context, at Instant) context.Context {
	return context.WithValue(ctx, intendedKey{}, at)
}

// Intended gives the planned start that WithIntended put into ctx.
func Intended(ctx context.Context) (Instant, bool) {
	at, ok := ctx.Value(intendedKey{}).(Instant)
	return at, ok
}
