package agent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/message"
)

// Agent is one avatar in world. Login makes it.
type Agent struct {
	ID      uuid.UUID
	Account Account

	session uuid.UUID
	code    uint32 // the circuit code, the same for all its circuits
	loop    *circuit.Loop
	opt     Options
	log     *slog.Logger
	done    chan struct{} // closed when the agent has left the world
	err     error         // why, if it didn't log out; set before done is closed

	// The loop's goroutine owns what follows.
	root    *region // the region that it stands in
	update  message.AgentUpdate
	held    int           // ticks for which one-shot control flags are still sent
	tick    circuit.Timer // of AgentUpdate
	subs    []*subscription
	raws    []message.ID // what OnMessage was ever asked for
	heard   []*roundTrip // lines and instant messages whose arrival is awaited
	leaving bool
	stopEQ  context.CancelFunc // nil without an event queue
	eqEnded chan struct{}      // closed when its poll has ended; nil without one

	queueGone bool // the simulator has no event queue for it any more; set before eqEnded is closed
}

// LostError is why an agent left the world without logging out.
type LostError struct {
	Cause error
}

func (e *LostError) Error() string { return "the agent lost its region: " + e.Cause.Error() }

// Unwrap gives the circuit's or the simulator's reason.
func (e *LostError) Unwrap() error { return e.Cause }

// Reason is the word by which a run counts this.
func (e *LostError) Reason() string { return "lost_" + reason.Of(e.Cause) }

// KickedError is a simulator that threw the agent out.
type KickedError struct{ Message string }

func (e *KickedError) Error() string { return "the simulator threw the agent out: " + e.Message }

// Reason is the word by which a run counts this.
func (e *KickedError) Reason() string { return "kicked" }

// ErrLoggedOut is returned by calls to an agent that has logged out.
var ErrLoggedOut = errors.New("the agent has logged out")

// Done is closed when the agent has left the world: logged out, or lost.
func (a *Agent) Done() <-chan struct{} { return a.done }

// Err says why the agent left the world: nil before Done is closed and after
// a logout, else a *LostError.
func (a *Agent) Err() error {
	select {
	case <-a.done:
		return a.err
	default:
		return nil
	}
}

// Loop is the loop that owns the agent.
func (a *Agent) Loop() *circuit.Loop { return a.loop }

// String is the avatar's name.
func (a *Agent) String() string { return a.Account.Name() }

// ask runs f on the loop, in world, and gives what f gives. When ctx ends
// before f's turn comes, f is not run.
func ask[T any](ctx context.Context, a *Agent, f func(now circuit.Instant) (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	answered := make(chan answer, 1) // f's own: it may run when nobody waits any more
	err := a.loop.Call(ctx, func(now circuit.Instant) {
		var got answer
		if got.err = context.Cause(ctx); got.err == nil {
			if got.err = a.gone(); got.err == nil {
				got.value, got.err = f(now)
			}
		}
		answered <- got
	})
	if err != nil {
		var none T
		return none, err
	}
	got := <-answered
	return got.value, got.err
}

// do is ask for what has no answer.
func (a *Agent) do(ctx context.Context, f func(now circuit.Instant) error) error {
	_, err := ask(ctx, a, func(now circuit.Instant) (struct{}, error) { return struct{}{}, f(now) })
	return err
}

// post runs f on the loop, sooner or later: the loop's own goroutine runs it
// at once. After the loop's end nothing is run.
func (a *Agent) post(f func(now circuit.Instant)) {
	err := a.loop.Post(context.Background(), f)
	if errors.Is(err, circuit.ErrOnLoop) {
		f(a.loop.Now())
	}
}

// gone tells why the agent is no longer in world; nil if it is.
func (a *Agent) gone() error {
	select {
	case <-a.done:
		if a.err != nil {
			return a.err
		}
		return ErrLoggedOut
	default:
		return nil
	}
}

// left ends the agent's life in world: cause nil is a logout.
func (a *Agent) left(now circuit.Instant, cause error) {
	if a.gone() != nil {
		return
	}
	if cause != nil {
		a.err = &LostError{cause}
		if !a.leaving {
			a.log.Info("agent lost", "agent", a.String(), "reason", reason.Of(a.err), "error", a.err)
		}
	}
	close(a.done)
	a.loop.Stop(&a.tick)
	if a.stopEQ != nil {
		a.stopEQ()
	}
	a.abandonHeard(now)
	if a.root != nil {
		a.root.circuit.Close(now, cause)
	}
	emit(a, Left{At: now, Err: a.err})
	if a.opt.OnLeft != nil {
		a.opt.OnLeft(now, a.err)
	}
	a.subs = nil
}

// report tells the observer of an operation that was timed off the loop.
func (a *Agent) report(op string, intended, sent, end circuit.Instant, err error) {
	word := reason.Of(err)
	a.post(func(circuit.Instant) { a.opt.Observer.Done(op, intended, sent, end, word) })
}

// intended is the planned start of the action that ctx carries, else now.
func intended(ctx context.Context, now circuit.Instant) circuit.Instant {
	if at, ok := circuit.Intended(ctx); ok {
		return at
	}
	return now
}

// wait blocks until ch is closed, ctx ends or the agent leaves the world.
func (a *Agent) wait(ctx context.Context, what string, ch <-chan struct{}) error {
	select {
	case <-ch:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for %s: %w", what, context.Cause(ctx))
	case <-a.done:
		select {
		case <-ch: // both at once: it happened
			return nil
		default:
			return fmt.Errorf("wait for %s: %w", what, a.gone())
		}
	}
}
