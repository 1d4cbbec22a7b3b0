package login

import (
	"crypto/md5"
	"encoding/hex"
	"regexp"
	"runtime"
	"strconv"
)

// Secret is text that prints as [secret], whatever prints it.
type Secret string

func (Secret) String() string { return "[secret]" }

// GoString keeps %#v from showing the text.
func (Secret) GoString() string { return "[secret]" }

// MarshalText makes encoders and log handlers print [secret], too.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Request is what a login sends. Make one with [NewRequest] and change what
// should differ.
type Request struct {
	First, Last string
	Password    Secret // as typed, or "$1$" and its MD5 in hex
	// PasswordLimit cuts the password to so many characters before it is
	// hashed. Second Life's viewer cuts at 16; OpenSim and 0 take all of it.
	PasswordLimit int

	Start                     string // last, home or uri:Region&x&y&z
	Channel, Version          string
	Platform, PlatformVersion string // lnx, mac or win
	MAC, ID0                  string // MD5 in hex, as viewers send them
	ViewerDigest, HostID      string
	AgreeToTOS, ReadCritical  bool
	Options                   []string // what the answer should hold besides

	// Second factor, Second Life: the code that ErrMFA asks for, and the hash
	// that an earlier Response brought and that makes the code needless.
	Token, MFAHash Secret
}

// viewerOptions are those that viewers ask for. OpenSim sends all that it has
// whatever is asked.
var viewerOptions = []string{
	"inventory-root", "inventory-skeleton",
	"inventory-lib-root", "inventory-lib-owner", "inventory-skel-lib",
	"initial-outfit", "gestures", "display_names",
	"event_categories", "event_notifications", "classified_categories",
	"adult_compliant", "buddy-list", "ui-config", "max-agent-groups",
	"map-server-url", "login-flags", "global-textures",
}

// NewRequest returns a login of an account as a viewer would send it, at its
// last location. MAC and ID0 differ from account to account and stay the same
// from login to login.
func NewRequest(first, last, password string) Request {
	return Request{
		First: first, Last: last, Password: Secret(password),
		Start:   "last",
		Channel: "slload", Version: "slload",
		Platform: platform(), PlatformVersion: "0",
		MAC: md5Hex("mac of " + first + " " + last), ID0: md5Hex("disk of " + first + " " + last),
		AgreeToTOS: true, ReadCritical: true,
		Options: viewerOptions,
	}
}

func platform() string {
	switch runtime.GOOS {
	case "darwin":
		return "mac"
	case "windows":
		return "win"
	}
	return "lnx"
}

func md5Hex(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

var hashed = regexp.MustCompile(`^\$1\$[0-9a-fA-F]{32}$`)

// PasswordHash is the password as login services compare it: "$1$" and its MD5
// in hex. It is as secret as the password.
func (r *Request) PasswordHash() string { return r.hash() }

func (r *Request) hash() string {
	password := string(r.Password)
	if hashed.MatchString(password) {
		return password
	}
	if chars := []rune(password); r.PasswordLimit > 0 && len(chars) > r.PasswordLimit {
		password = string(chars[:r.PasswordLimit])
	}
	return "$1$" + md5Hex(password)
}

// params are the members of the login call. Viewers send truth as text in
// XML-RPC, and LLSD has a type for it.
func (r *Request) params(format Format) map[string]any {
	truth := func(b bool) any {
		if format == XMLRPC {
			return strconv.FormatBool(b)
		}
		return b
	}
	return map[string]any{
		"first": r.First, "last": r.Last, "passwd": r.hash(),
		"start":   r.Start,
		"channel": r.Channel, "version": r.Version,
		"platform": r.Platform, "platform_version": r.PlatformVersion,
		"mac": r.MAC, "id0": r.ID0,
		"viewer_digest": r.ViewerDigest, "host_id": r.HostID,
		"agree_to_tos": truth(r.AgreeToTOS), "read_critical": truth(r.ReadCritical),
		"address_size": 64, "extended_errors": 1,
		"last_exec_event": 0, "last_exec_duration": 0,
		"token": string(r.Token), "mfa_hash": string(r.MFAHash),
		"options": r.Options,
	}
}
