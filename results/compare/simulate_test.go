package compare

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/slload/slload/results"
)

// simulate makes n runs of a build whose times are factor times the usual, for
// each of the operations. One run of it differs from another by noise in all
// its times together, and by a fifth of that in each quantile besides.
func simulate(rng *rand.Rand, side string, n int, factor, noise float64, ops ...string) []*results.SteadyState {
	var runs []*results.SteadyState
	for i := range n {
		r := run(fmt.Sprintf("%s%d", side, i+1))
		for _, op := range ops {
			whole := factor * math.Exp(noise*rng.NormFloat64())
			at := func(ms float64) int64 {
				return int64(ms * 1e6 * whole * math.Exp(noise/5*rng.NormFloat64()))
			}
			r.Ops[op] = results.Op{
				Count: 5000, Errors: int64(rng.IntN(3)),
				ResponseNS: results.Quantiles{P50: at(20), P90: at(45), P95: at(60), P99: at(110)},
			}
		}
		runs = append(runs, r)
	}
	return runs
}

// run is a fit run without operations.
func run(name string) *results.SteadyState {
	return &results.SteadyState{
		Dir: "runs/" + name,
		Manifest: &results.Manifest{
			ID: name, Profile: "crowd", ProfileSHA256: "abcd", Agents: 100, Version: "1.0", PlannedSeconds: 60,
			Primary: []string{"msg.chat"},
		},
		Summary: &results.Summary{
			Run:     results.Run{ID: name, Seconds: 63},
			Verdict: results.Verdict{Generator: results.Valid},
		},
		Ops: map[string]results.Op{},
	}
}

// rates plays many comparisons and gives in what share of them some operation
// had a verdict, by verdict, and in what share some p was below 0.05.
func rates(t *testing.T, comparisons, runs int, factor, noise float64, ops ...string) (verdicts map[Verdict]float64, significant float64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(20261122, uint64(runs)))
	verdicts = map[Verdict]float64{}
	for range comparisons {
		c, err := Compare(simulate(rng, "a", runs, 1, noise, ops...), simulate(rng, "b", runs, factor, noise, ops...), Options{Primary: ops})
		if err != nil {
			t.Fatal(err)
		}
		found := map[Verdict]bool{}
		for _, o := range c.Operations {
			found[o.Verdict] = true
			if *o.P < alpha {
				found["p"] = true
			}
		}
		for v := range found {
			verdicts[v] += 1 / float64(comparisons)
		}
	}
	significant = verdicts["p"]
	return verdicts, significant
}

// TestFalseAlarms compares a build with itself. Of 600 comparisons at 5 %,
// the share that comes out lies within 2.5 points in 99.5 cases of 100.
func TestFalseAlarms(t *testing.T) {
	for _, test := range []struct {
		runs int
		ops  []string
	}{
		{5, []string{"msg.chat"}},
		{7, []string{"msg.chat"}},
		{6, []string{"login", "msg.chat", "msg.im"}},
	} {
		verdicts, significant := rates(t, 600, test.runs, 1, 0.05, test.ops...)
		what := fmt.Sprintf("%d runs a side, %d operations", test.runs, len(test.ops))
		near(t, what+": p < 0.05 in a share of", significant, 0.05, 0.025)
		if alarms := verdicts[Regressed] + verdicts[Improved]; alarms > 0.075 || alarms == 0 {
			t.Errorf("%s: a false alarm in %.1f %%, want at most some 5 %%", what, 100*alarms)
		}
		near(t, what+": REGRESSED and IMPROVED by turns", verdicts[Regressed], verdicts[Improved], 0.02)
	}
}

// TestPower compares with a build that is 10 % slower, and one that is faster.
func TestPower(t *testing.T) {
	for _, ops := range [][]string{{"msg.chat"}, {"login", "msg.chat", "msg.im"}} {
		verdicts, _ := rates(t, 60/len(ops), 10, 1.10, 0.05, ops...)
		if got := verdicts[Regressed]; got < 0.80 {
			t.Errorf("%d operations, 10 runs a side, 10 %% slower: REGRESSED in %.0f %%, want 80 %%", len(ops), 100*got)
		}
	}
	verdicts, _ := rates(t, 30, 10, 1/1.10, 0.05, "msg.chat")
	if got := verdicts[Improved]; got < 0.80 {
		t.Errorf("10 runs a side, 10 %% faster: IMPROVED in %.0f %%, want 80 %%", 100*got)
	}
}

// TestQuietRunsAreTheSame: where runs differ little, a build is EQUIVALENT to
// itself.
func TestQuietRunsAreTheSame(t *testing.T) {
	verdicts, _ := rates(t, 200, 7, 1, 0.015, "msg.chat")
	if got := verdicts[Equivalent]; got < 0.95 {
		t.Errorf("7 runs a side of the same build with 1.5 %% noise: EQUIVALENT in %.0f %%", 100*got)
	}
}
