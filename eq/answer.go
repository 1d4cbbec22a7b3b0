package eq

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/slload/slload/caps"
	"github.com/slload/slload/llsd"
	"github.com/slload/slload/message"
)

type request struct {
	Ack  any  `llsd:"ack"`
	Done bool `llsd:"done"`
}

type answer struct {
	ID     any `llsd:"id"`
	Events []struct {
		Message string `llsd:"message"`
		Body    any    `llsd:"body"` // llsd.Raw where the answer is XML
	} `llsd:"events"`
}

func (p *Poller) poll(ctx context.Context) ([]Event, error) {
	ctx, cancel := context.WithTimeout(ctx, pollTimeout)
	defer cancel()
	var id any
	var events []Event
	err := p.post(ctx, request{Ack: p.ack}, func(body []byte) (err error) {
		id, events, err = decode(body)
		return err
	})
	if err == nil {
		p.ack = id
	}
	return events, err
}

func decode(body []byte) (id any, events []Event, err error) {
	var a answer
	body = bytes.Clone(body) // events keep parts of it
	if err := llsd.DecodeWithRaw(body, "body", &a); err != nil {
		return nil, nil, err
	}
	now := time.Now()
	events = make([]Event, len(a.Events))
	for i, e := range a.Events {
		events[i] = Event{Name: e.Message, At: now, raw: e.Body}
	}
	return a.ID, events, nil
}

// Fill makes the event's body and message, if that wasn't tried yet: whoever
// wants them does, for most events are wanted by nobody and come to thousands of
// agents. Where the body can't be read, or isn't what the catalogue's message of
// that name has, Message stays nil, and Fill says so, once.
func (e *Event) Fill() (err error) {
	if e.filled {
		return nil
	}
	e.filled = true
	if raw, ok := e.raw.(llsd.Raw); ok {
		err = raw.Decode(&e.Body)
	} else if e.raw != nil {
		err = llsd.Convert(e.raw, &e.Body)
	}
	e.raw = nil
	if err == nil && e.Message == nil {
		e.Message, err = typed(e.Name, e.Body)
	}
	if err != nil {
		return fmt.Errorf("read the event %.40q: %w", e.Name, err)
	}
	return nil
}

// typed fills the catalogue's message of that name; nil if there is none or
// the body doesn't fit it (the Body stays for who wants it).
func typed(name string, body map[string]any) (message.Message, error) {
	id, ok := message.ByName(name)
	if !ok {
		return nil, nil
	}
	if body == nil && len(id.Descriptor().Blocks) > 0 {
		return nil, errors.New("it has no body")
	}
	m := message.New(id)
	if err := message.FromMap(m, body); err != nil {
		return nil, err
	}
	return m, nil
}

// post calls the capability.
func (p *Poller) post(ctx context.Context, r request, use func(body []byte) error) error {
	return caps.Poll(ctx, p.HTTP, "EventQueueGet", p.URL, r, use)
}

// goodbye ends the queue, so that the simulator needn't keep events for an
// agent that left. Nothing is to be done if it fails, but a 404 is news.
func (p *Poller) goodbye() error {
	ctx, cancel := context.WithTimeout(context.Background(), goodbyeTimeout)
	defer cancel()
	err := p.post(ctx, request{Ack: p.ack, Done: true}, nil)
	var status *caps.StatusError
	if errors.As(err, &status) && status.Status == http.StatusNotFound {
		return ErrGone
	}
	return nil
}
