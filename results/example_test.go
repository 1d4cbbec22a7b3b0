package results_test

import (
	"log"
	"os"
	"time"

	"github.com/slload/slload/results"
)

// A swarm's part, with one loop and three seconds.
func Example() {
	parent, err := os.MkdirTemp("", "runs")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(parent)

	c, err := results.NewCollector(results.Config{
		Parent:   parent,
		Manifest: results.Manifest{Profile: "smoke", Started: time.Now(), Seed: 7, PlannedSeconds: 2},
		Phase:    "stage 1",
	})
	if err != nil {
		log.Fatal(err)
	}
	recorder := results.NewRecorder()
	var spare *results.Interval
	state := results.Sample{Generator: results.Generator{Cores: 2}}

	for second := 1; second <= 3; second++ {
		// On the loop: what an Observer is told.
		recorder.Record("login", 85*time.Millisecond, 80*time.Millisecond, "")
		recorder.Record("login", 0, 0, "presence")
		full := recorder.Swap(spare)

		// On the collector's goroutine.
		c.Merge(full)
		spare = full
		state.T = time.Duration(second) * time.Second
		state.Agents = results.Agents{Target: 3, InWorld: second, Logins: int64(second), LoginFailures: int64(second)}
		if err := c.Tick(state); err != nil {
			log.Fatal(err)
		}
		if second == 2 {
			if err := c.BeginPhase(results.PhaseLogout, state); err != nil {
				log.Fatal(err)
			}
		}
	}
	summary, err := c.Finish(state)
	if err != nil {
		log.Fatal(err)
	}
	results.WriteTable(os.Stdout, summary, "")
	// Output:
	// smoke: 3 agents, 3.00 s, seed 7
	//
	// operation       count   errors       p50        p95        p99        max
	// login               3        3   85.0 ms    85.0 ms    85.0 ms    85.0 ms
	//
	// failed          count  reason
	// login               3  presence
	//
	// Agents      2 in world at the end, 3 at most; 3 logins, 3 failed; 0 lost
	// Actions     0 intended, 0 started; 0 late, 0 dropped, 0 failed
	// Packets     0 sent, 0 received; 0 resent, 0 lost, 0 dropped by the kernel
	// Generator   VALID: 0 CPU s, the machine's unknown; 0 MB, timers 0 µs late at p99
}
