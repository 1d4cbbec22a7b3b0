package agent

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/slload/slload/caps"
	"github.com/slload/slload/circuit"
)

// NoCapabilityError is a capability that the agent's region doesn't offer, or
// that the agent never asked for: Options.NoEventQueue leaves the seed alone.
type NoCapabilityError struct{ Name string }

func (e *NoCapabilityError) Error() string {
	return "the region gave the agent no capability " + e.Name
}

// Reason is the word by which a run counts this failure.
func (e *NoCapabilityError) Reason() string { return "no_capability" }

// capabilities are the URLs that a region's seed gave, as lines of a name, a
// space and the URL: one text costs an idle agent a third of what a map does.
type capabilities string

func newCapabilities(urls map[string]string) capabilities {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(urls)) {
		if strings.ContainsAny(name+urls[name], " \n") {
			continue // no name that anybody asks for, no URL that could be called
		}
		b.WriteString(name + " " + urls[name] + "\n")
	}
	return capabilities(strings.Clone(b.String()))
}

// url is the named one's; "" where there is none.
func (c capabilities) url(name string) string {
	for line := range strings.Lines(string(c)) {
		if n, url, _ := strings.Cut(line, " "); n == name {
			return strings.TrimSuffix(url, "\n")
		}
	}
	return ""
}

// Capability is the URL by which the agent calls the named capability of the
// region that it stands in. It is a secret: who knows it may use it. A grid
// that hasn't got it gives a *NoCapabilityError.
func (a *Agent) Capability(ctx context.Context, name string) (url string, err error) {
	return ask(ctx, a, func(circuit.Instant) (string, error) {
		if url := a.root.caps.url(name); url != "" {
			return url, nil
		}
		return "", &NoCapabilityError{name}
	})
}

// call sends in to the named capability as LLSD and decodes the answer into
// out, as caps.Call has it. It reports caps.<name>, from the planned start
// that ctx carries, unless the region hasn't got the capability.
func (a *Agent) call(ctx context.Context, method, name string, in, out any) error {
	planned := intended(ctx, a.loop.Now())
	url, err := a.Capability(ctx, name)
	if err != nil {
		return fmt.Errorf("call capability %s: %w", name, err)
	}
	sent := a.loop.Now()
	err = caps.Call(ctx, a.opt.HTTP, method, name, url, in, out)
	a.report(caps.Operation(name), planned, sent, a.loop.Now(), err)
	return err
}
