package ogp

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/slload/slload/caps"
	"github.com/slload/slload/llsd"
)

// The capabilities of an agent domain that a Domain calls.
const (
	CapPlace      = "rez_avatar/place"
	CapEventQueue = "event_queue"
	CapInfo       = "agent/info"
	CapSkeleton   = "agent/inventory-skeleton"
)

var capabilities = []string{CapPlace, CapEventQueue, CapInfo, CapSkeleton}

// Domain is an agent's way to its agent domain, which outlives the regions
// that the agent is in. It doesn't change, and prints without its secrets.
type Domain struct {
	http    *http.Client
	base    string            // scheme and host of the auth service
	caps    map[string]string // URL by name
	options []string          // what place's answer should hold besides

	first, last string
}

// String shows nothing: all that a Domain holds is secret.
func (*Domain) String() string { return "agent domain" }

// GoString is String.
func (d *Domain) GoString() string { return d.String() }

// LogValue is String.
func (d *Domain) LogValue() slog.Value { return slog.StringValue(d.String()) }

// fetch asks the agent's seed for the capabilities.
func (d *Domain) fetch(ctx context.Context, seed string) error {
	var answer map[string]any
	// Draft 3 has the names in a map; a bare list was the older form.
	ask := map[string]any{"capabilities": capabilities}
	if err := caps.Call(ctx, d.http, http.MethodPost, "agent seed", seed, ask, &answer); err != nil {
		return err
	}
	urls, err := seedURLs(answer)
	if err != nil {
		return fmt.Errorf("call capability agent seed: %w", err)
	}
	d.caps = urls
	return nil
}

// seedURLs reads a seed's answer: the URLs are in its map "capabilities", or
// are all of it in the older form.
func seedURLs(answer map[string]any) (map[string]string, error) {
	from := any(answer)
	if inner, ok := answer["capabilities"]; ok {
		from = inner
	}
	urls := map[string]string{}
	if err := llsd.Convert(from, &urls); err != nil {
		return nil, &caps.BodyError{Err: err}
	}
	return urls, nil
}

// URL gives the address of one of the domain's capabilities. The error is a
// *MissingError where it has no such.
func (d *Domain) URL(name string) (string, error) {
	if d.caps[name] == "" {
		return "", &MissingError{Of: "agent domain", Name: name}
	}
	return d.caps[name], nil
}

// call calls one of the domain's capabilities.
func (d *Domain) call(ctx context.Context, method, name string, in, out any) error {
	url, err := d.URL(name)
	if err != nil {
		return err
	}
	return caps.Call(ctx, d.http, method, name, url, in, out)
}
