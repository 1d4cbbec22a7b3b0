package ogp

import (
	"fmt"
	"strings"

	"github.com/slload/slload/internal/reason"
)

// MissingError is a capability that a seed doesn't give.
type MissingError struct {
	Of   string // whose seed: the agent domain's or a region's
	Name string
}

func (e *MissingError) Error() string {
	return fmt.Sprintf("the %s gives no capability %s: it can't do that", e.Of, e.Name)
}

// Reason is the word by which a run counts this failure.
func (e *MissingError) Reason() string { return "no_capability" }

// PlaceError is an avatar that the domain could not put into a region. Code
// is the domain's word for it, which it needn't give; OpenSim's gives neither
// that nor a Message.
type PlaceError struct {
	Region  string // whose public seed was given; "" if none was
	Code    string
	Message string // for people
}

func (e *PlaceError) Error() string {
	text := "the agent domain could not put the avatar into " + e.Region
	if e.Message != "" {
		text += ": " + reason.OneLine(e.Message)
	}
	return text + "; check that the region is up and that this is its public seed"
}

// Reason is the word by which a run counts this failure.
func (e *PlaceError) Reason() string {
	if e.Code == "" {
		return "not_placed"
	}
	return strings.Join(strings.Fields(strings.ToLower(e.Code)), "_")
}

// Is tells that two are of one Code: errors.Is(err, ErrRegionUnknown).
func (e *PlaceError) Is(target error) bool {
	t, ok := target.(*PlaceError)
	return ok && t.Code == e.Code
}

// ErrRegionUnknown is a public seed behind which there is no region, as the
// embedded grid says it.
var ErrRegionUnknown = &PlaceError{Code: "no_region"}

// NowhereError is a start location that says of no region where it is.
type NowhereError struct{ Start string }

func (e *NowhereError) Error() string {
	return fmt.Sprintf("the agent domain doesn't tell where %q is: give a region to start in, as uri:Region&x&y&z", e.Start)
}

// Reason is the word by which a run counts this failure.
func (e *NowhereError) Reason() string { return "nowhere" }
