package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/slload/slload/results"
	"github.com/slload/slload/results/page"
	"github.com/spf13/cobra"
)

var reportFormats = []string{"text", "json", "html"}

func newReport() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "report DIR",
		Short: "Tell what a run came to, and rebuild its summary if need be",
		Long: `Tell what the run in DIR came to, and draw it: report.html in DIR is a page that
needs no network. Where the run was cut off, summary.json is made from what was
logged up to then, and written.

With --format json the summary, with --format html the page goes to the standard
output instead.

Exit codes: 0 ok; 3 a threshold failed; 6 the generator was INVALID; 2 DIR holds
no run.`,
		Example: "  slload report runs/20261122-175633-crowd-3f2a\n  slload report --format json runs/before",
		Args:    oneDir,
		RunE: func(c *cobra.Command, args []string) error {
			if !slices.Contains(reportFormats, format) {
				return &usageError{fmt.Errorf("--format %q: want text, json or html", format)}
			}
			s, err := summaryOf(args[0])
			if err != nil {
				return err
			}
			if err := report(c, format, args[0], s); err != nil {
				return err
			}
			if code := verdictCode(s); code != exitOK {
				return &silentError{code}
			}
			return nil
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text, json or html")
	must(c.RegisterFlagCompletionFunc("format", fixed(reportFormats...)))
	return c
}

// report tells of the run in dir.
func report(c *cobra.Command, format, dir string, s *results.Summary) error {
	switch format {
	case "json":
		return exportFormats[format](c.OutOrStdout(), dir, s)
	case "html":
		return drawPage(c.OutOrStdout(), dir)
	}
	if err := results.WriteTable(c.OutOrStdout(), s, dir); err != nil {
		return err
	}
	tellPage(c, dir)
	return nil
}

// drawPage writes the page of the run in dir to w.
func drawPage(w io.Writer, dir string) error {
	r, err := page.Read(dir)
	if err != nil {
		return &usageError{err}
	}
	return r.WriteHTML(w)
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
