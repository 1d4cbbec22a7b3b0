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

// heldTimer is a timer that waits for the end of a pause; at is when it came due
// or would have, had there been none.
type heldTimer struct {
	*circuit.Timer
	at circuit.Instant
}

// hold keeps a timer's work from being done in a pause, and tells whether it
// did: the timer then fires again by the pause's length later.
func (sh *shard) hold(t *circuit.Timer) bool {
	paused := sh.pausedAt != 0
	if paused {
		sh.held = append(sh.held, heldTimer{t, t.At()})
	}
	return paused
}

// schedule has a timer fire at an instant; what is asked for in a pause is held
// at once, as its time may be before now.
func (sh *shard) schedule(t *circuit.Timer, at circuit.Instant) {
	if sh.pausedAt != 0 {
		sh.held = append(sh.held, heldTimer{t, at})
		return
	}
	sh.loop.Schedule(t, at)
}

// standing is now, and in a pause the moment at which it stopped the plan's
// clock: what begins to wait in a pause has all of its wait before it when that
// ends, and no more.
func (sh *shard) standing(now circuit.Instant) circuit.Instant {
	if sh.pausedAt != 0 {
		return sh.pausedAt
	}
	return now
}

// clock is the plan's: an instant less the pauses.
func (sh *shard) clock(now circuit.Instant) circuit.Instant {
	return sh.standing(now).Add(-sh.pausedFor)
}

// pause stops the plan's clock.
func (sh *shard) pause(at circuit.Instant) { sh.pausedAt = at }

// resume has the plan go on after a pause of some length. Waits for a further
// login and thoughts are moved here, whether they came due in it or not; the
// timers of what has a time in the plan find by themselves that it has moved.
func (sh *shard) resume(length time.Duration) {
	held := sh.held
	sh.pausedAt, sh.held = 0, nil
	sh.pausedFor += length
	for _, s := range sh.sessions[:sh.nextUp] {
		sh.move(&s.again, length)
		if s.mind != nil {
			sh.move(&s.mind.timer, length)
		}
	}
	for _, t := range held {
		// It may have been set anew since it was held.
		if at := t.at.Add(length); !t.Scheduled() || at < t.At() {
			sh.loop.Schedule(t.Timer, at)
		}
	}
}

// move has a timer that waits fire later.
func (sh *shard) move(t *circuit.Timer, by time.Duration) {
	if t.Scheduled() {
		sh.loop.Schedule(t, t.At().Add(by))
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
