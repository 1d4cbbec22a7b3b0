package caps

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
)

// Request is one call of a capability in all its parts. Most are LLSD both
// ways, for which there is Call.
type Request struct {
	Method, Name, URL string // Name is the capability's, for errors
	ContentType       string
	Body              []byte            // nil: none
	Header            map[string]string // besides Content-Type and Accept
}

// Do sends r and gives the answer's body as it is. Errors never hold the URL.
func Do(ctx context.Context, client *http.Client, r Request) (answer []byte, err error) {
	err = r.call(ctx, client, func(body []byte) error {
		answer = bytes.Clone(body)
		return nil
	})
	return answer, err
}

// call sends r and gives the answer's body to use.
func (r *Request) call(ctx context.Context, client *http.Client, use func(body []byte) error) error {
	req, err := r.http(ctx)
	if err == nil {
		err = exchange(client, req, use)
	}
	if err != nil {
		return fmt.Errorf("call capability %s: %w", r.Name, err)
	}
	return nil
}

// http is r as net/http has it.
func (r *Request) http(ctx context.Context) (*http.Request, error) {
	var body io.Reader
	if r.Body != nil {
		body = bytes.NewReader(r.Body)
	}
	req, err := http.NewRequestWithContext(ctx, r.Method, r.URL, body)
	if err != nil {
		return nil, errBadURL
	}
	if r.Body != nil {
		req.Header.Set("Content-Type", r.ContentType)
	}
	req.Header.Set("Accept", contentType)
	for key, value := range r.Header {
		req.Header.Set(key, value)
	}
	return req, nil
}
