//go:build unix

package swarm

import (
	"runtime"

	"golang.org/x/sys/unix"
)

func rusage() unix.Rusage {
	var r unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &r) // fails only on a bad pointer
	return r
}

// CPUSeconds is the processor time of this process so far.
func CPUSeconds() float64 {
	r := rusage()
	return float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9
}

// maxRSS is the most memory that this process has had, in bytes.
func maxRSS() int64 {
	kb := int64(rusage().Maxrss) //nolint:unconvert // 32 bits on some systems
	if runtime.GOOS == "darwin" {
		return kb // counted in bytes there
	}
	return kb * 1024
}
