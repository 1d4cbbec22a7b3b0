package agent

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

var logoutOp = []string{OpLogout}

const farewellPoll = "poll ack <nil> done true"

func TestLogout(t *testing.T) {
	inWorld(t, func(w *world) {
		var left []error
		a := w.enter("Ann", func(o *Options) { o.OnLeft = func(_ circuit.Instant, err error) { left = append(left, err) } })
		var events []Left
		Subscribe(a, func(e Left) { events = append(events, e) })
		w.elapse(5 * time.Second)
		w.heard()
		planned := circuit.Now()
		w.elapse(time.Second)
		began := circuit.Now()
		if err := a.Logout(circuit.WithIntended(w.Context(), planned)); err != nil {
			t.Fatal(err)
		}
		if got := w.grid.got(); got[len(got)-1] != farewellPoll {
			t.Errorf("Logout returned before the event queue was told: %q", got)
		}
		replied := w.home.passed(false, "LogoutReply", 1)
		if m := w.home.measurements(OpLogout); len(m) != 1 || m[0] != (measurement{OpLogout, planned, began, replied, ""}) {
			t.Errorf("measured %+v; want one from %d, sent at %d, to %d", m, planned, began, replied)
		}
		// The reply's ack leaves before the circuit is closed.
		w.hears("LogoutRequest", "ack of LogoutReply")
		w.asked("login Ann Tester at last", "seed 200", "poll ack <nil> done false", farewellPoll)
		if a.Err() != nil || len(left) != 1 || left[0] != nil || len(events) != 1 || events[0].Err != nil || events[0].At < replied {
			t.Errorf("Err %v, OnLeft %v, Left %v; want no error, once each", a.Err(), left, events)
		}
		select {
		case <-a.Done():
		default:
			t.Error("Done is open")
		}
		w.updatesOf(a)
		w.elapse(time.Minute)
		if n := len(w.updatesOf(a)); n != 0 {
			t.Errorf("%d AgentUpdates came after the logout", n)
		}
		w.hears()
	})
}

func TestLoggedOutAgentDoesNothing(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		if err := a.Logout(w.Context()); err != nil {
			t.Fatal(err)
		}
		w.elapse(soon)
		w.heard()
		calls := map[string]func() error{
			"Logout":   func() error { return a.Logout(w.Context()) },
			"Say":      func() error { return a.Say(w.Context(), "hello") },
			"ChatEcho": func() error { return a.ChatEcho(w.Context(), "hello") },
			"Walk":     func() error { return a.Walk(w.Context()) },
			"State":    func() error { _, err := a.State(w.Context()); return err },
			"Await": func() error {
				_, err := Await(w.Context(), a, "chat", func(ChatHeard) bool { return true })
				return err
			},
		}
		for name, call := range calls {
			if err := call(); !errors.Is(err, ErrLoggedOut) {
				t.Errorf("%s: %v, want ErrLoggedOut", name, err)
			}
		}
		w.hears()
		w.measures(logoutOp, OpLogout)
	})
}

// While one logout is under way nothing else is begun, another logout least.
func TestLogoutTwiceAtOnce(t *testing.T) {
	inWorld(t, func(w *world) {
		w.answers(message.IDLogoutRequest, delayed(5*time.Second, logoutReply))
		a := w.enter("Ann", withoutQueue)
		first := make(chan error)
		go func() { first <- a.Logout(w.Context()) }()
		w.elapse(soon)
		w.updatesOf(a)
		if err := a.Logout(w.Context()); !errors.Is(err, ErrLoggedOut) {
			t.Errorf("second logout: %v", err)
		}
		if err := a.Walk(w.Context()); !errors.Is(err, ErrLoggedOut) {
			t.Errorf("walk: %v", err)
		}
		if err := <-first; err != nil {
			t.Error(err)
		}
		if n := len(w.updatesOf(a)); n != 0 {
			t.Errorf("%d AgentUpdates came after LogoutRequest", n)
		}
		w.measures(logoutOp, OpLogout)
	})
}

func TestLogoutWithoutReply(t *testing.T) {
	for _, tt := range []struct {
		name     string
		script   func(w *world, a *Agent)
		is       error // nil: it went well
		measured []string
		counted  int // logouts that were seen, but not answered
		took     time.Duration
	}{
		{"silence", func(w *world, _ *Agent) { w.answers(message.IDLogoutRequest, nil) },
			context.DeadlineExceeded, []string{"logout timeout"}, 0, 10 * time.Second},
		{"the reply comes late", func(w *world, _ *Agent) { w.answers(message.IDLogoutRequest, delayed(3*time.Second, logoutReply)) },
			nil, []string{"logout"}, 0, 3*time.Second + 2*latency},
		{"the queue is gone", func(w *world, _ *Agent) {
			w.answers(message.IDLogoutRequest, nil)
			w.grid.done = 404
		}, nil, nil, 1, replyPatience + httpTime},
		{"DisableSimulator in its place", func(w *world, _ *Agent) { w.answers(message.IDLogoutRequest, disable) },
			errDisabled, []string{"logout disabled"}, 0, 2 * latency},
		{"CloseCircuit in its place", func(w *world, _ *Agent) { w.answers(message.IDLogoutRequest, closeCircuit) },
			circuit.ErrPeerClosed, []string{"logout closed_by_peer"}, 0, 2 * latency},
		{"the loop ends", func(w *world, _ *Agent) {
			w.answers(message.IDLogoutRequest, nil)
			time.AfterFunc(time.Second, w.home.stop)
		}, circuit.ErrStopped, nil, 0, time.Second},
		{"the circuit takes nothing more", func(w *world, a *Agent) {
			w.deaf.Store(true)
			for range circuit.DefaultUnacked {
				if err := a.Say(w.Context(), "hello"); err != nil {
					w.Fatal(err)
				}
			}
		}, circuit.ErrQueueFull, []string{"logout queue_full"}, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				a := w.enter("Ann")
				w.elapse(soon)
				tt.script(w, a)
				ctx, cancel := context.WithTimeout(w.Context(), 10*time.Second)
				defer cancel()
				start := time.Now()
				err := a.Logout(ctx)
				took := time.Since(start)
				if tt.is != nil {
					checkCause(t, err, tt.is)
				} else if err != nil {
					t.Error(err)
				}
				if slack := 5*time.Millisecond + httpTime; took < tt.took || took > tt.took+slack {
					t.Errorf("took %v, want %v", took, tt.took)
				}
				if a.Err() != nil {
					t.Errorf("the agent counts as lost: %v", a.Err())
				}
				select {
				case <-a.Done():
				default:
					t.Error("the agent is still there")
				}
				if errors.Is(tt.is, circuit.ErrStopped) {
					return // there is no loop to ask
				}
				w.measures(logoutOp, tt.measured...)
				if n := w.home.counted(countNoReply); n != tt.counted {
					t.Errorf("%s counts %d, want %d", countNoReply, n, tt.counted)
				}
				w.elapse(5 * time.Second)
				if got := w.grid.got(); !slices.Contains(got, farewellPoll) {
					t.Errorf("the event queue was not told: %q", got)
				}
			})
		})
	}
}

// A logout whose time is up before it begins leaves all the same, and tells
// the simulator as it goes.
func TestLogoutWithoutTime(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		w.elapse(soon)
		w.heard()
		ctx, cancel := context.WithCancel(w.Context())
		cancel()
		checkCause(t, a.Logout(ctx), context.Canceled)
		if a.Err() != nil {
			t.Errorf("the agent counts as lost: %v", a.Err())
		}
		w.measures(logoutOp, "logout canceled")
		w.elapse(soon)
		if heard := w.heard(); len(heard) == 0 || heard[0] != "LogoutRequest" {
			t.Errorf("the simulator heard %q", heard)
		}
	})
}
