package agent

import (
	"context"
	"errors"
	"time"

	"github.com/slload/slload/caps"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/eq"
	"github.com/slload/slload/internal/reason"
)

// queue is the poll of one event queue, a region's or the agent domain's, on a
// goroutine of its own. The loop owns what can change.
type queue struct {
	seed  string // the capability that gave it
	stop  context.CancelFunc
	ready chan struct{} // closed when the seed has answered, or won't; nil: it had
	ended chan struct{} // closed when the poll has ended
	gone  bool          // the simulator has no such queue any more; set before ended is closed
}

// over tells whether the poll has ended.
func (q *queue) over() bool {
	select {
	case <-q.ended:
		return true
	default:
		return false
	}
}

// seedResult is what the seed capability gave.
type seedResult struct {
	seed  string
	caps  capabilities
	queue string // the event queue's URL, however long; "" without one
	err   error
}

// fetchSeed asks the seed capability for all that it has, unless the agent is
// to live without.
func (a *Agent) fetchSeed(ctx context.Context, seed string) seedResult {
	if a.opt.NoEventQueue {
		return seedResult{seed: seed}
	}
	sent := a.loop.Now()
	urls, err := caps.Seed(ctx, a.opt.HTTP, seed, caps.Names)
	a.report(OpSeed, sent, sent, a.loop.Now(), err)
	return seedResult{seed, newCapabilities(urls), urls["EventQueueGet"], err}
}

// startQueue begins to poll the event queue of the region that the agent has
// logged in to, on the one goroutine that an idle agent has.
func (a *Agent) startQueue(ctx context.Context, got seedResult) error {
	if a.opt.NoEventQueue {
		return nil
	}
	if got.queue == "" {
		return errNoQueue
	}
	polling, stop := context.WithCancel(context.Background()) // ctx is the login's: it goes, and its memory with it
	q := &queue{seed: got.seed, stop: stop, ended: make(chan struct{})}
	err := a.do(ctx, func(circuit.Instant) error {
		a.root.queue, a.root.caps = q, got.caps
		return nil
	})
	if err != nil {
		stop()
		return err
	}
	go func() {
		defer close(q.ended)
		a.poll(polling, q, got.queue)
	}()
	return nil
}

// connect gets a region that the agent came to know in world its capabilities
// and its event queue. What it has from the same seed already stays.
func (r *region) connect(seed string) {
	a := r.agent
	if a.opt.NoEventQueue || seed == "" || a.over || a.farewell != nil {
		return
	}
	if r.queue != nil {
		if r.queue.seed == seed && !r.queue.over() {
			return
		}
		r.queue.stop()
	}
	ctx, stop := context.WithCancel(context.Background())
	q := &queue{seed: seed, stop: stop, ready: make(chan struct{}), ended: make(chan struct{})}
	r.queue = q
	go func() {
		defer close(q.ended)
		defer stop()
		if url := r.learn(ctx, q); url != "" {
			a.poll(ctx, q, url)
		}
	}()
}

// learn asks q's seed for the region's capabilities, and gives the event
// queue's URL; "" where there is none.
func (r *region) learn(ctx context.Context, q *queue) (url string) {
	ctx, cancel := context.WithTimeout(ctx, r.agent.opt.EnterTimeout)
	defer cancel()
	got := r.agent.fetchSeed(ctx, q.seed)
	r.agent.post(func(circuit.Instant) {
		defer close(q.ready)
		if r.queue == q && got.err == nil {
			r.caps = got.caps
		}
	})
	return got.queue
}

// poll polls until ctx ends, or the queue.
func (a *Agent) poll(ctx context.Context, q *queue, url string) {
	poller := eq.Poller{HTTP: a.opt.Polls, URL: url, OnPoll: a.polled}
	err := poller.Run(ctx, func(e eq.Event) {
		a.post(func(now circuit.Instant) {
			if a.over {
				return
			}
			a.queueEvent(now, &e)
			if listens[QueueEvent](a) {
				a.fill(&e)
				emit(a, QueueEvent{At: instant(e.At), Event: e})
			}
		})
	})
	q.gone = errors.Is(err, eq.ErrGone)
	if err != nil && ctx.Err() == nil {
		a.log.Info("event queue ended", "agent", a.String(), "error", err)
	}
}

// polled reports a poll: its time is how long the simulator held it, which
// says that the queue lives, not that it is fast.
func (a *Agent) polled(p eq.Poll) {
	sent, end := instant(p.Sent), instant(p.End)
	a.post(func(circuit.Instant) {
		if (a.farewell != nil || a.over) && p.Reason == reason.Of(eq.ErrGone) {
			return // the simulator has let the agent go: that is no failed poll
		}
		a.opt.Observer.Done(OpPoll, sent, sent, end, p.Reason)
	})
}

func instant(t time.Time) circuit.Instant { return circuit.Instant(t.Sub(circuit.Epoch)) }
