package circuit

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// onLoopAfter is how long Post and Call wait before they look whether it is
// the loop itself that waits, which nothing else would ever end.
const onLoopAfter = 100 * time.Millisecond

// mailbox is how other goroutines reach a loop: a bounded queue of functions.
// It is the one place of this package that goroutines share.
type mailbox struct {
	slots  chan struct{} // one token for each function in queue
	wake   func()
	onLoop func() bool // is the caller the goroutine that empties the mailbox?

	stopped chan struct{} // closed by seal

	mu     sync.Mutex
	queue  []func(now Instant)
	spare  []func(now Instant) // the other of the two buffers
	sealed bool
	depth  int // largest length of queue so far
}

func (m *mailbox) init(size int, wake func(), onLoop func() bool) {
	m.slots = make(chan struct{}, size)
	m.stopped = make(chan struct{})
	m.wake, m.onLoop = wake, onLoop
}

// put queues f, waiting while the mailbox is full.
func (m *mailbox) put(ctx context.Context, f func(now Instant)) error {
	select {
	case m.slots <- struct{}{}:
	default:
		if err := m.waitForSlot(ctx); err != nil {
			return err
		}
	}
	m.mu.Lock()
	if m.sealed {
		m.mu.Unlock()
		<-m.slots
		return ErrStopped
	}
	m.queue = append(m.queue, f)
	m.depth = max(m.depth, len(m.queue))
	m.mu.Unlock()
	m.wake()
	return nil
}

func (m *mailbox) waitForSlot(ctx context.Context) error {
	check := time.NewTimer(onLoopAfter)
	defer check.Stop()
	for {
		select {
		case m.slots <- struct{}{}:
			return nil
		case <-m.stopped:
			return ErrStopped
		case <-ctx.Done():
			return fmt.Errorf("wait for a slot in the loop's mailbox: %w", context.Cause(ctx))
		case <-check.C:
			if m.onLoop() {
				return ErrOnLoop
			}
		}
	}
}

// take gives what is queued and makes room for as many. The slice is good
// until the next take.
func (m *mailbox) take() []func(now Instant) {
	m.mu.Lock()
	taken := m.queue
	m.queue, m.spare = m.spare[:0], taken
	m.mu.Unlock()
	for range taken {
		<-m.slots
	}
	return taken
}

// pending tells whether something is queued, without the lock.
func (m *mailbox) pending() bool { return len(m.slots) > 0 }

// seal lets nothing more in; what is queued can still be taken.
func (m *mailbox) seal() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sealed = true
	close(m.stopped)
}

// maxDepth gives the largest number of functions that waited at once.
func (m *mailbox) maxDepth() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.depth
}
