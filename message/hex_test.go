package message

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// unhex reads wire bytes as the vectors write them: hex digits, with blanks and |
// wherever they help the eye.
func unhex(t testing.TB, parts ...string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.NewReplacer(" ", "", "|", "").Replace(strings.Join(parts, "")))
	if err != nil {
		t.Fatalf("bad vector: %v", err)
	}
	return b
}

// times repeats a piece of hex.
func times(n int, hex string) string { return strings.Repeat(hex, n) }

// idOf returns the UUID whose sixteen bytes are all b; on the wire times(16, "b").
func idOf(b byte) uuid.UUID {
	var id uuid.UUID
	for i := range id {
		id[i] = b
	}
	return id
}
