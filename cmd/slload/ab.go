package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"time"

	"github.com/slload/slload/internal/target"
	"github.com/slload/slload/results"
	"github.com/slload/slload/results/compare"
	"github.com/spf13/cobra"
)

// abFlags are the flags of `slload ab`.
type abFlags struct {
	run     runFlags // of each run
	compare compareFlags
	a, b    string
	blocks  int
	pause   time.Duration
	resume  string // directory of a trial that was interrupted
}

func newAB(logs *logging) *cobra.Command {
	var f abFlags
	c := &cobra.Command{
		Use:   "ab PROFILE",
		Short: "Run a profile against two grids by turns, and compare them",
		Long: `Run a profile against the grids A and B by turns, and compare B with A as slload
compare does. Each block has a run of either, in an order that is drawn, so that
what changes with time falls on both; the seed is the same within a block.

The runs are kept in --out, as 01-a, 01-b and so on. It ends at a run whose
generator was INVALID, unless --force is given.

With --resume DIR it goes on with a trial that was interrupted, in the same order:
finished runs count, an unfinished or INVALID one is set aside and made again.
Flags that were given then hold, unless they are given anew.

Exit codes: 0 B did not regress; 4 a regression; 5 inconclusive, or no verdict;
2 usage; 6 a run was INVALID; 7 a grid can't be reached; 130 interrupted.`,
		Example: `  slload ab crowd --a http://127.0.0.1:9000/ --b http://127.0.0.1:9100/
  slload ab my.yaml --a http://old.example:9000/ --b http://new.example:9000/ --runs 10 --out runs/1.4-rc1`,
		Args: func(c *cobra.Command, args []string) error {
			switch {
			case f.resume != "" && len(args) > 0:
				return &usageError{fmt.Errorf("--resume: the trial in %s has its own profile: leave %s out", f.resume, args[0])}
			case f.resume == "" && len(args) != 1:
				return &usageError{fmt.Errorf("%s takes one profile, not %d; see %s --help", c.CommandPath(), len(args), c.CommandPath())}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if f.resume == "" {
				return f.ab(c, args[0], logs)
			}
			name, err := f.takeUp(c)
			if err != nil {
				return err
			}
			return f.ab(c, name, logs)
		},
	}
	fl := c.Flags()
	fl.StringVar(&f.a, "a", "", "login address of the base")
	fl.StringVar(&f.b, "b", "", "login address of the new build")
	fl.IntVar(&f.blocks, "runs", 7, "runs of either")
	fl.DurationVar(&f.pause, "pause", 5*time.Second, "between two runs, for the grids to come to rest")
	fl.DurationVar(&f.run.duration, "duration", 0, "fit the whole plan of a run into this time")
	fl.DurationVar(&f.run.warmup, "warmup", 0, "warm-up in place of the profile's")
	fl.Uint64Var(&f.run.seed, "seed", 0, "of the first block and of the order; 0: the profile's, or drawn")
	fl.StringVarP(&f.run.out, "out", "o", "", "directory for the runs (default runs/ab-<time>-<profile>)")
	fl.StringVar(&f.resume, "resume", "", "go on with the trial in this directory")
	must(c.MarkFlagDirname("resume"))
	f.run.protocol.register(c, "the profile's, or xmlrpc")
	f.run.register(c)
	f.compare.register(c)
	return c
}

// abRun is one of the runs of `slload ab`.
type abRun struct {
	name, side, loginURI string
	seed                 uint64
}

// order lays out the runs: each block has one of either side, in an order drawn
// by seed.
func (f *abFlags) order(seed uint64) []abRun {
	rng := rand.New(rand.NewPCG(seed, 1))
	var runs []abRun
	for block := range f.blocks {
		first := rng.IntN(2)
		for i := range 2 {
			side, uri := "a", f.a
			if i != first {
				side, uri = "b", f.b
			}
			runs = append(runs, abRun{fmt.Sprintf("%02d-%s", block+1, side), side, uri, seed + uint64(block)})
		}
	}
	return runs
}

func (f *abFlags) check() error {
	switch {
	case f.a == "" || f.b == "":
		return &usageError{errors.New("want two grids: --a ADDRESS and --b ADDRESS")}
	case f.blocks < 1:
		return &usageError{fmt.Errorf("--runs %d: want 1 at least; 7 tell much more", f.blocks)}
	case f.pause < 0:
		return &usageError{fmt.Errorf("--pause %v: want no less than 0s", f.pause)}
	}
	return f.compare.check()
}

func (f *abFlags) ab(c *cobra.Command, name string, logs *logging) error {
	if err := f.check(); err != nil {
		return err
	}
	for _, uri := range []string{f.a, f.b} { // both before the first run
		if _, err := target.New(c.Context(), f.run.target.policy, uri); err != nil {
			return &usageError{err}
		}
	}
	f.run.target.warn(c.ErrOrStderr())
	f.run.loginURI = f.a
	profile, err := f.run.profile(c, name) // also settles the seed
	if err != nil {
		return err
	}
	if len(profile.Primary)+len(f.compare.Primary) == 0 {
		return &usageError{fmt.Errorf("profile %s declares no primary operations: name those that matter with --primary", profile.Name)}
	}
	out := f.abDirectory(profile.Name)
	if f.resume == "" {
		if err := f.keepPlan(c, out, profile); err != nil {
			return err
		}
	}
	stopWeb, err := f.run.web.listen(c.ErrOrStderr())
	if err != nil {
		return err
	}
	defer stopWeb()
	stop, release := catchInterrupts(c.Context())
	defer release()
	f.run.interrupts, f.run.untouched = stop, true
	dirs := map[string][]string{}
	runs := f.order(f.run.seed)
	for i, r := range runs {
		dir := filepath.Join(out, r.name)
		counts, aside, why, err := f.standing(c.Context(), dir, r.seed)
		if err != nil {
			return err
		}
		if aside != "" {
			fmt.Fprintf(c.ErrOrStderr(), "%d/%d %s  set aside as %s: %s\n", i+1, len(runs), r.name, aside, why)
		}
		if counts {
			fmt.Fprintf(c.ErrOrStderr(), "%d/%d %s  kept\n", i+1, len(runs), r.name)
			dirs[r.side] = append(dirs[r.side], dir)
			continue
		}
		if i > 0 {
			rest(stop.ctx, f.pause)
		}
		view := newView(c.ErrOrStderr(), f.run.plain)
		view.count = fmt.Sprintf("%d/%d %s  ", i+1, len(runs), r.name)
		fmt.Fprint(view, view.count)
		if err := f.once(stop.ctx, stop.cut, c, name, r, dir, logs, view); err != nil {
			return fmt.Errorf("run %d of %d, in %s: %w", i+1, len(runs), dir, err)
		}
		dirs[r.side] = append(dirs[r.side], dir)
	}
	err = f.compare.compare(c, dirs["a"], dirs["b"])
	if errors.As(err, new(*compare.MismatchError)) {
		return fmt.Errorf("%w; the runs are in %s, see slload compare --help", err, out)
	}
	return err
}

// rest waits until d is over or the run is interrupted.
func rest(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// invalidError is a run of several that says more about the generator than
// about the grid.
type invalidError struct{ reasons []string }

func (e *invalidError) Error() string {
	return "the generator was INVALID: " + strings.Join(e.reasons, ", ") + "; give it a machine with more to spare, or --force"
}

// once makes one run.
func (f *abFlags) once(ctx, cut context.Context, c *cobra.Command, name string, r abRun, dir string, logs *logging, view *view) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	run := f.run
	run.loginURI, run.seed = r.loginURI, r.seed
	profile, err := run.profile(c, name)
	if err != nil {
		return err
	}
	tags, err := parseTags(run.tags)
	if err != nil {
		return err
	}
	tags["side"] = r.side
	s, err := run.once(ctx, cut, profile, dir, tags, logs, view)
	if err != nil {
		return err
	}
	writePage(c, dir)
	fmt.Fprintf(view, "  %s\n", strings.Join(append([]string{string(s.Verdict.Generator)}, s.Verdict.Reasons...), ", "))
	if s.Verdict.Generator == results.Invalid && !f.compare.Force {
		return &invalidError{s.Verdict.Reasons}
	}
	return nil
}
