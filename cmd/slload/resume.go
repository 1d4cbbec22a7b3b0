package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
	"github.com/slload/slload/swarm"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newResume(logs *logging) *cobra.Command {
	return &cobra.Command{
		Use:   "resume DIR",
		Short: "Go on with a run that broke off",
		Long: `Go on with the run in DIR, made by slload run or slload soak, whatever ended it
before its plan did: a crash, a kill -9, a power cut, a Ctrl-C. The agents log in
again at the profile's rate, in a phase called resume, and the rest of the plan
follows. At most the last 10 s before a crash are lost.

It is the same run, with the flags that it was begun with, in the same directory,
as a new segment. The time between is a phase called gap: manifest.json,
events.jsonl, the summary and report.html tell of it, and slload compare refuses
such a run. An embedded grid begins anew.`,
		Example: "  slload resume runs/20261122-175633-soak-3f2a",
		Args:    oneDir,
		RunE: func(c *cobra.Command, args []string) error {
			if m, err := results.ReadManifest(args[0]); err == nil && ledByController(m) {
				return &usageError{fmt.Errorf("the run in %s was led by slload controller: go on with slload controller --resume %s", args[0], args[0])}
			}
			in, err := results.ReadInterrupted(args[0])
			if err != nil {
				return &usageError{err}
			}
			defer func() { _ = in.Close() }() // the run has done so, if it came so far
			return goOn(c, in, logs)
		},
	}
}

// goOn resumes a run.
func goOn(c *cobra.Command, in *results.Interrupted, logs *logging) error {
	f, err := recall(in.Manifest.Command)
	if err != nil {
		return &usageError{fmt.Errorf("resume %s: %w", in.Dir, err)}
	}
	p, err := profiles.Parse(in.Profile, "config.yaml", swarm.CheckProfile)
	if err == nil {
		err = p.Resolve()
	}
	if err != nil {
		return &usageError{fmt.Errorf("resume %s: %w", in.Dir, err)}
	}
	if in.Manifest.EmbeddedGrid {
		p.Grid.LoginURI = ""
	}
	f.resume, f.out = in, in.Dir
	p.Seed = in.Manifest.Seed
	fmt.Fprintf(c.ErrOrStderr(), "slload: the run in %s broke off at %s of %s and goes on there\n", in.Dir, clock(in.Plan), clock(p.Length()))
	return f.play(c, p, nil, logs)
}

// ledByController tells a run that workers made.
func ledByController(m *results.Manifest) bool {
	return len(m.Command) > 0 && m.Command[0] == "controller"
}

// ofConfig are the flags that a run's config.yaml and manifest hold, and those
// of one process.
var ofConfig = []string{"login-uri", "agents", "duration", "warmup", "seed", "out", "tag", "accounts", "log-level", "log-format", "pprof", "help", "resume"}

// ofFiles are those that name files: the run may be resumed from another
// directory.
var ofFiles = []string{"ca", "pcap", "token-file", "tls-cert", "tls-key"}

// remember gives the subcommand and its other flags, as recall takes them.
func remember(c *cobra.Command) []string {
	words := []string{c.Name()}
	c.Flags().Visit(func(flag *pflag.Flag) {
		if slices.Contains(ofConfig, flag.Name) {
			return
		}
		if list, ok := flag.Value.(pflag.SliceValue); ok {
			for _, one := range list.GetSlice() {
				words = append(words, "--"+flag.Name+"="+one)
			}
			return
		}
		value := flag.Value.String()
		if slices.Contains(ofFiles, flag.Name) {
			if path, err := filepath.Abs(value); err == nil {
				value = path
			}
		}
		words = append(words, "--"+flag.Name+"="+value)
	})
	return words
}

// recall gives the flags that remember remembered.
func recall(words []string) (*runFlags, error) {
	if len(words) == 0 {
		return nil, errors.New("it was not made by slload run or slload soak; only those can be resumed")
	}
	var f runFlags
	c := &cobra.Command{Use: words[0]}
	f.registerRun(c)
	if err := c.ParseFlags(words[1:]); err != nil {
		return nil, fmt.Errorf("the flags in its manifest.json: %w", err)
	}
	f.command = words
	if words[0] == "soak" {
		f.ending = tellGrowth
	}
	return &f, nil
}
