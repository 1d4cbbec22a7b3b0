// Package eq polls an agent's event queue: the capability EventQueueGet, a
// long poll that brings what UDP doesn't (teleports' ends, crossings,
// neighbours, parcels, group chat).
//
// It stands on caps and message: an event whose name the message catalogue
// has can be had as that message. agent runs one Poller a region.
package eq

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/slload/slload/caps"
	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/message"
)

const (
	// heldLongEnough divides "nothing happened" from "something is wrong": a
	// 5xx or a timeout after this hold is how a simulator says that it had no
	// events (OpenSim: 502 after 58 s; Second Life: 499, 502, 503).
	heldLongEnough = 10 * time.Second

	// pollTimeout cuts a poll that a dead peer would keep for ever.
	pollTimeout = 90 * time.Second

	// The wait after the nth failure in a row is backoffFirst + n x
	// backoffStep, ten times, as a viewer has it.
	backoffFirst = 15 * time.Second
	backoffStep  = 5 * time.Second
	maxFailures  = 10

	goodbyeTimeout = 2 * time.Second

	// OpenSim marks where capabilities were registered anew in the queue, and
	// answers a poll that finds such a mark with an early, empty 502. It keeps a
	// queue when an agent leaves that was told of a region but opened no circuit
	// there, so marks gather: one for each earlier stay beside the region. What
	// the queue has to say comes after the last of them.
	mostMarks = 100
	markPause = 50 * time.Millisecond // after the second in a row

	// emptyPause is the least time between two polls of a simulator that says
	// at once that it has nothing to say, or a broken one would be asked as
	// fast as it can answer.
	emptyPause = time.Second
)

// ErrGone is the end of a queue that the simulator has forgotten (404): the
// agent has left it, or was thrown out.
var ErrGone = &pollError{"gone", "the simulator has no such event queue any more (HTTP 404)"}

type pollError struct{ reason, text string }

func (e *pollError) Error() string  { return e.text }
func (e *pollError) Reason() string { return e.reason }

// Event is one that the queue brought.
type Event struct {
	Name    string
	Body    map[string]any  // as LLSD has it, whatever the name; made by Fill
	Message message.Message // made by Fill; nil before, and when the catalogue has none of that name
	At      time.Time       // when the answer that carried it had been read

	raw    any // the body that Fill reads: llsd.Raw where the answer is XML, else the value
	filled bool
}

// Poll is one long poll, for measuring: how long the simulator held it and
// why it failed ("" if it brought events or nothing).
type Poll struct {
	Sent, End time.Time
	Events    int
	Reason    string
}

// Poller polls one event queue.
type Poller struct {
	HTTP   *http.Client
	URL    string     // of the capability EventQueueGet
	OnPoll func(Poll) // may be nil; called on Run's goroutine

	ack      any // the id of the last answer, echoed and never compared; nil before
	failures int // in a row
	marks    int // in a row
}

// Run polls until ctx ends, and then tells the simulator that the queue is
// done with and returns nil, or ErrGone if the simulator had forgotten it
// already. It calls handle for each event, in order, on its own goroutine. It
// gives up with ErrGone on a 404 and with the last failure after more than ten in a row.
func (p *Poller) Run(ctx context.Context, handle func(Event)) error {
	for {
		sent := time.Now()
		events, err := p.poll(ctx)
		if ctx.Err() != nil {
			return p.goodbye()
		}
		wait, err := p.judge(len(events), err, time.Since(sent))
		if p.OnPoll != nil {
			p.OnPoll(Poll{Sent: sent, End: time.Now(), Events: len(events), Reason: reason.Of(err)})
		}
		for _, e := range events {
			handle(e)
		}
		if errors.Is(err, ErrGone) || p.failures > maxFailures {
			return fmt.Errorf("poll the event queue: %w", err)
		}
		if wait > 0 && !sleep(ctx, wait) {
			return p.goodbye()
		}
	}
}

// judge tells a quiet end of a poll from a failure, and how long to wait
// before the next.
func (p *Poller) judge(events int, err error, held time.Duration) (time.Duration, error) {
	if err == nil {
		p.failures, p.marks = 0, 0
		if events == 0 {
			return max(emptyPause-held, 0), nil
		}
		return 0, nil
	}
	var status *caps.StatusError
	isStatus := errors.As(err, &status)
	quiet := reason.Of(err) == reason.Timeout || isStatus && (status.Status == 499 || status.Status >= 500)
	switch {
	case isStatus && status.Status == http.StatusNotFound:
		return 0, ErrGone
	case quiet && held >= heldLongEnough:
		p.failures, p.marks = 0, 0
		return 0, nil
	case isStatus && status.Status == http.StatusBadGateway && status.Text == "" && p.marks < mostMarks:
		p.marks++
		if p.marks == 1 {
			return 0, nil
		}
		return markPause, nil
	}
	p.failures++
	p.marks = 0
	return backoffFirst + time.Duration(p.failures)*backoffStep, err
}

func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
