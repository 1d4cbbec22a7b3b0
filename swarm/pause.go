package swarm

import (
	"context"
	"sync"
	"time"

	"github.com/slload/slload/circuit"
)

// In a pause the plan's clock stands still: what was to come comes by the
// pause's length later, and nothing of it is late or dropped. So a run that goes
// on does all that its plan says, and its phases are as long as they were. Only
// what was under way ends meanwhile.

// heldTimer is a timer that came due in a pause, at a time.
type heldTimer struct {
	*circuit.Timer
	at circuit.Instant
}

// hold keeps a timer's work from being done in a pause, and tells whether it
// did: the timer then fires again by the pause's length later.
func (sh *shard) hold(t *circuit.Timer) bool {
	if sh.paused {
		sh.held = append(sh.held, heldTimer{t, t.At()})
	}
	return sh.paused
}

// pause stops the plan's clock.
func (sh *shard) pause(circuit.Instant) { sh.paused = true }

// resume has the plan go on after a pause of some length. Timers that were not
// due in it find by themselves that their time has moved.
func (sh *shard) resume(length time.Duration) {
	held := sh.held
	sh.paused, sh.held = false, nil
	sh.pausedFor += length
	for _, t := range held {
		sh.loop.Schedule(t.Timer, t.at.Add(length))
	}
}

// gate holds back the logins that wait for their turn while the run is paused.
// Any goroutine may use it.
type gate struct {
	mu     sync.Mutex
	opened chan struct{} // closed when the pause ends; nil: there is none
	held   time.Duration // the length of the pauses that have ended
}

// shut begins a pause.
func (g *gate) shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.opened = make(chan struct{})
}

// open ends the pause after some length.
func (g *gate) open(length time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.held += length
	close(g.opened)
	g.opened = nil
}

// heldFor is how long all pauses that have ended lasted.
func (g *gate) heldFor() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.held
}

// pass waits while the gate is shut, and tells whether ctx let it.
func (g *gate) pass(ctx context.Context) bool {
	for {
		g.mu.Lock()
		opened := g.opened
		g.mu.Unlock()
		if opened == nil {
			return ctx.Err() == nil
		}
		select {
		case <-opened:
		case <-ctx.Done():
			return false
		}
	}
}
