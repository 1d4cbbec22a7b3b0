package swarm

import (
	"testing"
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/profiles"
)

// A hundred agents that log in ten a second come back ten a second, too, when
// all are lost at once: the first ten without a wait.
func TestLoginsComeBackAtThePlansPace(t *testing.T) {
	p := profile(t, `
name: herd
agents: {executor: constant-agents, count: 100, login_rate: 10/s, duration: 1m}
`)
	plan, err := profiles.NewPlan(p, 1, profiles.Share{Count: 1})
	if err != nil {
		t.Fatal(err)
	}
	b := newBudget(plan)
	began := circuit.Now()
	for i := range 100 {
		b.spend(began.Add(time.Duration(i) * 100 * time.Millisecond))
	}
	lost := began.Add(30 * time.Second)
	within := map[int]int{} // turns by the second
	for range 100 {
		within[int(b.turn(lost)/time.Second)]++
	}
	for second, n := range within {
		most := 10
		if second == 0 {
			most = 20 // what was saved up, and the second's own
		}
		if n > most {
			t.Errorf("%d logins in second %d, want %d at most", n, second, most)
		}
	}
	if last := b.turn(lost); last < 9*time.Second || last > 9100*time.Millisecond {
		t.Errorf("after a hundred turns the next waits %v, want 9 s", last)
	}
	// While the plan's own logins take all turns, others queue up behind them.
	busy := newBudget(plan)
	for range 30 {
		busy.spend(began)
	}
	if wait := busy.turn(began); wait < 2*time.Second {
		t.Errorf("waits %v behind 30 logins of the plan, want 2 s and more", wait)
	}
}
