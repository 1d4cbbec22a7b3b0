// Package eq polls an agent's event queue: the capability EventQueueGet, a
// long poll that brings what UDP doesn't (teleports' ends, crossings,
// neighbours, parcels, group chat).
//
// It stands on llsd and message: an event whose name the message catalogue
// has comes as that message too. agent runs one Poller a region.
package eq

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/llsd"
	"github.com/slload/slload/message"
)

const (
	// MaxBody bounds what is read of one answer, in bytes.
	MaxBody = 16 << 20

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
	Body    map[string]any  // as LLSD has it, whatever the name
	Message message.Message // nil when the catalogue has no message of that name
	At      time.Time       // when the answer that carried it had been read
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
	retried  bool
}

// Run polls until ctx ends, and then tells the simulator that the queue is
// done with and returns nil, or ErrGone if the simulator had forgotten it
// already. It calls handle for each event, in order, on its own goroutine. It
// gives up with ErrGone on a 404 and with the last failure after ten in a row.
func (p *Poller) Run(ctx context.Context, handle func(Event)) error {
	for {
		sent := time.Now()
		events, err := p.poll(ctx)
		if ctx.Err() != nil {
			return p.goodbye()
		}
		wait, err := p.judge(err, time.Since(sent))
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
func (p *Poller) judge(err error, held time.Duration) (time.Duration, error) {
	if err == nil {
		p.failures = 0
		return 0, nil
	}
	var status *statusError
	isStatus := errors.As(err, &status)
	quiet := reason.Of(err) == reason.Timeout || isStatus && (status.status == 499 || status.status >= 500)
	switch {
	case isStatus && status.status == http.StatusNotFound:
		return 0, ErrGone
	case quiet && held >= heldLongEnough:
		p.failures = 0
		return 0, nil
	case isStatus && status.status == http.StatusBadGateway && !p.retried:
		// Capabilities that are registered anew on an arrival push an empty
		// answer: the first early 502 means nothing.
		p.retried = true
		return 0, nil
	}
	p.failures++
	return backoffFirst + time.Duration(p.failures)*backoffStep, err
}

type request struct {
	Ack  any  `llsd:"ack"`
	Done bool `llsd:"done"`
}

type answer struct {
	ID     any `llsd:"id"`
	Events []struct {
		Message string         `llsd:"message"`
		Body    map[string]any `llsd:"body"`
	} `llsd:"events"`
}

func (p *Poller) poll(ctx context.Context) ([]Event, error) {
	ctx, cancel := context.WithTimeout(ctx, pollTimeout)
	defer cancel()
	body, err := p.post(ctx, request{Ack: p.ack})
	if err != nil {
		return nil, err
	}
	var a answer
	if err := llsd.Decode(body, &a); err != nil {
		return nil, &pollError{"bad_body", "the event queue's answer can't be read: " + err.Error()}
	}
	p.ack = a.ID
	now := time.Now()
	events := make([]Event, len(a.Events))
	for i, e := range a.Events {
		events[i] = Event{Name: e.Message, Body: e.Body, Message: typed(e.Message, e.Body), At: now}
	}
	return events, nil
}

// typed fills the catalogue's message of that name; nil if there is none or
// the body doesn't fit it (the Body stays for who wants it).
func typed(name string, body map[string]any) message.Message {
	id, ok := message.ByName(name)
	if !ok {
		return nil
	}
	m := message.New(id)
	if message.FromMap(m, body) != nil {
		return nil
	}
	return m
}

type statusError struct{ status int }

func (e *statusError) Error() string  { return fmt.Sprintf("the simulator answered HTTP %d", e.status) }
func (e *statusError) Reason() string { return fmt.Sprintf("http_%d", e.status) }

func (p *Poller) post(ctx context.Context, r request) ([]byte, error) {
	data, err := llsd.MarshalXML(r)
	if err != nil {
		return nil, fmt.Errorf("encode the poll: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL, bytes.NewReader(data))
	if err != nil {
		return nil, &pollError{"bad_url", "the event queue's address is no URL"}
	}
	req.Header.Set("Content-Type", "application/llsd+xml")
	resp, err := p.HTTP.Do(req)
	if err != nil {
		var u *url.Error // its text holds the secret address
		if errors.As(err, &u) {
			err = u.Err
		}
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, MaxBody+1))
	switch {
	case resp.StatusCode != http.StatusOK:
		return nil, &statusError{resp.StatusCode}
	case err != nil:
		return nil, fmt.Errorf("read the answer: %w", err)
	case len(body) > MaxBody:
		return nil, &pollError{"bad_body", fmt.Sprintf("the event queue's answer is longer than %d bytes", MaxBody)}
	}
	return body, nil
}

// goodbye ends the queue, so that the simulator needn't keep events for an
// agent that left. Nothing is to be done if it fails, but a 404 is news.
func (p *Poller) goodbye() error {
	ctx, cancel := context.WithTimeout(context.Background(), goodbyeTimeout)
	defer cancel()
	_, err := p.post(ctx, request{Ack: p.ack, Done: true})
	var status *statusError
	if errors.As(err, &status) && status.status == http.StatusNotFound {
		return ErrGone
	}
	return nil
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
