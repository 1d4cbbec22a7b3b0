package agent

import (
	"context"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/eq"
	"github.com/slload/slload/message"
)

// The events of an agent. At is when the datagram reached this machine, by
// the kernel's clock.

// ChatHeard is a line of chat.
type ChatHeard struct {
	At         circuit.Instant
	From       string
	SourceID   uuid.UUID // of the avatar or object that spoke
	FromObject bool
	Kind       ChatKind
	Text       string
}

// IMReceived is an instant message, or one of the many things that travel as
// one: Dialog tells which.
type IMReceived struct {
	At        circuit.Instant
	From      uuid.UUID
	FromName  string
	Dialog    uint8
	SessionID uuid.UUID
	Offline   bool
	Text      string
}

// RegionEntered is the agent's arrival in a region.
type RegionEntered struct {
	At     circuit.Instant
	Region RegionInfo
}

// RegionStats is what the simulator says of itself every few seconds.
type RegionStats struct {
	At           circuit.Instant
	Region       string
	FPS          float32 // frames a second, as the simulator counts them
	TimeDilation float32 // 1: the simulator keeps up
	Agents       int     // in the region
}

// Left is the end: Err is nil after a logout.
type Left struct {
	At  circuit.Instant
	Err error
}

// QueueEvent is an event of the event queue, whatever its name.
type QueueEvent struct {
	At circuit.Instant
	eq.Event
}

// MessageReceived is a message of the circuit, raw. Message is the loop's and
// good until the callback returns.
type MessageReceived struct {
	At      circuit.Instant
	ID      message.ID
	Message message.Message
}

// subscription is one of the agent's; on is a func(E), nil once cancelled.
type subscription struct{ on any }

// Subscribe calls on for each event of type E, on the loop's goroutine: on
// must not block. It may be called from any goroutine; what happens before
// the loop has taken the subscription is not seen. The returned function
// cancels it.
func Subscribe[E any](a *Agent, on func(E)) (cancel func()) {
	s := &subscription{on: on}
	a.post(func(circuit.Instant) { a.subs = append(a.subs, s) })
	return func() { a.post(func(circuit.Instant) { a.unsubscribe(s) }) }
}

func (a *Agent) unsubscribe(gone *subscription) {
	gone.on = nil // in case that emit is running through the old slice
	var rest []*subscription
	for _, s := range a.subs {
		if s != gone {
			rest = append(rest, s)
		}
	}
	a.subs = rest
}

// OnMessage calls on for each message of that kind which the region's circuit
// brings, as Subscribe does.
func (a *Agent) OnMessage(id message.ID, on func(MessageReceived)) (cancel func()) {
	filtered := func(e MessageReceived) {
		if e.ID == id {
			on(e)
		}
	}
	s := &subscription{on: filtered}
	a.post(func(circuit.Instant) {
		a.subs, a.raws = append(a.subs, s), append(a.raws, id)
		if a.root != nil {
			a.root.circuit.Want(id, true)
		}
	})
	return func() { a.post(func(circuit.Instant) { a.unsubscribe(s) }) }
}

// emit calls the subscribers of E.
func emit[E any](a *Agent, e E) {
	for _, s := range a.subs {
		if on, ok := s.on.(func(E)); ok && on != nil {
			on(e)
		}
	}
}

// listens tells whether anybody subscribed to E, so that events which nobody
// hears needn't be made.
func listens[E any](a *Agent) bool {
	for _, s := range a.subs {
		if _, ok := s.on.(func(E)); ok {
			return true
		}
	}
	return false
}

// Expectation is an event that is awaited from before the act that causes it.
type Expectation[E any] struct {
	agent  *Agent
	seen   chan struct{}
	event  E
	cancel func()
}

// Expect begins to wait for the first event of type E that match accepts;
// match runs on the loop and must not block.
func Expect[E any](a *Agent, match func(E) bool) *Expectation[E] {
	x := &Expectation[E]{agent: a, seen: make(chan struct{})}
	found := false
	x.cancel = Subscribe(a, func(e E) {
		if !found && match(e) {
			found = true
			x.event = e
			close(x.seen)
		}
	})
	return x
}

// Wait gives the event, or an error when ctx ends or the agent leaves first.
func (x *Expectation[E]) Wait(ctx context.Context, what string) (E, error) {
	defer x.cancel()
	if err := x.agent.wait(ctx, what, x.seen); err != nil {
		var none E
		return none, err
	}
	return x.event, nil
}

// Await waits for the first event of type E that match accepts.
func Await[E any](ctx context.Context, a *Agent, what string, match func(E) bool) (E, error) {
	return Expect(a, match).Wait(ctx, what)
}
