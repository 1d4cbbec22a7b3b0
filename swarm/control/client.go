package control

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/swarm"
)

// Client asks the run in a directory.
type Client struct {
	dir  string
	http *http.Client
}

// Dial is for the run in dir. It connects with the first question.
func Dial(dir string) *Client {
	return &Client{dir, &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return connect(ctx, dir) },
	}}}
}

// RefusedError is a run that didn't do what it was asked.
type RefusedError struct {
	Why  string
	Code int // of HTTP
}

func (e *RefusedError) Error() string { return e.Why }

// Status tells how the run stands. The errors of all methods are *EndedError and
// *StaleError where nothing runs, *RefusedError, or the connection's.
func (c *Client) Status(ctx context.Context) (*swarm.Status, error) {
	return c.ask(ctx, http.MethodGet, "status", nil)
}

// Pause holds the run, Resume has it go on, Stop ends it in order.
func (c *Client) Pause(ctx context.Context) (*swarm.Status, error) {
	return c.ask(ctx, http.MethodPost, "pause", nil)
}

// Resume has the run go on.
func (c *Client) Resume(ctx context.Context) (*swarm.Status, error) {
	return c.ask(ctx, http.MethodPost, "resume", nil)
}

// Stop ends the run as the first Ctrl-C does.
func (c *Client) Stop(ctx context.Context) (*swarm.Status, error) {
	return c.ask(ctx, http.MethodPost, "stop", nil)
}

// Scale has n agents from now on.
func (c *Client) Scale(ctx context.Context, n int) (*swarm.Status, error) {
	return c.ask(ctx, http.MethodPost, "scale", scaleRequest{&n})
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 1 << 20

func (c *Client) ask(ctx context.Context, method, what string, body any) (*swarm.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*requestTime)
	defer cancel()
	var in bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&in).Encode(body); err != nil {
			return nil, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://run/"+what, &in)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, reason.WithoutURL(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("%s: read the answer: %w", what, err)
	}
	if resp.StatusCode != http.StatusOK {
		var f failure
		if json.Unmarshal(data, &f) != nil || f.Error == "" {
			f.Error = "the run answers " + resp.Status
		}
		return nil, &RefusedError{f.Error, resp.StatusCode}
	}
	var status swarm.Status
	if err := json.Unmarshal(data, &status); err != nil {
		return nil, fmt.Errorf("%s: read the answer: %w", what, err)
	}
	if status.Schema != swarm.StatusSchema {
		return nil, fmt.Errorf("%s: the answer's schema is %q, want %q: another version of slload made the run", what, status.Schema, swarm.StatusSchema)
	}
	return &status, nil
}
