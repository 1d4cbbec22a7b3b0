package swarm

import (
	"runtime"
	"time"

	"golang.org/x/sys/windows"
)

// CPUSeconds is the processor time of this process so far.
func CPUSeconds() float64 {
	var created, exited, kernel, user windows.Filetime
	if windows.GetProcessTimes(windows.CurrentProcess(), &created, &exited, &kernel, &user) != nil {
		return 0
	}
	const unit = 100 * time.Nanosecond // of a Filetime
	ticks := func(f windows.Filetime) int64 { return int64(f.HighDateTime)<<32 | int64(f.LowDateTime) }
	return (time.Duration(ticks(kernel)+ticks(user)) * unit).Seconds()
}

// maxRSS is what the runtime has from the system, in bytes: the nearest that
// is told without more system calls.
func maxRSS() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}
