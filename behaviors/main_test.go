package behaviors

import (
	"testing"

	"github.com/slload/slload/internal/witness"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(witness.Main(m, "behaviors")) }
