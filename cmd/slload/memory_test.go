package main

import (
	"runtime"
	"runtime/debug"
	"testing"
)

// gcPercent tells the collector's setting, which can only be read by setting.
func gcPercent() int {
	percent := debug.SetGCPercent(100)
	debug.SetGCPercent(percent)
	return percent
}

func TestManyAgentsGetAFixedRoomForGarbage(t *testing.T) {
	for _, tt := range []struct {
		live    uint64
		polling int
		want    int
	}{
		{0, 1000, 400}, {1 << 20, 1000, 400}, {48 << 20, 1000, 100}, {192 << 20, 1000, 25}, {1 << 30, 1000, 10},
		{16 << 20, 0, 100}, {100 << 20, 0, 16},
		{50 << 20, 10_000, 156}, {100 << 20, 10_000, 48}, {250 << 20, 10_000, 19}, {400 << 20, 10_000, 12},
	} {
		if got := percentFor(tt.live, tt.polling); got != tt.want {
			t.Errorf("%d bytes alive, %d will poll: %d %%, want %d", tt.live, tt.polling, got, tt.want)
		}
	}
}

func TestTheCollectorIsTunedForManyAgentsOnly(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	for _, tt := range []struct {
		agents int
		gogc   string
		tuned  bool
	}{
		{manyAgents - 1, "", false},
		{manyAgents, "", true},
		{manyAgents, "70", false}, // the runtime has read it already
	} {
		t.Setenv("GOGC", tt.gogc)
		stop := saveMemory(tt.agents, tt.agents)
		if tuned := gcPercent() != 100; tuned != tt.tuned {
			t.Errorf("%d agents, GOGC %q: tuned %v", tt.agents, tt.gogc, tuned)
		}
		stop()
		stop()
		if gcPercent() != 100 {
			t.Errorf("%d agents: the setting stays at %d %%", tt.agents, gcPercent())
		}
	}
}

func TestManyAgentsGetMoreThreads(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	for _, tt := range []struct {
		agents int
		env    string
		want   int
	}{
		{manyAgents - 1, "", before}, {manyAgents, "", 2 * runtime.NumCPU()}, {manyAgents, "3", before},
	} {
		t.Setenv("GOMAXPROCS", tt.env)
		stop := moreThreads(tt.agents)
		if got := runtime.GOMAXPROCS(0); got != tt.want {
			t.Errorf("%d agents, GOMAXPROCS %q: %d threads, want %d", tt.agents, tt.env, got, tt.want)
		}
		if stop(); runtime.GOMAXPROCS(0) != before {
			t.Errorf("%d agents: %d threads stay", tt.agents, runtime.GOMAXPROCS(0))
		}
	}
}
