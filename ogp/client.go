package ogp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/slload/slload/llsd"
	"github.com/slload/slload/login"
)

// AuthPath is where an agent domain takes credentials unless its address says
// otherwise; Linden Lab's did, and PyOGP knew a domain by it.
const AuthPath = "/cgi-bin/auth.cgi"

// Client talks to one agent domain. Its zero value needs a URI.
type Client struct {
	HTTP    *http.Client  // nil: http.DefaultClient
	URI     string        // of the auth service, or of the host: then AuthPath is added
	Timeout time.Duration // of one exchange with the auth service; 0: two minutes
}

// Login sends the credentials and fetches the agent's capabilities of the
// domain. It does not try again: see [login.Retry]. Errors wrap
// *login.Failure, *login.HTTPError, *login.AnswerError, those of package caps,
// or what the network said.
func (c *Client) Login(ctx context.Context, req login.Request) (*Domain, error) {
	uri := c.auth()
	auth := login.Client{HTTP: c.HTTP, URI: uri, Format: login.LLSD, Timeout: c.Timeout}
	fields, err := auth.Exchange(ctx, credentials(&req))
	var status *login.HTTPError
	if errors.As(err, &status) && (status.Status == http.StatusNotFound || status.Status == http.StatusMethodNotAllowed) {
		err = fmt.Errorf("%w; there is no agent domain at that address", err)
	}
	if err != nil {
		return nil, err
	}
	seed, err := authenticated(fields)
	if err != nil {
		return nil, fmt.Errorf("authenticate at %s: %w", auth.Address(), err)
	}
	d := &Domain{http: c.HTTP, base: root(uri), options: req.Options, first: req.First, last: req.Last}
	if d.http == nil {
		d.http = http.DefaultClient
	}
	if err := d.fetch(ctx, seed); err != nil {
		return nil, err
	}
	return d, nil
}

// auth is the address of the auth service.
func (c *Client) auth() string {
	u, err := url.Parse(c.URI)
	if err != nil || strings.Trim(u.Path, "/") != "" {
		return c.URI // what is wrong with it the login tells
	}
	u.Path = AuthPath
	return u.String()
}

// root is scheme and host of an address.
func root(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// credentials are those of the account in the forms that there are: PyOGP's,
// with a password that is never plain, and that of Draft 3, which OpenSim's
// agent domain reads.
func credentials(req *login.Request) map[string]any {
	hash := strings.TrimPrefix(req.PasswordHash(), "$1$")
	return map[string]any{
		"firstname": req.First, "lastname": req.Last, "md5-password": hash,
		"identifier":    map[string]any{"type": "agent", "first_name": req.First, "last_name": req.Last},
		"authenticator": map[string]any{"type": "hash", "algorithm": "md5", "secret": hash},
	}
}

// authenticated gives the agent seed of the auth service's answer. OpenSim's
// refuses one who is logged in already without a reason, and says that nothing
// is connected: the next try gets in.
func authenticated(fields map[string]any) (seed string, err error) {
	var a struct {
		Authenticated *bool  `llsd:"authenticated"` // Linden Lab's first domain left it out
		Connected     *bool  `llsd:"connected"`
		Seed          string `llsd:"agent_seed_capability"`
		Reason        string `llsd:"reason"`
		Message       string `llsd:"message"`
	}
	if err := llsd.Convert(fields, &a); err != nil {
		return "", &login.AnswerError{Err: err}
	}
	refused := a.Authenticated != nil && !*a.Authenticated
	switch {
	case refused && a.Reason == "" && a.Connected != nil && !*a.Connected:
		return "", &login.Failure{Code: login.ErrPresence.Code, Message: a.Message}
	case refused, a.Authenticated == nil && a.Seed == "":
		return "", &login.Failure{Code: a.Reason, Message: a.Message}
	case a.Seed == "":
		return "", &login.Failure{Code: login.ErrNoSeed.Code, Message: "it was granted, but without an agent seed capability"}
	}
	return a.Seed, nil
}
