package login

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/slload/slload/internal/httpbody"
	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/llsd"
	"github.com/slload/slload/xmlrpc"
)

// Format is how request and answer are written.
type Format byte

// XMLRPC is what viewers speak. OpenSim takes LLSD at the same address, but
// leaves the region's size out of that answer.
const (
	XMLRPC Format = iota
	LLSD
)

const (
	// MaxBody bounds what is read of an answer, in bytes. OpenSim's has 24 KB
	// with its library and a new account.
	MaxBody = 16 << 20
	// MaxHops bounds how often one login is sent on to another service.
	MaxHops = 5
	// MaxHopWait bounds how long a service may let a login wait before that.
	MaxHopWait = time.Minute

	defaultTimeout = 2 * time.Minute
	method         = "login_to_simulator"
)

// Client talks to one login service. Its zero value needs a URI.
type Client struct {
	HTTP    *http.Client  // nil: http.DefaultClient
	URI     string        // of the login service
	Format  Format        // XMLRPC unless set
	Timeout time.Duration // of one exchange; 0: two minutes

	// Brief leaves lists that Response has no field for out of its Raw: the
	// grid's categories of adverts and the like, which thousands of agents
	// would read for nobody.
	Brief bool
}

// Login sends the request and follows the service where it sends the login
// on ("indeterminate"), MaxHops times at most. It does not try again: see
// [Retry]. Errors wrap *Failure, *HTTPError, *AnswerError, or what the network
// said.
func (c *Client) Login(ctx context.Context, req Request) (*Response, error) {
	call := call{url: c.URI, method: method}
	for hop := 0; ; hop++ {
		raw, err := c.exchange(ctx, call, req.params(c.Format))
		if err != nil {
			return nil, fmt.Errorf("login at %s: %w", reason.WithoutQuery(call.url), err)
		}
		resp, next, err := read(raw)
		if err == nil && next == nil {
			return resp, nil
		}
		if err == nil && hop == MaxHops {
			err = &Failure{Code: ErrRedirects.Code, Message: fmt.Sprintf("sent on %d times", hop+1)}
		}
		if err == nil {
			call, err = next.follow(ctx, call)
		}
		if err != nil {
			return nil, fmt.Errorf("login at %s: %w", reason.WithoutQuery(call.url), err)
		}
	}
}

// Exchange sends fields to the service and gives those of its answer, whatever
// they say: the way to services that don't take login_to_simulator. Errors are
// as Login's, but no *Failure where the format is LLSD.
func (c *Client) Exchange(ctx context.Context, fields map[string]any) (map[string]any, error) {
	answer, err := c.exchange(ctx, call{c.URI, method}, fields)
	if err != nil {
		return nil, fmt.Errorf("login at %s: %w", c.Address(), err)
	}
	return answer, nil
}

// Address is the service's address as errors tell it: without what may be
// secret in it.
func (c *Client) Address() string { return reason.WithoutQuery(c.URI) }

// call is the service and the method of one hop.
type call struct{ url, method string }

// follow waits as the redirect wants and gives the next call.
func (r *redirect) follow(ctx context.Context, from call) (call, error) {
	base, err := url.Parse(from.url)
	if err != nil {
		return from, ErrURI
	}
	to, err := base.Parse(r.URL)
	switch {
	case r.URL == "" || err != nil || to.Scheme != "http" && to.Scheme != "https":
		return from, &Failure{Code: ErrRedirects.Code, Message: "sent on without an address that is an http URL"}
	case base.Scheme == "https" && to.Scheme == "http":
		return from, &Failure{Code: ErrRedirects.Code, Message: "sent on from https to http, which would show the password's hash"}
	}
	wait := time.Duration(r.Seconds * float64(time.Second))
	if wait < 0 || wait > MaxHopWait || r.Seconds > MaxHopWait.Seconds() {
		return from, &Failure{Code: ErrRedirects.Code, Message: fmt.Sprintf("told to wait %g s", r.Seconds)}
	}
	if err := sleep(ctx, wait); err != nil {
		return from, err
	}
	if r.Method == "" {
		r.Method = method
	}
	return call{to.String(), r.Method}, nil
}

// exchange sends one call and gives the members of its answer.
func (c *Client) exchange(ctx context.Context, call call, params map[string]any) (map[string]any, error) {
	timeout := c.Timeout
	if timeout == 0 {
		timeout = defaultTimeout
	}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout,
		fmt.Errorf("no answer within %v: %w", timeout, context.DeadlineExceeded))
	defer cancel()
	body, contentType, err := c.encode(call.method, params)
	if err != nil {
		return nil, err
	}
	var fields map[string]any
	err = c.post(ctx, call.url, contentType, body, func(answer []byte) (err error) {
		fields, err = c.decode(answer)
		return err
	})
	return fields, err
}

func (c *Client) encode(method string, params map[string]any) (body []byte, contentType string, err error) {
	if c.Format == LLSD {
		body, err = llsd.MarshalXML(params)
		return body, llsd.ContentTypeXML, err
	}
	body, err = xmlrpc.MarshalRequest(method, params)
	return body, xmlrpc.ContentType, err
}

func (c *Client) decode(body []byte) (map[string]any, error) {
	var value any
	var err error
	if c.Format == LLSD {
		err = llsd.Decode(body, &value)
	} else {
		value, err = xmlrpc.UnmarshalRows(body, c.rows)
	}
	var fault *xmlrpc.Fault
	if errors.As(err, &fault) {
		return nil, &Failure{Code: ErrFault.Code, Message: fmt.Sprintf("%d: %s", fault.Code, fault.Message)}
	}
	if err != nil {
		return nil, &AnswerError{err}
	}
	members, ok := value.(map[string]any)
	if !ok {
		return nil, &AnswerError{fmt.Errorf("it is a %T, not a map", value)}
	}
	return members, nil
}

func (c *Client) post(ctx context.Context, to, contentType string, body []byte, use func(answer []byte) error) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil || req.URL.Host == "" || req.URL.Scheme != "http" && req.URL.Scheme != "https" {
		return ErrURI
	}
	req.Header.Set("Content-Type", contentType)
	resp, err := c.http().Do(req)
	if err != nil {
		return reason.WithoutURL(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return &HTTPError{resp.StatusCode, reason.WithoutQuery(resp.Header.Get("Location"))}
	}
	err = httpbody.Read(resp.Body, MaxBody, use)
	var long *httpbody.TooLongError
	if errors.As(err, &long) {
		return &AnswerError{long}
	}
	return err
}

// http is the caller's client, but one that follows no HTTP redirect: that
// would carry the password's hash to wherever it points.
func (c *Client) http() *http.Client {
	client := http.DefaultClient
	if c.HTTP != nil {
		client = c.HTTP
	}
	still := *client
	still.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &still
}
