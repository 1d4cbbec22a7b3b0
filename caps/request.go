package caps

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/slload/slload/internal/reason"
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
func Do(ctx context.Context, client *http.Client, r Request) ([]byte, error) {
	var answer []byte
	resp, err := r.send(ctx, client)
	if err == nil {
		err = read(resp, func(body []byte) error {
			answer = bytes.Clone(body)
			return nil
		})
	}
	if err != nil {
		return nil, fmt.Errorf("call capability %s: %w", r.Name, err)
	}
	return answer, nil
}

func (r *Request) send(ctx context.Context, client *http.Client) (*http.Response, error) {
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
	resp, err := client.Do(req)
	if err != nil {
		return nil, reason.WithoutURL(err)
	}
	return resp, nil
}
