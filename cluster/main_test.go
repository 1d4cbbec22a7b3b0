package cluster

import (
	"flag"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// TestMain is also the main of the processes that the chaos test starts.
func TestMain(m *testing.M) {
	if config := os.Getenv(roleEnv); config != "" {
		os.Exit(playRole(config))
	}
	// Who waits for beats mustn't be kept from the CPU by others of its kind: each
	// test has a NATS server and several workers of its own.
	flag.Parse()
	if err := flag.Set("test.parallel", "2"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}
