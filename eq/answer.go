package eq

import (
	"context"
	"errors"
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
		Message string         `llsd:"message"`
		Body    map[string]any `llsd:"body"`
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
	if err := llsd.Decode(body, &a); err != nil {
		return nil, nil, err
	}
	now := time.Now()
	events = make([]Event, len(a.Events))
	for i, e := range a.Events {
		events[i] = Event{Name: e.Message, Body: e.Body, At: now}
	}
	return a.ID, events, nil
}

// Fill makes the event's message, if that is not there yet: whoever wants it
// does, for most events are wanted by nobody and come to thousands of agents.
func (e *Event) Fill() {
	if e.Message == nil {
		e.Message = typed(e.Name, e.Body)
	}
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
