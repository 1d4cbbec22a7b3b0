package main

import (
	"fmt"

	"github.com/slload/slload/results"
	"github.com/spf13/cobra"
)

func newReportRun() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "report DIR",
		Short: "Tell what a run came to, and rebuild its summary if need be",
		Long: `Tell what the run in DIR came to. Where the run was cut off, summary.json is made
from what was logged up to then, and written.

Exit codes: 0 ok; 3 a threshold failed; 6 the generator was INVALID; 2 DIR holds
no run.`,
		Example: "  slload report runs/20261122-175633-crowd-3f2a\n  slload report --format json runs/before",
		Args:    oneDir,
		RunE: func(c *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return &usageError{fmt.Errorf("--format %q: want text or json", format)}
			}
			s, err := summaryOf(args[0])
			if err != nil {
				return err
			}
			if format == "json" {
				err = exportFormats[format](c.OutOrStdout(), args[0], s)
			} else {
				err = results.WriteTable(c.OutOrStdout(), s, args[0])
			}
			if err != nil {
				return err
			}
			if code := verdictCode(s); code != exitOK {
				return &silentError{code}
			}
			return nil
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	must(c.RegisterFlagCompletionFunc("format", fixed("text", "json")))
	return c
}

// oneDir wants one argument, a run directory.
func oneDir(c *cobra.Command, args []string) error {
	if len(args) != 1 {
		return &usageError{fmt.Errorf("%s takes one run directory, not %d; see %s --help", c.CommandPath(), len(args), c.CommandPath())}
	}
	return nil
}

// summaryOf is the summary of the run in dir.
func summaryOf(dir string) (*results.Summary, error) {
	s, err := results.ReadSummary(dir)
	if err != nil {
		return nil, &usageError{err}
	}
	return s, nil
}
