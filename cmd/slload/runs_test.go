package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
)

// fakeRun is a run that nobody made.
type fakeRun struct {
	factor   float64 // of all times
	failures int     // of msg.chat
	manifest results.Manifest
}

// jitter is how the runs of one build differ; its mean is 1.
var jitter = []float64{0.98, 1.01, 1.00, 1.02, 0.99, 1.005, 0.995}

// cmdRuns writes run directories: runs NAME COUNT [KEY=VALUE...], where a key is
// factor (of all times), failures, agents, version, scaled or a tag's name. It
// makes NAME1, NAME2 and so on.
func cmdRuns(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: runs NAME COUNT [KEY=VALUE...]")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	for i := range n {
		r := fakeRun{factor: jitter[i%len(jitter)], manifest: results.Manifest{
			ID: "fake-" + args[0] + strconv.Itoa(i+1), Profile: "crowd", ProfileSHA256: "abcdef0123456789", Agents: 100, Seed: uint64(i + 1),
			Started: time.Date(2026, 11, 22, 12, i, 0, 0, time.UTC), PlannedSeconds: 5, Measured: []string{"stage 2"},
			Primary: []string{"login", "msg.chat"}, Version: "1.0", Cores: 2, Tags: map[string]string{},
			Thresholds: []profiles.Threshold{{Op: "login", Stat: profiles.StatQuantile, Quantile: 95, Limit: profiles.Duration(2 * time.Second)}},
		}}
		for _, pair := range args[2:] {
			ts.Check(r.set(pair))
		}
		ts.Check(r.write(ts.MkAbs(args[0] + strconv.Itoa(i+1))))
	}
}

func (r *fakeRun) set(pair string) (err error) {
	key, value, ok := strings.Cut(pair, "=")
	if !ok {
		return fmt.Errorf("%q: want KEY=VALUE", pair)
	}
	switch key {
	case "factor":
		var f float64
		f, err = strconv.ParseFloat(value, 64)
		r.factor *= f
	case "failures":
		r.failures, err = strconv.Atoi(value)
	case "agents":
		r.manifest.Agents, err = strconv.Atoi(value)
	case "version":
		r.manifest.Version = value
	case "scaled":
		r.manifest.HandScaled = value == "true"
	default:
		r.manifest.Tags[key] = value
	}
	return err
}

// write makes the run directory by the writer that real runs have.
func (r *fakeRun) write(dir string) error {
	c, err := results.NewCollector(results.Config{Dir: dir, Manifest: r.manifest, Profile: []byte("name: crowd\n"), Phase: "stage 1"})
	if err != nil {
		return err
	}
	rec := results.NewRecorder()
	state := results.Sample{Generator: results.Generator{Cores: 2}, Agents: results.Agents{Target: r.manifest.Agents}}
	step := func(phase string, d time.Duration, record func()) {
		record()
		iv := rec.Swap(nil)
		c.Merge(iv)
		state.T += d
		if err == nil && phase == "" {
			err = c.Tick(state)
		} else if err == nil {
			err = c.BeginPhase(phase, state)
		}
	}
	step("stage 2", time.Second, func() { r.record(rec, "login", 200, 80*time.Millisecond) })
	step("", time.Second, func() { r.record(rec, "msg.chat", 2000, 20*time.Millisecond) })
	step("", 3*time.Second, func() {
		r.record(rec, "msg.ping", 500, time.Millisecond)
		for range r.failures {
			rec.Record("msg.chat", 0, 0, "timeout")
		}
	})
	step(results.PhaseLogout, 0, func() {})
	step("", time.Second, func() { r.record(rec, "logout", 100, 3*time.Millisecond) })
	if err != nil {
		return err
	}
	_, err = c.Finish(state)
	return err
}

// record records n times around median, up to three times as long.
func (r *fakeRun) record(rec *results.Recorder, op string, n int, median time.Duration) {
	for i := range n {
		spread := 0.5 + float64(i)/float64(n)
		if spread > 1.3 {
			spread = 1.3 + 8*(spread-1.3)
		}
		d := time.Duration(r.factor * spread * float64(median))
		rec.Record(op, d, d, "")
	}
}
