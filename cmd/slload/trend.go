package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/slload/slload/results/history"
	"github.com/spf13/cobra"
)

// trendFormats are the ways to write a trend.
var trendFormats = map[string]func(*history.Trend, io.Writer) error{
	"text": (*history.Trend).WriteText, "html": (*history.Trend).WriteHTML,
	"json": func(t *history.Trend, w io.Writer) error { return writeIndented(w, t) },
}

func newTrend() *cobra.Command {
	var f historyFlags
	var by string
	c := &cobra.Command{
		Use:   "trend METRIC",
		Short: "Follow a figure over builds",
		Long: `Follow a figure over builds: the runs are grouped by their tag build (--by), in
the order of each one's first run. METRIC is an operation and p50, p90, p95, p99,
mean, max or errors, such as login.p95, in the runs' steady state. Of a build's
runs the geometric mean is told, with the least and the most.

Runs whose generator was INVALID, that were cut off, scaled or paused by hand are
left out. A trend is no verdict: slload compare makes those.`,
		Example: `  slload trend login.p95 --tag grid=staging
  slload trend msg.chat.errors --profile crowd --format html > chat.html`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &usageError{fmt.Errorf("%s takes one metric, such as login.p95, not %d; see %s --help", c.CommandPath(), len(args), c.CommandPath())}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			write := trendFormats[f.format]
			if write == nil {
				return &usageError{fmt.Errorf("--format %q: want text, html or json", f.format)}
			}
			metric, err := history.ParseMetric(args[0])
			if err != nil {
				return &usageError{err}
			}
			x, filter, err := f.open(c)
			if err != nil {
				return err
			}
			defer func() { _ = x.Close() }() // it can be made anew at any time
			trend, err := x.Trend(c.Context(), metric, by, filter)
			if errors.As(err, new(*history.MetricError)) {
				return &usageError{err}
			}
			if err != nil {
				return err
			}
			return write(trend, c.OutOrStdout())
		},
	}
	f.register(c)
	fl := c.Flags()
	fl.StringVar(&by, "by", "build", "tag whose values are the builds")
	fl.StringVar(&f.format, "format", "text", "text, html or json")
	must(c.RegisterFlagCompletionFunc("format", fixed("text", "html", "json")))
	return c
}
