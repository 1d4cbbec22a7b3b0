package agent

import (
	"context"
	"testing"
	"time"

	"github.com/slload/slload/circuit"
)

// An action that can't be begun in time is not begun at all.
func TestCallsBeforeTheirTurn(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		w.elapse(soon)
		w.heard()
		busy := make(chan struct{})
		go w.home.Post(w.Context(), func(circuit.Instant) { <-busy })
		w.elapse(soon)
		ctx, cancel := context.WithTimeout(w.Context(), time.Second)
		defer cancel()
		said, echoed := make(chan error, 1), make(chan error, 1)
		go func() { said <- a.Say(ctx, "too late") }()
		go func() { echoed <- a.ChatEcho(ctx, "much too late") }()
		w.elapse(2 * time.Second)
		close(busy)
		checkCause(t, <-said, context.DeadlineExceeded)
		checkCause(t, <-echoed, context.DeadlineExceeded)
		w.hears()
		w.measures(chatOp, "msg.chat timeout")
		if m := w.home.measurements(OpChat)[0]; m.sent != m.end {
			t.Errorf("a line that was never sent has a service time of %v", m.end.Sub(m.sent))
		}
	})
}

// A simulator that acknowledges nothing stops the sender at a bound.
func TestUnacknowledgedLinesAreBounded(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		w.elapse(soon)
		w.deaf.Store(true)
		for range circuit.DefaultUnacked {
			if err := a.Say(w.Context(), "hello"); err != nil {
				t.Fatal(err)
			}
		}
		checkCause(t, a.ChatEcho(w.Context(), "hello"), circuit.ErrQueueFull)
		w.measures(chatOp, "msg.chat queue_full")
	})
}

// Code on the loop can't wait for the loop: it is told so.
func TestBlockingCallOnTheLoop(t *testing.T) {
	inWorld(t, func(w *world) {
		a := w.enter("Ann", withoutQueue)
		w.elapse(soon)
		w.heard()
		var said, left error
		w.home.see(func() {
			said = a.Say(w.Context(), "from a callback")
			left = a.Logout(w.Context())
		})
		checkCause(t, said, circuit.ErrOnLoop)
		checkCause(t, left, circuit.ErrOnLoop)
		w.hears()
	})
}
