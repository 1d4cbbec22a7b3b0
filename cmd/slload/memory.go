package main

import (
	"os"
	"runtime/debug"
)

// Thousands of agents are mostly memory that lives as long as the run. Go's
// collector would let the heap grow to twice that before it looks; at a
// quarter more, 10,000 agents with event queues take 36 KiB each in place of
// 48, for some 3 % of the CPU while they log in.
const (
	manyAgents = 1000
	tightGC    = 25 // percent
)

// saveMemory tunes the collector for so many agents, unless GOGC says how.
func saveMemory(agents int) {
	if agents >= manyAgents && os.Getenv("GOGC") == "" {
		debug.SetGCPercent(tightGC)
	}
}
