package cluster

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain is also the main of the processes that the chaos test starts.
func TestMain(m *testing.M) {
	if config := os.Getenv(roleEnv); config != "" {
		os.Exit(playRole(config))
	}
	goleak.VerifyTestMain(m)
}
