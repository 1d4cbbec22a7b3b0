package agent

import (
	"fmt"
	"testing"
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/message"
)

// loginTimes logs residents in one after another, on a loop that gathers for so
// long, while the simulator tells another resident of that loop something every
// millisecond.
func loginTimes(t *testing.T, gather time.Duration) (times []time.Duration) {
	inWorld(t, func(w *world) {
		w.home = w.newLoop(func(cfg *circuit.Config) { cfg.Conn, cfg.Gather = w.net.Conn(udp.Config{}), gather })
		busy := w.enter("Busy", withoutQueue)
		over, ended := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(ended)
			for tick := time.NewTicker(time.Millisecond); ; {
				select {
				case <-tick.C:
					w.tells(busy, &message.SimulatorViewerTimeMessage{})
				case <-over:
					tick.Stop()
					return
				}
			}
		}()
		for i := range 5 {
			w.elapse(100 * time.Millisecond)
			start := time.Now()
			w.enter(fmt.Sprintf("Guest%d", i), withoutQueue)
			times = append(times, time.Since(start))
		}
		close(over)
		<-ended
	})
	return times
}

// A login is steps that wait for one another: were each answer left alone for
// a while, the simulator would seem slower than it is.
func TestLoginsAreNotSlowerWhereALoopGathers(t *testing.T) {
	at, gathering := loginTimes(t, 0), loginTimes(t, circuit.GatherLimit)
	for i := range at {
		if late := gathering[i] - at[i]; late > 2*time.Millisecond || late < -2*time.Millisecond {
			t.Errorf("login %d took %v, and %v on a loop that gathers", i, at[i], gathering[i])
		}
	}
}
