package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/slload/slload/results"
	"github.com/slload/slload/swarm"
	"github.com/slload/slload/swarm/control"
	"github.com/spf13/cobra"
)

// ctlCommands are what can be asked of a run.
var ctlCommands = []string{"pause", "resume", "scale", "stop", "status"}

func newCtl() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "ctl DIR pause|resume|scale N|stop|status",
		Short: "Steer a run that goes on",
		Long: `Steer the run that goes on in DIR, and tell how it stands:

  pause    no action and no login begins until resume; agents stay in world
  resume   go on where it stood: what was to come comes later, by the pause
  scale N  have N agents from now on, whatever the profile says
  stop     log out and write the results, as the first Ctrl-C does
  status   only tell

A pause is a phase of its own, which no verdict is about. A run that was paused
or scaled is marked, and slload compare refuses it.

The run listens at control.sock in its directory, for its own user alone.

Exit codes: 0 done; 3 the run refuses, as one that is paused already; 2 nothing
runs in DIR, or usage.`,
		Example: `  slload ctl runs/20261122-175633-crowd-3f2a status
  slload ctl runs/soak scale 200
  slload ctl runs/soak status --format json`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) < 2 {
				return &usageError{fmt.Errorf("want a run directory and one of %s; see %s --help", strings.Join(ctlCommands, ", "), c.CommandPath())}
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			switch len(args) {
			case 0:
				return nil, cobra.ShellCompDirectiveFilterDirs
			case 1:
				return ctlCommands, cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return &usageError{fmt.Errorf("--format %q: want text or json", format)}
			}
			status, err := steer(c, args[0], args[1:])
			if err != nil {
				return err
			}
			return writeStatus(c.OutOrStdout(), status, format)
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	must(c.RegisterFlagCompletionFunc("format", fixed("text", "json")))
	return c
}

// steer asks the run in dir for one of ctlCommands.
func steer(c *cobra.Command, dir string, words []string) (status *swarm.Status, err error) {
	n := 0
	switch {
	case !slices.Contains(ctlCommands, words[0]):
		return nil, &usageError{fmt.Errorf("%q: want one of %s", words[0], strings.Join(ctlCommands, ", "))}
	case words[0] == "scale" && len(words) == 2:
		if n, err = strconv.Atoi(words[1]); err != nil || n < 0 {
			return nil, &usageError{fmt.Errorf("scale %q: want a number of agents", words[1])}
		}
	case words[0] == "scale" || len(words) > 1:
		return nil, &usageError{fmt.Errorf("want pause, resume, scale N, stop or status, not %q", strings.Join(words, " "))}
	}
	run := control.Dial(dir)
	switch ctx := c.Context(); words[0] {
	case "pause":
		status, err = run.Pause(ctx)
	case "resume":
		status, err = run.Resume(ctx)
	case "scale":
		status, err = run.Scale(ctx, n)
	case "stop":
		status, err = run.Stop(ctx)
	default:
		status, err = run.Status(ctx)
	}
	return status, ctlError(dir, err)
}

// ctlError tells by its type what came of asking the run in dir.
func ctlError(dir string, err error) error {
	var refused *control.RefusedError
	switch {
	case errors.As(err, new(*control.EndedError)):
		if _, missing := results.ReadManifest(dir); missing != nil {
			return &usageError{missing}
		}
		return &usageError{err}
	case errors.As(err, new(*control.StaleError)):
		return &usageError{err}
	case errors.As(err, &refused) && refused.Code == 400:
		return &usageError{err}
	case errors.As(err, &refused):
		return &checkError{err}
	}
	return err
}

func writeStatus(w io.Writer, s *swarm.Status, format string) error {
	if format == "json" {
		return writeIndented(w, s)
	}
	state := s.State
	if s.Phase != s.State {
		state += ", " + s.Phase
	}
	fmt.Fprintf(w, "%s: %s, %s of %s", s.Profile, state, clock(inSeconds(s.PlanSeconds)), clock(inSeconds(s.PlannedSeconds)))
	if s.PausedSeconds >= 1 {
		fmt.Fprintf(w, ", paused for %s", clock(inSeconds(s.PausedSeconds)))
	}
	if s.HandScaled {
		fmt.Fprint(w, ", scaled by hand")
	}
	fmt.Fprintf(w, "\n%-10s %d of %d in world, %d logins, %d failed, %d lost\n", "agents", s.Agents.InWorld, s.Agents.Target,
		s.Agents.Logins, s.Agents.LoginFailures, s.Agents.Lost)
	a := s.Actions
	fmt.Fprintf(w, "%-10s %d intended, %d started, %d late, %d dropped, %d failed\n", "actions", a.Intended, a.Started, a.Late, a.Dropped, a.Failed)
	_, err := fmt.Fprintf(w, "%-10s %s\n", "generator", strings.Join(append([]string{string(s.Verdict.Generator)}, s.Verdict.Reasons...), ", "))
	return err
}
