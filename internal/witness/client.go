package witness

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/slload/slload/llsd"
)

// Client is base, with its calls of capabilities and the events of its event
// queues noted as t's.
func Client(t testing.TB, base *http.Client) *http.Client {
	below := base.Transport
	if below == nil {
		below = http.DefaultTransport
	}
	c := *base
	c.Transport = &transport{below: below, test: t.Name(), names: map[string]string{}}
	return &c
}

type transport struct {
	below http.RoundTripper
	test  string

	mu    sync.Mutex
	names map[string]string // of capabilities, by URL
}

// seedPath begins the path of the embedded grid's seed capabilities.
const seedPath = "/CAPS/"

func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	name := t.capability(r.URL.String())
	if name != "" && note(Thing{Capability, name}, t.test) {
		if r.Body != nil {
			r.Body.Close()
		}
		return &http.Response{
			Status: "404 Not Found", StatusCode: http.StatusNotFound, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: http.Header{}, Body: http.NoBody, Request: r,
		}, nil
	}
	resp, err := t.below.RoundTrip(r)
	switch {
	case err != nil || resp.StatusCode != http.StatusOK:
	case strings.HasPrefix(r.URL.Path, seedPath):
		err = rewrite(resp, t.learn)
	case name == "EventQueueGet":
		err = rewrite(resp, t.events)
	}
	return resp, err
}

// capability is whose URL it is, or below whose it lies; "" for nobody's.
func (t *transport) capability(url string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	for begin, name := range t.names {
		if rest, ok := strings.CutPrefix(url, begin); ok && (rest == "" || strings.ContainsRune("/?", rune(rest[0]))) {
			return name
		}
	}
	return ""
}

// rewrite gives an answer another body.
func rewrite(resp *http.Response, change func([]byte) ([]byte, error)) error {
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err == nil {
		body, err = change(body)
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return err
}

// learn reads what a seed capability gave.
func (t *transport) learn(body []byte) ([]byte, error) {
	urls := map[string]string{}
	if err := llsd.Decode(body, &urls); err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for name, url := range urls {
		t.names[url] = name
	}
	return body, nil
}

// events takes out of an event queue's answer what is withheld.
func (t *transport) events(body []byte) ([]byte, error) {
	var answer map[string]any
	if err := llsd.Decode(body, &answer); err != nil {
		return nil, err
	}
	came, _ := answer["events"].([]any)
	var left []any
	for _, e := range came {
		event, _ := e.(map[string]any)
		name, _ := event["message"].(string)
		if !note(Thing{Event, name}, t.test) {
			left = append(left, e)
		}
	}
	if len(left) == len(came) {
		return body, nil
	}
	answer["events"] = left
	return llsd.MarshalXML(answer)
}

// CloseIdleConnections is what http.Client asks of its transport.
func (t *transport) CloseIdleConnections() {
	if c, ok := t.below.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}
