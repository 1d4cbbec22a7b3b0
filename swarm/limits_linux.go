package swarm

import (
	"fmt"
	"os"
)

// localPorts is how many ports the kernel chooses from.
func localPorts() int {
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	var first, last int
	if err != nil {
		return 0
	}
	if _, err := fmt.Sscan(string(text), &first, &last); err != nil || last < first {
		return 0
	}
	return last - first + 1
}
