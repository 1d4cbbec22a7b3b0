package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"

	"github.com/slload/slload/profiles"
)

// tune readies this process for so many agents of a profile, until release.
func tune(p *profiles.Profile, agents int) (release func()) {
	polling := 0
	if p.Agent.EventQueue {
		polling = agents
	}
	collect, threads := saveMemory(agents, polling), moreThreads(agents)
	return func() { threads(); collect() }
}

// Thousands of agents are mostly memory that lives as long as the run. Go's
// collector would let the heap grow to twice what lives before it looks, so
// that each agent took twice its size; a fixed percentage below that would
// have it look all the time while agents are few. So it gets a fixed room for
// garbage: what some 400 logins leave.
const (
	manyAgents  = 1000
	garbageRoom = 48 << 20  // bytes
	stillRoom   = 16 << 20  // bytes, where nobody polls: 10,000 such agents are 40 MB
	agentMemory = 30 << 10  // bytes that an agent adds to a process, its event queue open
	earlyHeap   = 128 << 20 // bytes: beyond it, what garbage spread over the heap isn't given back
	tuneEvery   = time.Second
)

// moreThreads lets Go run twice as many threads as there are cores, unless
// GOMAXPROCS says how many: a loop that wakes then gets its turn from the
// system at once, where in Go's own queue it would wait behind a rush of
// logins. With 500 logins a second on a full machine of 2 cores, the loops'
// timers were 41 ms late at p99 in place of 229.
func moreThreads(agents int) (stop func()) {
	if agents < manyAgents || os.Getenv("GOMAXPROCS") != "" {
		return func() {}
	}
	before := runtime.GOMAXPROCS(2 * runtime.NumCPU())
	return func() { runtime.GOMAXPROCS(before) }
}

// saveMemory tunes the collector for so many agents until stop, unless GOGC
// says how it is to work. So many of them will poll event queues, which is most
// of what they will take.
func saveMemory(agents, polling int) (stop func()) {
	if agents < manyAgents || os.Getenv("GOGC") != "" {
		return func() {}
	}
	before := tuneGC(polling)
	tick := time.NewTicker(tuneEvery)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-tick.C:
				tuneGC(polling)
			case <-done:
				return
			}
		}
	}()
	return sync.OnceFunc(func() {
		tick.Stop()
		close(done)
		<-ended
		debug.SetGCPercent(before)
	})
}

// tuneGC sets the collector's percentage by what lives now, and gives the old.
func tuneGC(polling int) (before int) {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/stack:bytes"}}
	metrics.Read(samples)
	var live uint64
	for _, s := range samples {
		if s.Value.Kind() == metrics.KindUint64 {
			live += s.Value.Uint64()
		}
	}
	return debug.SetGCPercent(percentFor(live, polling))
}

// percentFor is the percentage by which so many live bytes, stacks included,
// have room for garbage. See Go's guide to its collector: the heap may grow by
// that share of them. Until they are all there, agents that will poll leave the
// room that they will take.
func percentFor(live uint64, polling int) int {
	const least, most = 10, 400
	room := uint64(garbageRoom)
	if polling == 0 {
		room = stillRoom
	}
	if will := min(uint64(polling)*agentMemory, earlyHeap); will > live {
		room = max(room, will-live)
	}
	return int(max(least, min(most, room*100/max(live, 1))))
}
