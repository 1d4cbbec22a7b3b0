package agent

import (
	"context"
	"errors"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/message"
)

// loggedOutEvent is LogoutReply.
type loggedOutEvent struct{ at circuit.Instant }

// Logout leaves the grid: LogoutRequest, LogoutReply, and the event queue is
// told that it is done with. It returns when all of that has happened; when
// ctx ends before, the agent is gone from this side all the same. It reports
// logout.
func (a *Agent) Logout(ctx context.Context) error {
	reply := Expect(a, func(loggedOutEvent) bool { return true })
	sent, err := ask(ctx, a, func(now circuit.Instant) (circuit.Instant, error) {
		if a.leaving {
			return 0, ErrLoggedOut
		}
		a.leaving = true
		a.loop.Stop(&a.tick)
		if a.stopEQ != nil {
			a.stopEQ()
		}
		request := message.LogoutRequest{AgentData: message.LogoutRequestAgentData{AgentID: a.ID, SessionID: a.session}}
		return now, a.root.circuit.SendReliable(now, &request, nil)
	})
	if errors.Is(err, ErrLoggedOut) {
		reply.cancel()
		return err
	}
	var got loggedOutEvent
	if err == nil {
		got, err = reply.Wait(ctx, "LogoutReply")
	} else {
		reply.cancel()
	}
	a.post(func(now circuit.Instant) {
		if sent == 0 { // ctx ended before the request was on its way
			sent = now
		}
		end := got.at
		if err != nil {
			end = now
		}
		a.opt.Observer.Done(OpLogout, intended(ctx, sent), sent, max(end, sent), reason.Of(err))
		a.leaving = true
		a.left(now, nil)
	})
	if a.eqEnded != nil {
		select {
		case <-a.eqEnded:
		case <-ctx.Done():
		}
	}
	<-a.done
	return err
}

func (r *region) loggedOut(ev *circuit.Event, m *message.LogoutReply) {
	if m.AgentData.AgentID == r.agent.ID {
		emit(r.agent, loggedOutEvent{ev.At})
	}
}
