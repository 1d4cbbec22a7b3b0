package main

import (
	"fmt"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
	"github.com/slload/slload/swarm"
)

// cmdWorkers checks that a run was made by so many workers, each with a share of
// its own: workers DIR N.
func cmdWorkers(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: workers DIR N")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	s, err := results.ReadSummary(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(madeBy(s, n))
}

// madeBy is an error unless n workers made the run, a share each.
func madeBy(s *results.Summary, n int) error {
	names, shares := map[string]bool{}, map[int]bool{}
	for _, w := range s.Workers {
		names[w.Worker] = true
		for _, segment := range w.Segments {
			shares[segment.Segment] = true
		}
		if len(w.Segments) != 1 || w.Segments[0].Of != n || w.Generator.CPUSeconds <= 0 || w.Lost {
			return fmt.Errorf("worker %+v, want one of %d", w, n)
		}
	}
	if len(s.Workers) != n || len(names) != n || len(shares) != n {
		return fmt.Errorf("the summary has the workers %+v, want %d", s.Workers, n)
	}
	return nil
}

// cmdPlanned checks that a run did what the plan of the profile and the seed
// says, no more and no less: planned DIR PROFILE SEED.
func cmdPlanned(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: planned DIR PROFILE SEED")
	}
	seed, err := strconv.ParseUint(args[2], 10, 64)
	ts.Check(err)
	s, err := results.ReadSummary(ts.MkAbs(args[0]))
	ts.Check(err)
	want := planned(ts.Check, ts.MkAbs(args[1]), seed)
	if a := s.Actions; a.Intended != want || a.Started+a.Dropped != want {
		ts.Fatalf("the plan has %d actions, the run %+v", want, a)
	}
}

// planned is how many actions the plan of a profile has.
func planned(check func(error), profile string, seed uint64) (n int64) {
	p, err := profiles.Load(profile, swarm.CheckProfile)
	check(err)
	check(p.Resolve())
	forecast, err := swarm.Inspect(p, seed, 0)
	check(err)
	for _, b := range forecast.Behaviors {
		n += b.Actions
	}
	return n
}

// A line to start workers with leads to this machine where NATS listens on all
// its addresses.
func TestWhereWorkersJoin(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]bool{
		"nats://127.0.0.1:4222": true, "nats://load1:4222": true, "nats://[::1]:4222": true,
		"nats://0.0.0.0:4222": false, "nats://[::]:4222": false, "nats://:4222": false,
	} {
		got := reachableURL(url)
		if (got == url) != want || filepath.Base(got) == "" {
			t.Errorf("%s: %s", url, got)
		}
	}
}
