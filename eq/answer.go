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
