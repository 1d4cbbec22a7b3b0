package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/swarm"
	"github.com/spf13/cobra"
)

func newValidate() *cobra.Command {
	return &cobra.Command{
		Use:   "validate PROFILE...",
		Short: "Check profiles: keys, values, behaviours and their parameters",
		Long: `Check profiles without a grid. A profile that is sound gets a line on stdout, one
that isn't a line on stderr for each of its problems, with line, column and the
key that is nearest to a mistyped one. The exit code is 2 if any isn't sound.`,
		Example: "  slload validate crowd my.yaml\n  slload validate profiles/*.yaml",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{errors.New("want a profile at least: a file, or a built-in's name")}
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return profiles.Builtins(), cobra.ShellCompDirectiveDefault
		},
		RunE: func(c *cobra.Command, args []string) error {
			unsound := false
			for _, name := range args {
				p, err := profiles.Load(name, swarm.CheckProfile)
				if err != nil {
					unsound = true
					tellProblems(c.ErrOrStderr(), err)
					continue
				}
				fmt.Fprintf(c.OutOrStdout(), "%s: ok, %s: %d agents for %v\n", name, p.Name, p.Peak(), p.Length())
			}
			if unsound {
				return &silentError{exitUsage}
			}
			return nil
		},
	}
}

// tellProblems says everything that is wrong with a profile: an error that is
// printed stops after ten, and here one wants them all.
func tellProblems(w io.Writer, err error) {
	var all profiles.Errors
	if !errors.As(err, &all) {
		fmt.Fprintf(w, "slload: %s\n", oneLine(err))
		return
	}
	for _, e := range all {
		fmt.Fprintf(w, "slload: %v\n", e)
	}
}
