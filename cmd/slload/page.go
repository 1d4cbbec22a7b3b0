package main

import (
	"fmt"

	"github.com/slload/slload/results/page"
	"github.com/spf13/cobra"
)

// writePage writes the page of the run in dir and returns its path. A page that
// can't be written takes nothing from a run: it is a warning, and no path.
func writePage(c *cobra.Command, dir string) (path string) {
	path, err := page.Write(dir)
	if err != nil {
		fmt.Fprintf(c.ErrOrStderr(), "slload: warning: no report.html: %s\n", oneLine(err))
		return ""
	}
	return path
}

// tellPage writes the page of the run in dir and tells where it is.
func tellPage(c *cobra.Command, dir string) {
	if path := writePage(c, dir); path != "" {
		fmt.Fprintf(c.OutOrStdout(), "%-12s%s\n", "Page", path)
	}
}
