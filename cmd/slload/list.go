package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/slload/slload/results/history"
	"github.com/spf13/cobra"
)

// historyFlags are the flags of what reads the history of runs.
type historyFlags struct {
	dir              string
	tags             []string
	profile, verdict string
	rebuild          bool
	format           string
}

func (f *historyFlags) register(c *cobra.Command) {
	fl := c.Flags()
	fl.StringVar(&f.dir, "dir", "runs", "folder that the run directories lie in, also some levels down")
	fl.StringArrayVar(&f.tags, "tag", nil, "name=value that runs must have; may be given again")
	fl.StringVar(&f.profile, "profile", "", "runs of this profile alone")
	fl.StringVar(&f.verdict, "verdict", "", "VALID, SUSPECT or INVALID, or pass, fail or none of the thresholds")
	fl.BoolVar(&f.rebuild, "rebuild", false, "make the index anew")
	must(c.RegisterFlagCompletionFunc("verdict", fixed("VALID", "SUSPECT", "INVALID", "pass", "fail", "none")))
	must(c.MarkFlagDirname("dir"))
}

// open opens the index, and names on stderr what can't be read.
func (f *historyFlags) open(c *cobra.Command) (*history.Index, history.Filter, error) {
	filter := history.Filter{Profile: f.profile, Verdict: f.verdict}
	var err error
	if filter.Tags, err = parseTags(f.tags); err != nil {
		return nil, filter, err
	}
	if _, err := os.Stat(f.dir); err != nil {
		return nil, filter, &usageError{fmt.Errorf("look for runs: %w; name their folder with --dir", err)}
	}
	x, err := history.Open(c.Context(), f.dir, f.rebuild)
	if err != nil {
		return nil, filter, err
	}
	problems, err := x.Problems(c.Context())
	if err != nil {
		return nil, filter, errors.Join(err, x.Close())
	}
	for _, p := range problems {
		fmt.Fprintf(c.ErrOrStderr(), "slload: warning: %q is left out: %s\n", p.Dir, oneLine(errors.New(p.Why)))
	}
	return x, filter, nil
}

func newList() *cobra.Command {
	var f historyFlags
	c := &cobra.Command{
		Use:   "list",
		Short: "List the runs that were made",
		Long: `List runs, newest first. They are found in an index of the run directories,
` + history.File + ` in their folder, which is brought up to date each time; the
directories stay the truth. Directories that can't be read are named.`,
		Example: `  slload list
  slload list --tag build=1.4 --verdict fail
  slload list --profile crowd --format json`,
		Args: atMost(0),
		RunE: func(c *cobra.Command, _ []string) error {
			if f.format != "text" && f.format != "json" {
				return &usageError{fmt.Errorf("--format %q: want text or json", f.format)}
			}
			x, filter, err := f.open(c)
			if err != nil {
				return err
			}
			defer func() { _ = x.Close() }() // it can be made anew at any time
			runs, err := x.Runs(c.Context(), filter)
			if err != nil {
				return err
			}
			if f.format == "json" {
				return writeIndented(c.OutOrStdout(), runs)
			}
			return history.WriteList(c.OutOrStdout(), runs)
		},
	}
	f.register(c)
	c.Flags().StringVar(&f.format, "format", "text", "text or json")
	must(c.RegisterFlagCompletionFunc("format", fixed("text", "json")))
	return c
}

// writeIndented writes v as JSON that people can read.
func writeIndented(w io.Writer, v any) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(v)
}
