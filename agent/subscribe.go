package agent

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// subscriber is one of the agent's. What it wants to hear stands beside the
// others': who looks for the subscribers of an event, for thousands of agents in
// turn, waits for memory at each pointer on the way.
type subscriber struct {
	on any // a func(E)
	*subscription
}

// subscription is the rest of a subscriber.
type subscription struct {
	raw       message.ID  // of OnMessage's; else message.NoID
	around    bool        // neighbours' messages, too
	cancelled atomic.Bool // by any goroutine; the loop removes it later
}

// Subscribe calls on for each event of type E, on the loop's goroutine: on
// must not block. It may be called from any goroutine; what happens before
// the loop has taken the subscription, in its next turn, is not seen. The
// returned function cancels it, also from within on: on is not called again,
// though one call may be under way.
func Subscribe[E any](a *Agent, on func(E)) (cancel func()) {
	return a.subscribe(subscriber{on, &subscription{raw: message.NoID}})
}

// OnMessage calls on for each message of that kind which the circuit of the
// region brings that the agent stands in, whichever that is, as Subscribe
// does.
func (a *Agent) OnMessage(id message.ID, on func(MessageReceived)) (cancel func()) {
	filtered := func(e MessageReceived) {
		if e.ID == id && !e.Neighbour {
			on(e)
		}
	}
	return a.subscribe(subscriber{filtered, &subscription{raw: id}})
}

func (a *Agent) subscribe(s subscriber) (cancel func()) {
	a.post(func(circuit.Instant) {
		if a.over {
			return
		}
		a.addSubscription(s)
	})
	return func() {
		s.cancelled.Store(true)
		a.post(func(circuit.Instant) { a.unsubscribe(s.subscription) })
	}
}

func (a *Agent) addSubscription(s subscriber) {
	a.subs = append(a.subs, s)
	a.want(s.raw)
}

// unsubscribe leaves the old list as it is: emit may be running through it.
func (a *Agent) unsubscribe(s *subscription) {
	if i := slices.IndexFunc(a.subs, func(o subscriber) bool { return o.subscription == s }); i >= 0 {
		a.subs = slices.Concat(a.subs[:i], a.subs[i+1:])
		a.want(s.raw)
	}
}

// want makes the root region's circuit deliver that kind of message while
// somebody subscribes to it, and the neighbours' while it is subscribed to
// around.
func (a *Agent) want(id message.ID) {
	if id == message.NoID {
		return
	}
	here, around := false, false
	for _, s := range a.subs {
		here = here || s.raw == id
		around = around || s.raw == id && s.around
	}
	a.root.circuit.Want(id, here)
	if a.travels != nil {
		for _, r := range a.travels.near {
			r.circuit.Want(id, around)
		}
	}
}

// emit calls the subscribers of E.
func emit[E any](a *Agent, e E) {
	for _, s := range a.subs {
		if on, ok := s.on.(func(E)); ok && !s.cancelled.Load() {
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
	event  E // set before seen is closed
	cancel func()
}

// Expect begins to wait for the first event of type E that match accepts;
// match runs on the loop and must not block. Wait, or Cancel, must follow.
func Expect[E any](a *Agent, match func(E) bool) *Expectation[E] {
	x := &Expectation[E]{agent: a, seen: make(chan struct{})}
	found := false // the loop's
	x.cancel = Subscribe(a, func(e E) {
		if !found && match(e) {
			found = true
			x.event = e
			close(x.seen)
		}
	})
	return x
}

// Cancel waits no longer.
func (x *Expectation[E]) Cancel() { x.cancel() }

// Wait gives the event, or an error when ctx ends or the agent leaves first.
// What names the event in the error.
func (x *Expectation[E]) Wait(ctx context.Context, what string) (E, error) {
	defer x.cancel()
	var none E
	var err error
	select {
	case <-x.seen:
		return x.event, nil
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-x.agent.done:
		err = x.agent.gone()
	}
	select {
	case <-x.seen: // both at once: it happened
		return x.event, nil
	default:
		return none, fmt.Errorf("wait for %s: %w", what, err)
	}
}

// Await waits for the first event of type E that match accepts.
func Await[E any](ctx context.Context, a *Agent, what string, match func(E) bool) (E, error) {
	return Expect(a, match).Wait(ctx, what)
}
