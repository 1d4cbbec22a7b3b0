package agent

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/slload/slload/circuit"
)

func TestLost(t *testing.T) {
	for _, tt := range []struct {
		name   string
		how    func(w *world, a *Agent)
		is     error
		reason string
		after  time.Duration
		heard  []string
	}{
		{"KickUser", func(w *world, a *Agent) { w.says(a, kick) }, &KickedError{}, "lost_kicked", latency, []string{"ack of KickUser"}},
		{"DisableSimulator", func(w *world, a *Agent) { w.says(a, disable) }, errDisabled, "lost_disabled", latency, []string{"ack of DisableSimulator"}},
		{"CloseCircuit", func(w *world, a *Agent) { w.says(a, closeCircuit) }, circuit.ErrPeerClosed, "lost_closed_by_peer", latency, nil},
		{"silence", func(w *world, _ *Agent) { w.deaf.Store(true) }, circuit.ErrTimeout, "lost_timeout", circuit.DefaultTimeout, nil},
		{"the loop's end", func(w *world, _ *Agent) { go w.home.stop() }, circuit.ErrStopped, "lost_stopped", 0, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(w *world) {
				var left []error
				a := w.enter("Ann", func(o *Options) { o.OnLeft = func(_ circuit.Instant, err error) { left = append(left, err) } })
				w.elapse(soon)
				w.heard()
				start := time.Now()
				tt.how(w, a)
				<-a.Done()
				if took := time.Since(start); took > tt.after+soon {
					t.Errorf("took %v, want %v", took, tt.after)
				}
				checkCause(t, a.Err(), tt.is)
				var lost *LostError
				if !errors.As(a.Err(), &lost) || lost.Reason() != tt.reason {
					t.Errorf("error %v, want a LostError of reason %s", a.Err(), tt.reason)
				}
				w.elapse(5 * time.Second)
				w.hears(tt.heard...)
				if !errors.Is(tt.is, circuit.ErrStopped) {
					if n := w.home.counted(countLost); n != 0 {
						t.Errorf("%d AgentUpdates were tried after it was lost", n)
					}
				}
				if len(left) != 1 || !errors.Is(left[0], a.Err()) {
					t.Errorf("OnLeft was told %v", left)
				}
				if !strings.Contains(w.logged.String(), "reason="+tt.reason) {
					t.Errorf("nothing is logged:\n%s", w.logged.String())
				}
				if got := w.grid.got(); got[len(got)-1] != farewellPoll {
					t.Errorf("the event queue was not told: %q", got)
				}
				if err := a.Logout(w.Context()); !errors.Is(err, a.Err()) {
					t.Errorf("logout of a lost agent: %v", err)
				}
			})
		})
	}
}
