package results

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A run that lost a part of its load is marked for good, though it is killed at
// that moment.
func TestLostLoadOutlivesAKill(t *testing.T) {
	r := begin(t, Manifest{})
	r.ticks(3, func() { r.ok("login", 1, ms) })
	const what = "segment 1:3, of host1:42"
	if err := r.LostLoad(2*s, 0, what); err != nil {
		t.Fatal(err)
	}
	m, err := ReadManifest(snapshot(t, r.Dir()))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the manifest", m.LostLoad, []LostLoad{{From: 2, What: what}})
	r.ticks(3, func() { r.ok("login", 1, ms) })
	for range 2 { // told again, with its end
		if err := r.LostLoad(2*s, 5*s, what); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.LostLoad(5*s, 0, "segment 2:3, of host2:42"); err != nil {
		t.Fatal(err)
	}
	r.ticks(10, func() {})
	m, err = ReadManifest(r.Dir())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the manifest after a flush", m.LostLoad, []LostLoad{{From: 2, To: 5, What: what}, {From: 5, What: "segment 2:3, of host2:42"}})
	events := string(readFile(t, r.Dir(), fileEvents))
	if n := strings.Count(events, `"event":"run.lost_load"`); n != 2 || !strings.Contains(events, `{"t":2,"event":"run.lost_load","detail":"`+what) {
		t.Errorf("%d events tell of it, want 2:\n%s", n, events)
	}
}

func TestLostLoadIsBounded(t *testing.T) {
	var m Manifest
	for i := range maxLostLoad + 10 {
		m.noteLost(LostLoad{From: float64(i), To: float64(i + 1), What: fmt.Sprint(i)})
	}
	last := m.LostLoad[len(m.LostLoad)-1]
	if len(m.LostLoad) != maxLostLoad || last.To != 0 || last.From != maxLostLoad-1 {
		t.Errorf("%d entries, the last is %+v", len(m.LostLoad), last)
	}
}

// In a run that was resumed Samples tell the plan's time.
func TestLostLoadOfAResumedRunIsInTheRunsTime(t *testing.T) {
	first := begin(t, Manifest{PlannedSeconds: 600})
	first.ticks(20, first.second)
	r := resumed(t, snapshot(t, first.Dir()), time.Minute)
	r.ticks(5, r.second)
	if err := r.LostLoad(22*s, 24*s, "segment 1:2"); err != nil {
		t.Fatal(err)
	}
	same(t, "lost", r.manifest.LostLoad, []LostLoad{{From: 82, To: 84, What: "segment 1:2"}})
}
