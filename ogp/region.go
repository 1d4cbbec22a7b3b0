package ogp

import (
	"context"
	"fmt"
	"net/http"

	"github.com/slload/slload/caps"
)

// CapRequest is how an agent domain asks a region to let an agent in.
const CapRequest = "rez_avatar/request"

// Region is what a region's public seed gives to anybody.
type Region struct{ caps map[string]string }

// URL gives the address of one of the region's public capabilities. The error
// is a *MissingError where it has no such.
func (r *Region) URL(name string) (string, error) {
	if r.caps[name] == "" {
		return "", &MissingError{Of: "region's public seed", Name: name}
	}
	return r.caps[name], nil
}

// PublicSeed fetches a region's public seed, by GET. A region that agents can
// be placed in gives [CapRequest].
func (d *Domain) PublicSeed(ctx context.Context, url string) (*Region, error) {
	var answer map[string]any
	if err := caps.Call(ctx, d.http, http.MethodGet, "public region seed", url, nil, &answer); err != nil {
		return nil, err
	}
	urls, err := publicURLs(answer)
	if err != nil {
		return nil, fmt.Errorf("call capability public region seed: %w", err)
	}
	return &Region{urls}, nil
}

// publicURLs reads a public seed's answer, which can say "connect" beside the
// capabilities.
func publicURLs(answer map[string]any) (map[string]string, error) {
	if _, ok := answer["capabilities"]; !ok {
		return nil, nil
	}
	return seedURLs(answer)
}
