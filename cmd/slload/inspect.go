package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/slload/slload/swarm"
	"github.com/spf13/cobra"
)

func newInspect() *cobra.Command {
	var f planFlags
	var format string
	c := &cobra.Command{
		Use:   "inspect [PROFILE]",
		Short: "Show what a run would do and take, without traffic",
		Long: `Show the schedule of a run, its logins and actions, and what it takes of this
machine, without traffic; crowd when the profile is left out. The same flags as
those of run change the plan. Memory and packets are estimates from measurements
of idle agents.`,
		Example:           "  slload inspect crowd --agents 2000\n  slload inspect my.yaml --format json",
		Args:              atMost(1),
		ValidArgsFunction: completeProfile,
		RunE: func(c *cobra.Command, args []string) error {
			name := "crowd"
			if len(args) == 1 {
				name = args[0]
			}
			if format != "text" && format != "json" {
				return &usageError{fmt.Errorf("--format %q: want text or json", format)}
			}
			p, err := f.load(c.Flags(), name)
			if err != nil {
				return err
			}
			forecast, err := swarm.Inspect(p, f.seed, 0)
			if err != nil {
				return err
			}
			if format == "text" {
				return writeForecast(c.OutOrStdout(), forecast)
			}
			out := json.NewEncoder(c.OutOrStdout())
			out.SetIndent("", "  ")
			return out.Encode(forecast)
		},
	}
	f.registerPlan(c.Flags())
	c.Flags().StringVar(&format, "format", "text", "text or json")
	must(c.RegisterFlagCompletionFunc("format", fixed("text", "json")))
	return c
}

func writeForecast(w io.Writer, f *swarm.Forecast) error {
	if err := writePlan(w, f); err != nil {
		return err
	}
	n := f.Needs
	fmt.Fprintf(w, "\nIt takes about %d MiB of memory, %d UDP socket(s), up to %d HTTP connections,\n%d file descriptors in all, and sends about %.0f packets a second and more.\n",
		n.Memory>>20, n.UDPSockets, n.Connections, n.Descriptors, n.Packets)
	for _, s := range f.Thresholds {
		fmt.Fprintf(w, "must hold: %s\n", s)
	}
	for _, s := range f.Missing {
		fmt.Fprintf(w, "missing here: %s\n", s)
	}
	return nil
}

// writePlan tells what of a forecast doesn't depend on who makes the run.
func writePlan(w io.Writer, f *swarm.Forecast) error {
	grid := f.Grid
	if grid == "" {
		grid = "the embedded grid"
	}
	fmt.Fprintf(w, "%s on %s, seed %d, sha256 %.12s\n", f.Profile, grid, f.Seed, f.ProfileSHA256)
	if f.Description != "" {
		fmt.Fprintln(w, f.Description)
	}
	fmt.Fprintf(w, "%d agents at most, %d accounts, %d logins (up to %d a second), %v long\n\n",
		f.Agents, f.Accounts, f.Logins, f.LoginRate, inSeconds(f.Seconds))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "phase\tfrom\tto\tagents\t")
	for _, p := range f.Phases {
		mark := ""
		if p.Measured {
			mark = "measured"
		}
		agents := fmt.Sprint(p.Begins)
		if p.Ends != p.Begins {
			agents = fmt.Sprintf("%d to %d", p.Begins, p.Ends)
		}
		fmt.Fprintf(t, "%s\t%v\t%v\t%s\t%s\n", p.Name, inSeconds(p.From), inSeconds(p.To), agents, mark)
	}
	fmt.Fprintln(t)
	if len(f.Behaviors) > 0 {
		fmt.Fprintln(t, "behaviour\tactions\t")
	}
	for _, b := range f.Behaviors {
		about := ""
		if b.About {
			about = "about "
		}
		do := b.Do
		if group, _, grouped := strings.Cut(b.Key, "."); grouped {
			do += " (" + group + ")"
		}
		fmt.Fprintf(t, "%s\t%s%d\t\n", do, about, b.Actions)
	}
	return t.Flush()
}

func inSeconds(s float64) time.Duration {
	return time.Duration(s * float64(time.Second)).Round(10 * time.Millisecond)
}
