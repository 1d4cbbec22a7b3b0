package testgrid

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// maxEvents bounds what a queue keeps for an agent that doesn't poll; what
// comes after is dropped, as Second Life's does.
const maxEvents = 100

// eventQueue holds what an agent's next poll brings. A region's loop puts
// events in, an HTTP goroutine takes them out: hence the lock.
type eventQueue struct {
	ready chan struct{} // holds a token when there may be something to take
	gone  chan struct{} // closed when the agent has left

	mu     sync.Mutex
	events []any
	id     int32
	closed bool
}

func newEventQueue() *eventQueue {
	return &eventQueue{
		ready: make(chan struct{}, 1),
		gone:  make(chan struct{}),
		// Ids start anywhere: a client must echo them, never compare.
		id: rand.Int32N(30_000_000) + 1,
	}
}

// put adds an event: its message's name and its body as LLSD. It tells whether
// there was room.
func (q *eventQueue) put(name string, body map[string]any) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || len(q.events) >= maxEvents {
		return false
	}
	q.events = append(q.events, map[string]any{"message": name, "body": body})
	select {
	case q.ready <- struct{}{}:
	default:
	}
	return true
}

// close ends the queue and every poll that waits on it.
func (q *eventQueue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.closed {
		q.closed = true
		close(q.gone)
	}
}

// outcome is how a poll ended.
type outcome int

const (
	pollEvents outcome = iota
	pollNothing
	pollGone
)

// wait returns the events that are there, or that come within hold, and their
// batch's id.
func (q *eventQueue) wait(ctx context.Context, hold time.Duration) ([]any, int32, outcome) {
	if events, id, how := q.take(); how != pollNothing {
		return events, id, how
	}
	timer := time.NewTimer(hold)
	defer timer.Stop()
	for {
		select {
		case <-q.ready:
		case <-q.gone:
		case <-timer.C:
			return nil, 0, pollNothing
		case <-ctx.Done():
			return nil, 0, pollNothing
		}
		// The token may be of events that another poll took: then wait on.
		if events, id, how := q.take(); how != pollNothing {
			return events, id, how
		}
	}
}

func (q *eventQueue) take() ([]any, int32, outcome) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.closed:
		return nil, 0, pollGone
	case len(q.events) == 0:
		return nil, 0, pollNothing
	}
	events, id := q.events, q.id
	q.events = nil
	q.id++
	return events, id, pollEvents
}
