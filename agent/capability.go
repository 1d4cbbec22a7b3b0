package agent

import (
	"context"
	"fmt"
	"slices"

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

// capabilities are the URLs that a region's seed gave: one text, which costs an
// idle agent a fifth of what a map does. It begins with what all of the URLs
// begin with, after its length; then comes for each its name's index in
// caps.Names, the length of what is left of the URL, and that.
type capabilities string

// longestURL is what fits the encoding. The longest that simulators give have
// some 100 bytes.
const longestURL = 255

func newCapabilities(urls map[string]string) capabilities {
	var list [][2]string // names that anybody asks for, and URLs that fit
	var base string
	size := 1
	for _, name := range caps.Names {
		url, given := urls[name]
		if !given || url == "" || len(url) > longestURL {
			continue
		}
		if len(list) == 0 {
			base = url
		}
		list = append(list, [2]string{name, url})
		base = base[:shared(base, url)]
		size += 2 + len(url)
	}
	if len(list) == 0 {
		return ""
	}
	b := make([]byte, 0, size-(len(list)-1)*len(base))
	b = append(append(b, byte(len(base))), base...)
	for _, e := range list {
		index, _ := slices.BinarySearch(caps.Names, e[0])
		rest := e[1][len(base):]
		b = append(append(b, byte(index), byte(len(rest))), rest...)
	}
	return capabilities(b)
}

// shared is the length of what both begin with.
func shared(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// url is the named one's; "" where there is none.
func (c capabilities) url(name string) string {
	index, known := slices.BinarySearch(caps.Names, name)
	if !known || c == "" {
		return ""
	}
	base, rest := string(c[1:1+c[0]]), c[1+c[0]:]
	for len(rest) > 0 {
		end := 2 + int(rest[1])
		if int(rest[0]) == index {
			return base + string(rest[2:end])
		}
		rest = rest[end:]
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
	return a.callAt(ctx, method, name, "", in, out)
}

// calling runs do with the named capability's URL and reports caps.<name>.
func (a *Agent) calling(ctx context.Context, name string, do func(url string) error) error {
	planned := intended(ctx, a.loop.Now())
	url, err := a.Capability(ctx, name)
	if err != nil {
		return fmt.Errorf("call capability %s: %w", name, err)
	}
	sent := a.loop.Now()
	err = do(url)
	a.report(caps.Operation(name), planned, sent, a.loop.Now(), err)
	return err
}
