package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/slload/slload/results"
	"github.com/spf13/cobra"
)

// exportFormats write the run in dir for other programs.
var exportFormats = map[string]func(w io.Writer, dir string, s *results.Summary) error{
	"csv": func(w io.Writer, _ string, s *results.Summary) error { return results.WriteCSV(w, s) },
	"json": func(w io.Writer, _ string, s *results.Summary) error {
		out := json.NewEncoder(w)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		return out.Encode(s)
	},
	"hlog": func(w io.Writer, dir string, _ *results.Summary) error { return results.CopyHlog(w, dir) },
	"junit": func(w io.Writer, dir string, s *results.Summary) error {
		m, err := results.ReadManifest(dir)
		if err != nil {
			return err
		}
		return results.WriteJUnit(w, m, s)
	},
}

func newExport() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "export DIR",
		Short: "Write a run's results for other programs",
		Long: `Write the results of the run in DIR to the standard output:

  csv    a line for each phase, operation and kind of time; times in ns
  json   the summary
  hlog   the histograms in HdrHistogram's log format, as they were logged
  junit  JUnit's XML, with a case for the generator and one for each threshold`,
		Example: "  slload export runs/before --format csv > before.csv",
		Args:    oneDir,
		RunE: func(c *cobra.Command, args []string) error {
			write := exportFormats[format]
			if write == nil {
				return &usageError{fmt.Errorf("--format %q: want csv, json, hlog or junit", format)}
			}
			s, err := summaryOf(args[0])
			if err != nil {
				return err
			}
			return write(c.OutOrStdout(), args[0], s)
		},
	}
	c.Flags().StringVar(&format, "format", "csv", "csv, json, hlog or junit")
	must(c.RegisterFlagCompletionFunc("format", fixed("csv", "json", "hlog", "junit")))
	return c
}
