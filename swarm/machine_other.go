//go:build !linux

package swarm

// machineCPU is for Linux; 0 cores say that it isn't told here.
func machineCPU() (seconds float64, cores int) { return 0, 0 }
