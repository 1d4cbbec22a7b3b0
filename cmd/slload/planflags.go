package main

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/swarm"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// planFlags are the flags that change the plan of a profile.
type planFlags struct {
	agents           int
	duration, warmup time.Duration
	seed             uint64
}

func (f *planFlags) registerPlan(fl *pflag.FlagSet) {
	fl.IntVar(&f.agents, "agents", 0, "scale the profile to this many agents at its peak")
	fl.DurationVar(&f.duration, "duration", 0, "fit the whole plan into this time")
	fl.DurationVar(&f.warmup, "warmup", 0, "warm-up in place of the profile's")
	fl.Uint64Var(&f.seed, "seed", 0, "makes the plan repeatable; 0: the profile's, or drawn")
}

// load reads a profile, checks it with all that behaviours say of their
// parameters, and applies the flags that were given. Errors are of usage.
func (f *planFlags) load(given *pflag.FlagSet, name string) (*profiles.Profile, error) {
	p, err := profiles.Load(name, swarm.CheckProfile)
	if err != nil {
		return nil, &usageError{err}
	}
	if given.Changed("agents") {
		if err := p.Scale(f.agents); err != nil {
			return nil, &usageError{fmt.Errorf("--agents %d: %w", f.agents, err)}
		}
	}
	if given.Changed("warmup") {
		p.Warmup = profiles.Duration(f.warmup)
	}
	if given.Changed("duration") {
		if err := p.Fit(f.duration); err != nil {
			return nil, &usageError{fmt.Errorf("--duration %v: %w", f.duration, err)}
		}
	}
	if f.seed == 0 {
		f.seed = p.Seed
	}
	if f.seed == 0 {
		f.seed = uint64(rand.Uint32()) + 1 // short enough to type again
	}
	p.Seed = f.seed // so that config.yaml runs the same plan again
	if err := p.Resolve(); err != nil {
		return nil, &usageError{err}
	}
	return p, nil
}

// completeProfile completes a command's one profile: the built-in names, and
// files.
func completeProfile(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return profiles.Builtins(), cobra.ShellCompDirectiveDefault
}
