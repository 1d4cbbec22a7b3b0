package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/slload/slload/results"
	"github.com/slload/slload/results/compare"
	"github.com/spf13/cobra"
)

// compareFlags are the flags of everything that ends in a comparison.
type compareFlags struct {
	compare.Options
	format string
}

// comparisonFormats are the ways to write a comparison.
var comparisonFormats = map[string]func(*compare.Comparison, io.Writer) error{
	"text": (*compare.Comparison).WriteText, "json": (*compare.Comparison).WriteJSON,
	"markdown": (*compare.Comparison).WriteMarkdown, "junit": (*compare.Comparison).WriteJUnit,
	"html": (*compare.Comparison).WriteHTML,
}

func (f *compareFlags) register(c *cobra.Command) {
	fl := c.Flags()
	fl.StringSliceVar(&f.Primary, "primary", nil, "operations to judge; left out: the profile's primary")
	fl.BoolVar(&f.Force, "force", false, "compare runs that don't fit together, and say so")
	fl.StringVar(&f.format, "format", "text", "text, json, markdown, html or junit")
	must(c.RegisterFlagCompletionFunc("format", fixed("text", "json", "markdown", "html", "junit")))
}

func (f *compareFlags) check() error {
	if comparisonFormats[f.format] == nil {
		return &usageError{fmt.Errorf("--format %q: want text, json, markdown, html or junit", f.format)}
	}
	return nil
}

func newCompare() *cobra.Command {
	var f compareFlags
	c := &cobra.Command{
		Use:   "compare BASE... -- NEW...",
		Short: "Say whether the runs of a new build are slower than those of a base",
		Long: `Compare the runs of a new build with those of a base; each is a run directory.
The unit is the run: make several of either, best by turns (see slload ab).

Each primary operation is REGRESSED or IMPROVED (p < 0.05 by an exact
permutation test with Holm's correction, and by 5 % at p50, 10 % at p95 or p99,
or 1 point of errors), EQUIVALENT (the 95 % interval lies within those margins)
or INCONCLUSIVE, with how many runs it would take. With one run a side there
are differences and no verdict.

Runs of different profiles, agents or slload versions, or of different verdicts
on the generator, and grids of their own beside embedded ones are refused; so is
a run that was scaled (also by --agents) or paused by hand, cut off, ended early
or resumed, that lost load, or whose generator was INVALID.

Exit codes: 0 nothing regressed; 4 a regression; 5 inconclusive, or no verdict;
2 the runs can't be compared.`,
		Example: `  slload compare runs/before-* -- runs/after-*
  slload compare --primary login,msg.chat --format markdown runs/a1 runs/a2 -- runs/b1 runs/b2`,
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.check(); err != nil {
				return err
			}
			at := c.ArgsLenAtDash()
			if at < 0 && len(args) == 2 {
				at = 1 // two runs need no dashes
			}
			if at < 1 || at >= len(args) {
				return &usageError{errors.New("want run directories on both sides of --, after the flags: slload compare BASE... -- NEW... (see --help)")}
			}
			if i := slices.IndexFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "--") }); i >= 0 {
				return &usageError{fmt.Errorf("%s stands behind the --, where only run directories do: flags come before it", args[i])}
			}
			return f.compare(c, args[:at], args[at:])
		},
	}
	f.register(c)
	return c
}

// compare compares the runs in the directories and tells what came out.
func (f *compareFlags) compare(c *cobra.Command, base, fresh []string) error {
	a, err := readRuns(base)
	if err != nil {
		return err
	}
	b, err := readRuns(fresh)
	if err != nil {
		return err
	}
	comparison, err := compare.Compare(a, b, f.Options)
	if err != nil {
		return err
	}
	if err := comparisonFormats[f.format](comparison, c.OutOrStdout()); err != nil {
		return err
	}
	if code := comparisonCode(comparison.Verdict); code != exitOK {
		return &silentError{code}
	}
	return nil
}

func readRuns(dirs []string) ([]*results.SteadyState, error) {
	var list []*results.SteadyState
	for _, dir := range dirs {
		r, err := results.ReadSteadyState(dir)
		if err != nil {
			return nil, &usageError{err}
		}
		list = append(list, r)
	}
	return list, nil
}
