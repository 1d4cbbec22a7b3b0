package cluster

import (
	"os"
	"testing"

	"github.com/nats-io/nats-server/v2/server/ats"
	"go.uber.org/goleak"
)

// TestMain is also the main of the processes that the chaos test starts.
func TestMain(m *testing.M) {
	if config := os.Getenv(roleEnv); config != "" {
		os.Exit(playRole(config))
	}
	// The clock of NATS' stores is one for the process: if it began in a bubble,
	// that would wait for those outside.
	ats.Register()
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/nats-io/nats-server/v2/server/ats.Register.func1"))
}
