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

// seedResult is what the seed capability gave.
type seedResult struct {
	urls map[string]string
	err  error
}

// fetchSeed asks the seed capability for all that it has, unless the agent is
// to live without.
func (a *Agent) fetchSeed(ctx context.Context, seed string) seedResult {
	if a.opt.NoEventQueue {
		return seedResult{}
	}
	sent := a.loop.Now()
	urls, err := caps.Seed(ctx, a.opt.HTTP, seed, caps.Names)
	a.report(OpSeed, sent, sent, a.loop.Now(), err)
	return seedResult{urls, err}
}

// startQueue begins to poll the event queue, on the one goroutine that an
// idle agent has.
func (a *Agent) startQueue(ctx context.Context, urls map[string]string) error {
	if a.opt.NoEventQueue {
		return nil
	}
	url := urls["EventQueueGet"]
	if url == "" {
		return errNoQueue
	}
	polling, stop := context.WithCancel(context.Background()) // ctx is the login's: it goes, and its memory with it
	ended := make(chan struct{})
	err := a.do(ctx, func(circuit.Instant) error {
		a.stopQueue, a.queueEnded = stop, ended
		a.root.caps = newCapabilities(urls)
		return nil
	})
	if err != nil {
		stop()
		return err
	}
	go a.poll(polling, url, ended)
	return nil
}

func (a *Agent) poll(ctx context.Context, url string, ended chan<- struct{}) {
	defer close(ended)
	poller := eq.Poller{HTTP: a.opt.Polls, URL: url, OnPoll: a.polled}
	err := poller.Run(ctx, func(e eq.Event) {
		a.post(func(circuit.Instant) {
			if !a.over {
				emit(a, QueueEvent{At: instant(e.At), Event: e})
			}
		})
	})
	a.queueGone = errors.Is(err, eq.ErrGone)
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
