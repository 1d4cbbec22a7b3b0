package main

import (
	"runtime/debug"
	"testing"
)

// gcPercent tells the collector's setting, which can only be read by setting.
func gcPercent() int {
	percent := debug.SetGCPercent(100)
	debug.SetGCPercent(percent)
	return percent
}

func TestManyAgentsTightenTheCollector(t *testing.T) {
	defer debug.SetGCPercent(gcPercent())
	for _, tt := range []struct {
		agents int
		gogc   string
		want   int
	}{
		{manyAgents - 1, "", 100},
		{manyAgents, "", tightGC},
		{manyAgents, "70", 100}, // the runtime has read it already
	} {
		debug.SetGCPercent(100)
		t.Setenv("GOGC", tt.gogc)
		if saveMemory(tt.agents); gcPercent() != tt.want {
			t.Errorf("%d agents, GOGC %q: %d %%, want %d", tt.agents, tt.gogc, gcPercent(), tt.want)
		}
	}
}
