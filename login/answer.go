package login

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/llsd"
)

// outcome is the part of an answer that every login has.
type outcome struct {
	Login     string `llsd:"login"` // true, false or indeterminate
	Reason    string `llsd:"reason"`
	Message   string `llsd:"message"`
	MessageID string `llsd:"message_id"`
}

// redirect is where an indeterminate login goes on.
type redirect struct {
	URL     string  `llsd:"next_url"`
	Method  string  `llsd:"next_method"`
	Seconds float64 `llsd:"next_duration"`
}

// essentials are the fields of a granted login that none can do without.
type essentials struct {
	AgentID         uuid.UUID `llsd:"agent_id"`
	SessionID       uuid.UUID `llsd:"session_id"`
	SecureSessionID uuid.UUID `llsd:"secure_session_id"`
	CircuitCode     uint32    `llsd:"circuit_code"`
	SimIP           string    `llsd:"sim_ip"`
	SimPort         uint16    `llsd:"sim_port"`
	RegionX         uint32    `llsd:"region_x"`
	RegionY         uint32    `llsd:"region_y"`
	Seed            string    `llsd:"seed_capability"`
}

// read tells a granted login from a redirect and a failure.
func read(raw map[string]any) (*Response, *redirect, error) {
	var out outcome
	if err := llsd.Convert(raw, &out); err != nil {
		return nil, nil, &AnswerError{err}
	}
	switch out.Login {
	case "true":
		resp, err := Granted(raw)
		return resp, nil, err
	case "indeterminate":
		next := &redirect{}
		if err := llsd.Convert(raw, next); err != nil {
			return nil, nil, &AnswerError{err}
		}
		return nil, next, nil
	case "false":
		return nil, nil, &Failure{Code: out.Reason, Message: out.Message, MessageID: out.MessageID}
	}
	return nil, nil, &AnswerError{errors.New(`its field "login" is not one of true, false and indeterminate`)}
}

// Granted reads the fields of a login that was granted, by whatever protocol
// they came. Errors are *AnswerError, or ErrNoSeed where they hold no seed.
func Granted(raw map[string]any) (*Response, error) {
	var e essentials
	if err := llsd.Convert(raw, &e); err != nil {
		return nil, &AnswerError{err}
	}
	if e.Seed == "" {
		return nil, &Failure{Code: ErrNoSeed.Code, Message: "it was granted, but without a seed capability"}
	}
	ip, err := netip.ParseAddr(e.SimIP)
	if err != nil || !ip.Unmap().Is4() || e.SimPort == 0 {
		return nil, &AnswerError{fmt.Errorf("sim_ip %q and sim_port %d are no IPv4 address of a circuit", e.SimIP, e.SimPort)}
	}
	if e.AgentID == uuid.Nil || e.SessionID == uuid.Nil {
		return nil, &AnswerError{errors.New("agent_id or session_id is missing")}
	}
	r := &Response{
		AgentID: e.AgentID, SessionID: e.SessionID, SecureSessionID: e.SecureSessionID,
		CircuitCode: e.CircuitCode, Simulator: netip.AddrPortFrom(ip.Unmap(), e.SimPort), Seed: e.Seed,
		RegionX: e.RegionX, RegionY: e.RegionY, Raw: raw,
	}
	r.readRest()
	return r, nil
}

// readRest fills what may be missing, and names what can't be read.
func (r *Response) readRest() {
	r.RegionSizeX, r.RegionSizeY = 256, 256
	var seconds int64
	var root, libraryRoot []Folder
	var owner []struct {
		ID uuid.UUID `llsd:"agent_id"`
	}
	var outfit []Outfit
	for _, field := range []struct {
		name string
		into any
	}{
		{"region_size_x", &r.RegionSizeX}, {"region_size_y", &r.RegionSizeY},
		{"start_location", &r.Start},
		{"first_name", &r.First}, {"last_name", &r.Last},
		{"message", &r.Message},
		{"agent_access", &r.Access}, {"agent_access_max", &r.AccessMax},
		{"seconds_since_epoch", &seconds},
		{"max-agent-groups", &r.MaxGroups},
		{"map-server-url", &r.MapServer},
		{"mfa_hash", &r.MFAHash},
		{"inventory-root", &root}, {"inventory-skeleton", &r.Inventory.Folders},
		{"inventory-lib-root", &libraryRoot}, {"inventory-skel-lib", &r.Library.Folders},
		{"inventory-lib-owner", &owner},
		{"buddy-list", &r.Buddies}, {"gestures", &r.Gestures}, {"initial-outfit", &outfit},
	} {
		if value, ok := r.Raw[field.name]; ok {
			r.note(field.name, llsd.Convert(value, field.into))
		}
	}
	r.readNotation()
	r.First, r.Last = unquoted(r.First), unquoted(r.Last)
	if seconds != 0 {
		r.Time = time.Unix(seconds, 0).UTC()
	}
	r.Inventory.Root, r.Library.Root = firstOf(root).ID, firstOf(libraryRoot).ID
	r.Library.Owner, r.Outfit = firstOf(owner).ID, firstOf(outfit)
}

func (r *Response) note(name string, err error) {
	if err != nil {
		r.Malformed = append(r.Malformed, name)
	}
}

// readNotation fills look_at and home, which are strings of LLSD notation:
// "[r0.99,r0.1,r0]".
func (r *Response) readNotation() {
	var home struct {
		Handle   [2]uint32  `llsd:"region_handle"`
		Position [3]float32 `llsd:"position"`
		LookAt   [3]float32 `llsd:"look_at"`
	}
	r.note("look_at", notation(r.Raw["look_at"], &r.LookAt))
	r.note("home", notation(r.Raw["home"], &home))
	r.Home = Home{home.Handle[0], home.Handle[1], home.Position, home.LookAt}
}

func notation(value, into any) error {
	text, ok := value.(string)
	switch {
	case !ok:
		return llsd.Convert(value, into)
	case strings.TrimSpace(text) == "":
		return nil
	}
	return llsd.UnmarshalNotation([]byte(text), into)
}

// unquoted cuts the quotes that Second Life puts around a name.
func unquoted(name string) string { return strings.Trim(name, `"`) }

// firstOf: login answers wrap single maps in arrays.
func firstOf[T any](list []T) (first T) {
	if len(list) > 0 {
		first = list[0]
	}
	return first
}
