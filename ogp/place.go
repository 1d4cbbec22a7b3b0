package ogp

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"

	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/llsd"
	"github.com/slload/slload/login"
)

// Place is where an avatar is put.
type Place struct {
	Seed     string      // URL of the region's public seed
	Position *[3]float32 // metres from the region's south-west corner; nil: the domain chooses
}

// Placement is what the domain tells of an avatar that it has put into a
// region: all that a login tells besides the account's own.
type Placement struct {
	*login.Response
	Position [3]float32 // where in the region, in metres
	RegionID string     // "" where it isn't told
	Access   string     // PG, Mature or Adult
}

// GoString keeps %#v from showing the response's secrets.
func (p Placement) GoString() string { return p.Response.GoString() }

// Place puts the avatar into a region (rez_avatar/place): the domain asks the
// region to let the agent in and tells which circuit it may open. An avatar
// that is in a region already leaves that for the new one. Errors wrap
// *PlaceError, *MissingError, *login.AnswerError, or those of package caps.
func (d *Domain) Place(ctx context.Context, at Place) (*Placement, error) {
	ask := map[string]any{"public_region_seed_capability": at.Seed, "options": d.options}
	if at.Position != nil {
		ask["position"] = at.Position[:]
	}
	var fields map[string]any
	if err := d.call(ctx, http.MethodPost, CapPlace, ask, &fields); err != nil {
		return nil, err
	}
	if err := d.complete(ctx, fields); err != nil {
		return nil, err
	}
	p, err := placed(fields, at.Seed)
	if err != nil {
		return nil, fmt.Errorf("call capability %s: %w", CapPlace, err)
	}
	return p, nil
}

// complete adds to the answer of an avatar that was placed what its domain
// tells elsewhere: ids, an address in place of a name, the inventory.
func (d *Domain) complete(ctx context.Context, fields map[string]any) error {
	if !connected(fields) {
		return nil
	}
	if fields["agent_id"] == nil || fields["session_id"] == nil || fields["circuit_code"] == nil {
		if err := d.addIDs(ctx, fields); err != nil {
			return err
		}
	}
	for key, name := range map[string]string{"first_name": d.first, "last_name": d.last} {
		if fields[key] == nil {
			fields[key] = name
		}
	}
	if host, ok := fields["sim_host"].(string); ok && fields["sim_ip"] == nil {
		ip, err := net.DefaultResolver.LookupNetIP(ctx, "ip4", host)
		if err != nil || len(ip) == 0 {
			return fmt.Errorf("find the simulator's address: %w", err)
		}
		fields["sim_ip"] = ip[0].String()
	}
	if fields["inventory-skeleton"] == nil && d.caps[CapSkeleton] != "" && slices.Contains(d.options, "inventory-skeleton") {
		var folders any
		if d.call(ctx, http.MethodPost, CapSkeleton, map[string]any{}, &folders) == nil { // no login depends on it
			fields["inventory-skeleton"] = folders
		}
	}
	return nil
}

// addIDs takes what a circuit needs from the agent's information.
func (d *Domain) addIDs(ctx context.Context, fields map[string]any) error {
	var known map[string]any
	if err := d.call(ctx, http.MethodGet, CapInfo, nil, &known); err != nil {
		return err
	}
	for _, key := range []string{"agent_id", "session_id", "secure_session_id", "circuit_code"} {
		if fields[key] == nil {
			fields[key] = known[key]
		}
	}
	return nil
}

// Leave takes the avatar out of its region (rez_avatar/place without one),
// which is a logout that needs no circuit.
func (d *Domain) Leave(ctx context.Context) error {
	return d.call(ctx, http.MethodPost, CapPlace, map[string]any{"public_region_seed_capability": ""}, nil)
}

// connected tells whether an answer says that the avatar was placed. A domain
// that doesn't say so gives a seed if it was.
func connected(fields map[string]any) bool {
	var connect bool
	if said, ok := fields["connect"]; ok {
		return llsd.Convert(said, &connect) == nil && connect
	}
	return seedOf(fields) != nil
}

// seedOf is the region's seed; before Draft 3 it had another name.
func seedOf(fields map[string]any) any {
	if seed := fields["region_seed_capability"]; seed != nil {
		return seed
	}
	return fields["seed_capability"]
}

// placed reads the answer of rez_avatar/place.
func placed(fields map[string]any, region string) (*Placement, error) {
	var a struct {
		Reason   string     `llsd:"reason"`
		Message  string     `llsd:"message"`
		Position [3]float32 `llsd:"position"`
		RegionID string     `llsd:"region_id"`
		Access   string     `llsd:"sim_access"`
	}
	if err := llsd.Convert(fields, &a); err != nil {
		return nil, &login.AnswerError{Err: err}
	}
	if !connected(fields) {
		return nil, &PlaceError{Region: reason.WithoutQuery(region), Code: a.Reason, Message: a.Message}
	}
	legacy := maps.Clone(fields)
	legacy["seed_capability"] = seedOf(fields)
	resp, err := login.Granted(legacy)
	if err != nil {
		return nil, err
	}
	return &Placement{Response: resp, Position: a.Position, RegionID: a.RegionID, Access: a.Access}, nil
}
