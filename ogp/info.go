package ogp

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Info is what the domain knows of the agent (agent/info). It holds no
// secrets: what a circuit needs is in the answer as well, and left out here.
type Info struct {
	Online     bool
	Region     string   // public seed of the region that it is in, or was in last
	Home, Last Location // Last.Region is Region where the domain tells no more
}

// Location is a place on a grid.
type Location struct {
	Region   string      `llsd:"region_url"` // URL of the region's public seed
	Position *[3]float32 `llsd:"position"`   // nil: the domain doesn't say
}

// Info asks for what the domain knows of the agent.
func (d *Domain) Info(ctx context.Context) (*Info, error) {
	var a struct {
		Presence struct {
			Status string `llsd:"status"`
			Region string `llsd:"region_url"`
		} `llsd:"presence"`
		Home Location `llsd:"home"`
		Last Location `llsd:"last"`
	}
	if err := d.call(ctx, http.MethodGet, CapInfo, nil, &a); err != nil {
		return nil, err
	}
	info := &Info{Online: a.Presence.Status == "online", Region: a.Presence.Region, Home: a.Home, Last: a.Last}
	if info.Last.Region == "" {
		info.Last.Region = info.Region
	}
	return info, nil
}

// Start gives the place of a start location: last and home as the domain has
// them, or uri:Region&x&y&z, where Region is a region's name on the domain's
// host (see Region) or the URL of any region's public seed. The error is a
// *NowhereError where the domain doesn't know.
func (d *Domain) Start(ctx context.Context, start string) (Place, error) {
	if start == "home" || start == "last" {
		return d.known(ctx, start)
	}
	parts := strings.Split(strings.TrimPrefix(start, "uri:"), "&")
	if !strings.HasPrefix(start, "uri:") || len(parts) != 4 || parts[0] == "" {
		return Place{}, fmt.Errorf("start location %q is neither last, home nor uri:Region&x&y&z", start)
	}
	var at [3]float32
	for i, text := range parts[1:] {
		v, err := strconv.ParseFloat(text, 32)
		if err != nil {
			return Place{}, fmt.Errorf("start location %q: %q is no coordinate", start, text)
		}
		at[i] = float32(v)
	}
	return Place{Seed: d.Region(parts[0]), Position: &at}, nil
}

func (d *Domain) known(ctx context.Context, start string) (Place, error) {
	info, err := d.Info(ctx)
	if err != nil {
		return Place{}, err
	}
	at := info.Last
	if start == "home" {
		at = info.Home
	}
	if at.Region == "" {
		return Place{}, &NowhereError{start}
	}
	return Place{Seed: at.Region, Position: at.Position}, nil
}

// Region gives the URL of a region's public seed: an address as it is, a name
// in lower case on the domain's host, as OpenSim's regions have theirs.
func (d *Domain) Region(name string) string {
	if strings.HasPrefix(name, "http://") || strings.HasPrefix(name, "https://") {
		return name
	}
	return d.base + "/" + url.PathEscape(strings.ToLower(name))
}
