package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/message"
)

const (
	// replyPatience is how long LogoutReply may take before the event queue is
	// asked whether the agent has gone. OpenSim queues the reply and clears the
	// queue while it removes the agent: which comes first is chance.
	replyPatience = 500 * time.Millisecond
	// countNoReply counts the logouts that were seen to happen but weren't
	// answered. They have no time, so they aren't in the histogram.
	countNoReply = "logout.no_reply"
)

// farewell is a logout under way. The loop owns it until the agent is done.
type farewell struct {
	planned, sent circuit.Instant
	replied       circuit.Instant // LogoutReply came; 0 before
	err           error           // why the agent left without one
	queue         *queue          // of the region that it leaves; nil without one
}

// end notes how the logout ended, and reports it.
func (f *farewell) end(now circuit.Instant, observer circuit.Observer, cause error) {
	f.err = cause
	switch {
	case f.replied != 0:
		observer.Done(OpLogout, f.planned, f.sent, max(f.replied, f.sent), "")
	case errors.Is(cause, errNoReply):
		f.err = nil
		observer.Count(countNoReply, 1)
	default:
		observer.Done(OpLogout, f.planned, f.sent, now, reason.Of(cause))
	}
}

// Logout leaves the grid: LogoutRequest, LogoutReply, and the event queue is
// told that it is done with. It returns when all of that has happened, or when
// there is no reply but the simulator has no event queue for the agent any
// more. When ctx ends before, or the simulator ends the circuit in place of an
// answer, that is the error, and the agent is gone from this side all the same.
// It reports logout. An agent that is lost gives its *LostError, one that logs
// out already ErrLoggedOut.
func (a *Agent) Logout(ctx context.Context) error {
	err := a.do(ctx, func(now circuit.Instant) error { return a.requestLogout(now, intended(ctx, now)) })
	var lost *LostError
	if errors.Is(err, ErrLoggedOut) || errors.As(err, &lost) || errors.Is(err, circuit.ErrOnLoop) {
		return err
	}
	if err == nil {
		err = a.awaitLogout(ctx)
	}
	if err != nil {
		a.post(func(now circuit.Instant) { a.giveUp(now, intended(ctx, now), err) })
	}
	<-a.done
	a.endQueues(ctx)
	if a.farewell == nil { // lost before the request was sent
		return a.err
	}
	if a.farewell.err != nil {
		return fmt.Errorf("log out %s: %w", a, a.farewell.err)
	}
	return nil
}

func (a *Agent) logoutRequest() message.LogoutRequest {
	return message.LogoutRequest{AgentData: message.LogoutRequestAgentData{AgentID: a.ID, SessionID: a.session}}
}

func (a *Agent) requestLogout(now, planned circuit.Instant) error {
	a.farewell = &farewell{planned: planned, sent: now, queue: a.root.queue}
	a.loop.Stop(&a.tick)
	request := a.logoutRequest()
	return a.root.circuit.SendWith(now, &request, circuit.SendOptions{Reliable: true, Sent: &a.farewell.sent})
}

// giveUp leaves without an answer. Where ctx ended before the request went out,
// that goes out now, for what it is worth.
func (a *Agent) giveUp(now, planned circuit.Instant, err error) {
	if !a.over && a.farewell == nil {
		_ = a.requestLogout(now, planned) // err tells already that this didn't go well
	}
	a.leave(now, err)
}

// awaitLogout waits until the agent has left, which is LogoutReply's doing.
// errNoReply says that the event queue shows that it has gone without one.
func (a *Agent) awaitLogout(ctx context.Context) error {
	patience := time.NewTimer(replyPatience)
	defer patience.Stop()
	select {
	case <-a.done:
		return nil
	case <-ctx.Done():
	case <-patience.C:
		if gone := a.farewell.queue.end(ctx); gone {
			return errNoReply
		}
	}
	select {
	case <-a.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for LogoutReply: %w", context.Cause(ctx))
	}
}

// endQueues ends the event queues of an agent that is done: what the loop
// owned doesn't change any more.
func (a *Agent) endQueues(ctx context.Context) {
	for _, r := range a.regions() {
		r.queue.end(ctx)
	}
	if a.domain != nil {
		a.domain.queue.end(ctx)
	}
}

// end ends the event queue, waits until the simulator was told, and says
// whether the simulator had no such queue any more.
func (q *queue) end(ctx context.Context) (gone bool) {
	if q == nil {
		return false
	}
	q.stop()
	select {
	case <-q.ended:
		return q.gone
	case <-ctx.Done():
		return false
	}
}

func (r *region) loggedOut(ev *circuit.Event, m *message.LogoutReply) {
	a := r.agent
	if a.farewell == nil || m.AgentData.AgentID != a.ID || m.AgentData.SessionID != a.session {
		return
	}
	a.farewell.replied = ev.At
	a.leave(ev.Now, nil) // closing the circuit sends the ack that it owes for this
}
