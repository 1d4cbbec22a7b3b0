//go:build unix

package swarm

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// MachineLimits reads what this process may have.
func MachineLimits() Limits {
	l := Limits{Ports: localPorts()}
	var files unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_NOFILE, &files) == nil {
		l.Descriptors, l.MaxDescriptors = uint64(files.Cur), uint64(files.Max) //nolint:unconvert // signed on some systems
	}
	return l
}

// raiseDescriptors raises the soft limit where it is below need. The Go
// runtime has done so at the start, unless somebody lowered it since.
func raiseDescriptors(need uint64) error {
	var files unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &files); err != nil || uint64(files.Cur) >= need { //nolint:unconvert // signed on some systems
		return nil // an unknown limit shows when it is met
	}
	files.Cur = files.Max
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &files); err != nil {
		return &ConfigError{fmt.Errorf("raise the limit of file descriptors to %d: %w; run: ulimit -n %d", files.Max, err, need)}
	}
	return nil
}
