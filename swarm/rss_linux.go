package swarm

import (
	"bytes"
	"os"
	"strconv"
)

// rss is how much of this process is in the machine's memory, in bytes; 0
// where it isn't told.
func rss() int64 {
	statm, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	return parseStatm(statm, os.Getpagesize())
}

// parseStatm reads /proc/self/statm: the second number is the resident pages.
func parseStatm(statm []byte, pageSize int) int64 {
	fields := bytes.Fields(statm)
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(pageSize)
}
