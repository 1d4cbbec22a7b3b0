package testgrid

import (
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

// Ids of what belongs to a resident are those of RFC 4122, version 5.
func TestDerivedIDsAreNamedOnes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		of, what := uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "of")), rapid.String().Draw(t, "what")
		if got, want := derivedID(of, what), uuid.NewSHA1(of, []byte(what)); got != want {
			t.Errorf("%q gets %v, want %v", what, got, want)
		}
	})
}
