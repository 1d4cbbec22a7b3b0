package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
	"github.com/slload/slload/swarm/control"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// The files beside the runs of slload ab, by which it goes on after an
// interruption.
const (
	abPlanFile    = "ab.json"
	abProfileFile = "profile.yaml"
)

// abSchema names the format of ab.json.
const abSchema = "slload/ab/1"

// abPlan is ab.json: what was asked for. The effective profile lies beside it.
type abPlan struct {
	Schema string              `json:"schema"`
	A      string              `json:"a"`
	B      string              `json:"b"`
	Runs   int                 `json:"runs"` // of either
	Seed   uint64              `json:"seed"` // of the order and the first block
	Flags  map[string][]string `json:"flags"`
}

// abOfThePlan are the flags that ab.json has by itself, or that are in the
// effective profile already.
var abOfThePlan = []string{"a", "b", "runs", "seed", "duration", "warmup", "out", "resume"}

// keepPlan writes what resume needs.
func (f *abFlags) keepPlan(c *cobra.Command, out string, p *profiles.Profile) error {
	plan := abPlan{Schema: abSchema, A: f.a, B: f.b, Runs: f.blocks, Seed: f.run.seed, Flags: map[string][]string{}}
	c.Flags().Visit(func(flag *pflag.Flag) {
		if slices.Contains(abOfThePlan, flag.Name) {
			return
		}
		if list, ok := flag.Value.(pflag.SliceValue); ok {
			plan.Flags[flag.Name] = list.GetSlice()
			return
		}
		plan.Flags[flag.Name] = []string{flag.Value.String()}
	})
	data, err := json.MarshalIndent(plan, "", "  ")
	if err != nil {
		return err
	}
	profile, err := p.Marshal()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o700); err != nil {
		return &usageError{fmt.Errorf("make the directory of the runs: %w", err)}
	}
	if _, err := os.Lstat(filepath.Join(out, abPlanFile)); err == nil {
		return &usageError{fmt.Errorf("%s holds a trial already: go on with it by --resume, or name another directory", out)}
	}
	if err := results.Replace(filepath.Join(out, abProfileFile), profile); err != nil {
		return err
	}
	return results.Replace(filepath.Join(out, abPlanFile), append(data, '\n')) // last: where it is, all is
}

// takeUp reads the plan of the trial in f.resume and gives its profile's name.
func (f *abFlags) takeUp(c *cobra.Command) (profile string, err error) {
	path := filepath.Join(f.resume, abPlanFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", &usageError{fmt.Errorf("--resume %s: no trial of slload ab: it has no %s", f.resume, abPlanFile)}
	}
	if err != nil {
		return "", fmt.Errorf("--resume: %w", err)
	}
	var plan abPlan
	if err := json.Unmarshal(data, &plan); err != nil || plan.Schema != abSchema {
		return "", &usageError{fmt.Errorf("--resume: read %s: want schema %q, got %q (%w)", path, abSchema, plan.Schema, err)}
	}
	for _, name := range abOfThePlan {
		if name != "resume" && c.Flags().Changed(name) {
			return "", &usageError{fmt.Errorf("--%s: the trial in %s has its own, and goes on with that", name, f.resume)}
		}
	}
	for name, values := range plan.Flags {
		if c.Flags().Changed(name) {
			continue // given anew
		}
		for _, v := range values {
			if err := c.Flags().Set(name, v); err != nil {
				return "", &usageError{fmt.Errorf("--resume: --%s of %s: %w", name, path, err)}
			}
		}
	}
	f.a, f.b, f.blocks, f.run.seed, f.run.out = plan.A, plan.B, plan.Runs, plan.Seed, f.resume
	return filepath.Join(f.resume, abProfileFile), nil
}

// standing tells of a run directory of a trial that goes on whether its run
// counts. One that doesn't is set aside under another name, which is given with
// the reason.
func (f *abFlags) standing(ctx context.Context, dir string, seed uint64) (counts bool, aside, why string, err error) {
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		return false, "", "", nil
	}
	if _, err := control.Dial(dir).Status(ctx); err == nil {
		return false, "", "", &usageError{fmt.Errorf("the run in %s still goes on: wait for its end, or stop it with slload ctl %s stop", dir, dir)}
	}
	if why = f.unfinished(dir, seed); why == "" {
		return true, "", "", nil
	}
	for n := 1; n < 1000; n++ {
		aside = fmt.Sprintf("%s.unfinished-%d", dir, n)
		if _, err := os.Lstat(aside); errors.Is(err, fs.ErrNotExist) {
			return false, aside, why, os.Rename(dir, aside)
		}
	}
	return false, "", why, fmt.Errorf("set %s aside: there are too many unfinished runs beside it", dir)
}

// unfinished is why a run doesn't count; empty where it does.
func (f *abFlags) unfinished(dir string, seed uint64) string {
	s, err := results.ReadSteadyState(dir)
	switch {
	case err != nil:
		return err.Error()
	case s.Summary.Run.CutOff:
		return "it was cut off"
	case s.EndedEarly():
		return fmt.Sprintf("it ended at %.3g s of %.3g s", s.Summary.Run.Seconds, s.Manifest.PlannedSeconds)
	case s.Manifest.Seed != seed:
		return fmt.Sprintf("its seed is %d, and not %d", s.Manifest.Seed, seed)
	case s.Summary.Verdict.Generator == results.Invalid && !f.compare.Force:
		return "its generator was INVALID"
	}
	return ""
}

// abDirectory is where the runs lie.
func (f *abFlags) abDirectory(profile string) string {
	if f.run.out != "" {
		return f.run.out
	}
	return filepath.Join("runs", "ab-"+results.NewID(time.Now(), profile))
}
