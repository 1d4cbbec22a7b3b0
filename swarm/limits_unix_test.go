//go:build unix

package swarm

import (
	"runtime"
	"testing"

	"github.com/slload/slload/circuit"
	"golang.org/x/sys/unix"
)

// softLimit sets the soft limit of descriptors for the length of a test.
func softLimit(t *testing.T, n uint64) {
	t.Helper()
	var old unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	low := old
	low.Cur = n
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &low); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
			t.Error(err)
		}
	})
}

func TestTheSoftLimitIsRaised(t *testing.T) {
	softLimit(t, 64)
	z := Size{Agents: 200, EventQueue: true, Mode: circuit.ModeShared, Loops: 1}
	if err := raiseDescriptors(uint64(z.Descriptors())); err != nil {
		t.Fatal(err)
	}
	if l := MachineLimits(); l.Descriptors < uint64(z.Descriptors()) {
		t.Errorf("the limit is %d, the run needs %d", l.Descriptors, z.Descriptors())
	}
}

func TestLocalPorts(t *testing.T) {
	if n := localPorts(); (n == 0) != (runtime.GOOS != "linux") || n < 0 || n > 65536 {
		t.Errorf("%d ports on %s", n, runtime.GOOS)
	}
}
