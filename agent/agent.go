package agent

import (
	"context"
	"log/slog"
	"unique"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/login"
	"github.com/slload/slload/message"
)

// Agent is one avatar in world. Login makes it.
type Agent struct {
	ID uuid.UUID

	// The loop's goroutine owns what an agent needs many times a second. It stands
	// together: between two of its ticks thousands of others have had theirs, and
	// each line of memory has to be fetched anew.
	subs   []subscriber
	heard  []*awaited       // texts that somebody waits for this agent to hear
	root   *region          // the region that it stands in
	camera *message.Vector3 // where LookFrom put it; nil: behind the avatar
	held   int              // ticks for which one-shot control flags are still sent
	tick   circuit.Timer    // of AgentUpdate
	update message.AgentUpdate

	Account Account // without its password, which the agent needs no more

	// Where the inventories are; Login sets them. The login's skeletons
	// themselves aren't kept.
	inventoryRoot uuid.UUID
	library       unique.Handle[libraryRef]

	session uuid.UUID
	code    uint32 // the circuit code, the same for all its circuits
	loop    *circuit.Loop
	opt     Options
	log     *slog.Logger
	domain  *domain       // that it logged in by; nil: by none. Set before the loop knows of the agent
	done    chan struct{} // closed when the agent has left the world
	err     error         // why, if it didn't log out; set before done is closed

	// The loop's goroutine owns what follows, too.
	entered  bool                         // has been in world
	over     bool                         // has left, or is just leaving
	farewell *farewell                    // nil until Logout
	turns    map[message.ID]chan struct{} // see turn; nil before the first

	buddies *[]login.Buddy // of the login's answer; nil: none. Set before Login returns.
	tracker *tracker       // nil unless somebody wants to know of objects
	trash   *uuid.UUID     // the folder; nil before the agent throws an object away, uuid.Nil until it is looked up
	travels *travels       // regions beyond the root; nil until there are any
}

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

// GoString keeps %#v from showing the session's id, which is a secret.
func (a *Agent) GoString() string { return "agent.Agent(" + a.String() + ")" }

// LogValue is the avatar's name.
func (a *Agent) LogValue() slog.Value { return slog.StringValue(a.String()) }

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

// leave ends the agent's life in world, or its way there. Cause is why: nil,
// or what came between, after Logout was called.
func (a *Agent) leave(now circuit.Instant, cause error) {
	if a.over {
		return
	}
	a.over = true
	if a.farewell != nil {
		a.farewell.end(now, a.opt.Observer, cause)
	} else {
		a.err = &LostError{cause}
	}
	a.loop.Stop(&a.tick)
	a.domain.stop()
	if a.travels != nil {
		a.leaveTravels(now, cause)
	}
	if a.root != nil {
		a.root.leave(now, cause)
	}
	if a.entered {
		a.tellLeft(now)
	}
	a.subs, a.heard = nil, nil
	close(a.done)
}

// tellLeft tells who wants to know that the agent has left the world.
func (a *Agent) tellLeft(now circuit.Instant) {
	if a.err != nil {
		a.log.Info("agent lost", "agent", a.String(), "reason", reason.Of(a.err), "error", a.err)
	}
	emit(a, Left{At: now, Err: a.err})
	if a.opt.OnLeft != nil {
		a.opt.OnLeft(now, a.err)
	}
}

// abandon is leave for an agent that the simulator may still hold: it is told,
// once, or else it would keep the avatar for a minute.
func (a *Agent) abandon(now circuit.Instant, cause error) {
	if a.root != nil && !a.over {
		request := a.logoutRequest()
		a.root.tell(now, &request)
	}
	a.leave(now, cause)
}

// report tells the observer of an operation that was timed off the loop.
func (a *Agent) report(op string, intended, sent, end circuit.Instant, err error) {
	word := reason.Of(err)
	a.post(func(circuit.Instant) { a.opt.Observer.Done(op, intended, sent, end, word) })
}

// intended is the planned start that ctx carries for the action's first
// operation, else now.
func intended(ctx context.Context, now circuit.Instant) circuit.Instant {
	if at, ok := circuit.Intended(ctx); ok {
		return at
	}
	return now
}
