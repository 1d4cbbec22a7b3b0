package swarm

import (
	"bytes"
	"os"
	"strconv"
)

// userHz is how many ticks a second /proc/stat counts, on every architecture
// that Go has.
const userHz = 100

// machineCPU is the processor time that everything on this machine has used,
// in seconds, and its cores; 0 cores where it isn't told.
func machineCPU() (seconds float64, cores int) {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0, 0
	}
	return parseStat(stat)
}

// parseStat reads /proc/stat: the line "cpu" has the ticks of user, nice,
// system, idle, iowait, irq, softirq and steal (guests are part of user), and
// each core has a line of its own. What a hypervisor steals counts as used.
func parseStat(stat []byte) (seconds float64, cores int) {
	const idle, iowait, steal = 3, 4, 7
	for line := range bytes.Lines(stat) {
		fields := bytes.Fields(line)
		if len(fields) <= steal+1 || !bytes.HasPrefix(fields[0], []byte("cpu")) {
			continue
		}
		if len(fields[0]) > len("cpu") {
			cores++
			continue
		}
		for i, field := range fields[1 : steal+2] {
			ticks, err := strconv.ParseUint(string(field), 10, 64)
			if err != nil {
				return 0, 0
			}
			if i != idle && i != iowait {
				seconds += float64(ticks) / userHz
			}
		}
	}
	return seconds, cores
}
