package agent

import (
	"context"
	"errors"
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

// loggedOutEvent is LogoutReply.
type loggedOutEvent struct{ at circuit.Instant }

// errNoReply is why a logout without LogoutReply went well all the same.
var errNoReply = errors.New("the simulator forgot the agent without a LogoutReply")

// Logout leaves the grid: LogoutRequest, LogoutReply, and the event queue is
// told that it is done with. It returns when all of that has happened, or when
// there is no reply but the simulator has no event queue for the agent any
// more. When ctx ends before, that is the error, and the agent is gone from
// this side all the same. It reports logout.
func (a *Agent) Logout(ctx context.Context) error {
	reply := Expect(a, func(loggedOutEvent) bool { return true })
	defer reply.cancel()
	sent, err := ask(ctx, a, a.requestLogout)
	if errors.Is(err, ErrLoggedOut) {
		return err
	}
	var end circuit.Instant
	if err == nil {
		end, err = a.awaitLogout(ctx, reply)
	}
	a.post(func(now circuit.Instant) {
		a.loggedOut(ctx, now, sent, end, err)
	})
	a.endQueue(ctx)
	<-a.done
	if errors.Is(err, errNoReply) {
		return nil
	}
	return err
}

func (a *Agent) requestLogout(now circuit.Instant) (circuit.Instant, error) {
	if a.leaving {
		return 0, ErrLoggedOut
	}
	a.leaving = true
	a.loop.Stop(&a.tick)
	request := message.LogoutRequest{AgentData: message.LogoutRequestAgentData{AgentID: a.ID, SessionID: a.session}}
	return now, a.root.circuit.SendReliable(now, &request, nil)
}

// awaitLogout gives the time of LogoutReply; errNoReply where the event queue
// shows that the agent has gone without one.
func (a *Agent) awaitLogout(ctx context.Context, reply *Expectation[loggedOutEvent]) (circuit.Instant, error) {
	patience := time.NewTimer(replyPatience)
	defer patience.Stop()
	select {
	case <-reply.seen:
	case <-a.done:
	case <-ctx.Done():
	case <-patience.C:
		if gone := a.endQueue(ctx); gone {
			return 0, errNoReply
		}
	}
	got, err := reply.Wait(ctx, "LogoutReply")
	return got.at, err
}

// endQueue ends the event queue, waits until the simulator was told, and says
// whether the simulator had no such queue any more.
func (a *Agent) endQueue(ctx context.Context) (gone bool) {
	if a.stopEQ == nil {
		return false
	}
	a.stopEQ()
	select {
	case <-a.eqEnded:
		return a.queueGone
	case <-ctx.Done():
		return false
	}
}

// loggedOut reports the logout and ends the agent's life in world.
func (a *Agent) loggedOut(ctx context.Context, now, sent, end circuit.Instant, err error) {
	if sent == 0 { // ctx ended before the request was on its way
		sent = now
	}
	switch {
	case errors.Is(err, errNoReply):
		a.opt.Observer.Count(countNoReply, 1)
	case err != nil:
		a.opt.Observer.Done(OpLogout, intended(ctx, sent), sent, now, reason.Of(err))
	default:
		a.opt.Observer.Done(OpLogout, intended(ctx, sent), sent, max(end, sent), "")
	}
	a.leaving = true
	a.left(now, nil)
}

func (r *region) loggedOut(ev *circuit.Event, m *message.LogoutReply) {
	if m.AgentData.AgentID == r.agent.ID {
		emit(r.agent, loggedOutEvent{ev.At})
	}
}
