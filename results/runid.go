package results

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
	"time"
)

// NewID names a run such that names sort by time, tell the profile and don't
// collide: 20261122-175633-crowd-3f2a, in UTC.
func NewID(started time.Time, profile string) string {
	var random [2]byte
	rand.Read(random[:]) // never fails
	return strings.Join([]string{
		started.UTC().Format("20060102-150405"), slug(profile), hex.EncodeToString(random[:]),
	}, "-")
}

// maxSlug bounds the profile's part of a run id.
const maxSlug = 32

// slug makes s fit for a file name anywhere: lower-case letters, digits and
// single hyphens. A path gives its last part without the extension.
func slug(s string) string {
	if i := strings.LastIndexAny(s, `/\`); i >= 0 {
		s = s[i+1:]
	}
	s, _, _ = strings.Cut(strings.ToLower(s), ".")
	words := strings.FieldsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	s = strings.Join(words, "-")
	if len(s) > maxSlug {
		s = strings.TrimRight(s[:maxSlug], "-")
	}
	if s == "" {
		return "run"
	}
	return s
}
