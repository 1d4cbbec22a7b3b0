// Package caps calls capabilities: the secret URLs by which a simulator lets
// one agent do one thing each. The seed capability, which the login answer
// carries, gives the others by name.
//
// It stands on llsd; agent uses it. What it is told is never logged: who
// knows a capability's URL may use it.
package caps

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/slload/slload/internal/httpbody"
	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/llsd"
)

// MaxBody bounds what is read of one answer, in bytes. The longest that
// belong here are inventory folders, some hundred KB.
const MaxBody = 16 << 20

// contentType is wanted "to the letter" by OpenSim, which answers 404 to
// anything else.
const contentType = "application/llsd+xml"

// StatusError is an answer whose status was not 2xx.
type StatusError struct {
	Status int
	Text   string // the start of the body, for people
}

func (e *StatusError) Error() string {
	if e.Text == "" {
		return fmt.Sprintf("the simulator answered HTTP %d", e.Status)
	}
	return fmt.Sprintf("the simulator answered HTTP %d: %s", e.Status, e.Text)
}

// Reason is the word by which a run counts this failure: http_404.
func (e *StatusError) Reason() string { return fmt.Sprintf("http_%d", e.Status) }

// BodyError is an answer that was no LLSD, was longer than MaxBody, or was
// not of the shape that was asked for.
type BodyError struct{ Err error }

func (e *BodyError) Error() string { return "the simulator's answer can't be read: " + e.Err.Error() }

// Unwrap gives the decoder's error.
func (e *BodyError) Unwrap() error { return e.Err }

// Reason is the word by which a run counts this failure.
func (e *BodyError) Reason() string { return "bad_body" }

// errBadURL stands for the parser's error, which would tell the secret address.
var errBadURL = badURL{}

type badURL struct{}

func (badURL) Error() string  { return "its URL is not one" }
func (badURL) Reason() string { return "bad_url" }

// Call sends in as LLSD XML to a capability's URL and decodes the answer into
// out, as llsd.Decode does; out may be nil. With in nil nothing is sent as
// body. Name is the capability's, for errors, which never hold its URL.
func Call(ctx context.Context, client *http.Client, method, name, capURL string, in, out any) error {
	req, err := newRequest(ctx, method, capURL, in)
	if err == nil {
		err = exchange(client, req, into(out))
	}
	if err != nil {
		return fmt.Errorf("call capability %s: %w", name, err)
	}
	return nil
}

// exchange sends a request and gives the answer's body to use.
func exchange(client *http.Client, req *http.Request, use func(body []byte) error) error {
	resp, err := client.Do(req)
	if err != nil {
		return reason.WithoutURL(err)
	}
	return read(resp, use)
}

// into decodes a body into out; nil where nobody wants it.
func into(out any) func(body []byte) error {
	if out == nil {
		return nil
	}
	return func(body []byte) error { return llsd.Decode(body, out) }
}

// read gives an answer's body to use, if that is not nil, and closes it.
func read(resp *http.Response, use func(body []byte) error) error {
	defer resp.Body.Close()
	ok := resp.StatusCode >= 200 && resp.StatusCode <= 299
	err := httpbody.Read(resp.Body, MaxBody, func(body []byte) error {
		if !ok {
			return &StatusError{resp.StatusCode, firstLine(body)}
		}
		if use == nil {
			return nil
		}
		if err := use(body); err != nil {
			return &BodyError{err}
		}
		return nil
	})
	var status *StatusError
	var long *httpbody.TooLongError
	switch {
	case !ok && !errors.As(err, &status):
		return &StatusError{Status: resp.StatusCode} // its body couldn't be read: no matter
	case errors.As(err, &long):
		return &BodyError{long}
	}
	return err
}

// newRequest is one whose body is in as LLSD.
func newRequest(ctx context.Context, method, capURL string, in any) (*http.Request, error) {
	r := Request{Method: method, URL: capURL, ContentType: contentType}
	if in != nil {
		var err error
		if r.Body, err = llsd.MarshalXML(in); err != nil {
			return nil, fmt.Errorf("encode the request: %w", err)
		}
	}
	return r.http(ctx)
}

func firstLine(body []byte) string {
	const most = 80
	line, _, _ := bytes.Cut(bytes.TrimSpace(body), []byte("\n"))
	if len(line) > most {
		line = line[:most]
	}
	return string(bytes.ToValidUTF8(line, nil))
}

// Backoff between tries of the seed capability: doubled each time.
const (
	seedTries = 6
	seedFirst = 250 * time.Millisecond
)

// Seed asks the seed capability for the URLs of names and gives those that
// the simulator has. A 404, a 5xx or a cut connection is tried again, six
// times in all: OpenSim answers 404 now and then when several agents log in
// at once, and 503 while the agent's capabilities aren't made yet.
func Seed(ctx context.Context, client *http.Client, seedURL string, names []string) (map[string]string, error) {
	const room = 48 // bytes a name, with its tags
	body, err := llsd.AppendXML(make([]byte, 0, room*len(names)), names)
	if err != nil {
		return nil, fmt.Errorf("call capability seed: encode the request: %w", err)
	}
	r := Request{Method: http.MethodPost, Name: "seed", URL: seedURL, ContentType: contentType, Body: body}
	wait := seedFirst
	for try := 1; ; try++ {
		var urls map[string]string
		err := r.call(ctx, client, into(&urls))
		if err == nil {
			return urls, nil
		}
		if try == seedTries || !worthRetry(err) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w (after %d tries: %w)", context.Cause(ctx), try, err)
		case <-time.After(wait):
		}
		wait *= 2
	}
}

func worthRetry(err error) bool {
	var status *StatusError
	if errors.As(err, &status) {
		return status.Status == http.StatusNotFound || status.Status >= 500
	}
	return reason.Of(err) == reason.Reset
}
