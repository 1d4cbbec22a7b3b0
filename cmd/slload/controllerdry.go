package main

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"text/tabwriter"

	"github.com/slload/slload/cluster"
	"github.com/slload/slload/profiles"
	"github.com/slload/slload/swarm"
	"github.com/spf13/cobra"
)

// dryRun checks all that a controller checks before it listens, and tells what it
// would do, without a packet and without a file.
func (f *controllerFlags) dryRun(c *cobra.Command, name string) error {
	p, err := f.run.profile(c, name)
	if err != nil {
		return err
	}
	if err := errors.Join(f.check(), f.run.grid.check(c, p.Grid.LoginURI)); err != nil {
		return err
	}
	if _, err := parseTags(f.run.tags); err != nil {
		return err
	}
	forecast, err := swarm.Inspect(p, p.Seed, 0)
	if err != nil {
		return err
	}
	drawn, err := f.dryToken(c.ErrOrStderr())
	if err != nil {
		return err
	}
	plan, err := f.dryPlan(c, p)
	if err != nil {
		return err
	}
	w := c.OutOrStdout()
	if err := errors.Join(writePlan(w, forecast), writeShares(w, plan.SharePeaks(f.workers))); err != nil {
		return err
	}
	f.writeHow(w, p, drawn)
	fmt.Fprintln(w, "Nothing was sent and nothing written: this was a dry run.")
	return nil
}

// dryToken reads the token, or tells that one would be drawn.
func (f *controllerFlags) dryToken(w io.Writer) (drawn bool, err error) {
	if _, err := os.Stat(f.nats.tokenFile); errors.Is(err, fs.ErrNotExist) && f.url == "" {
		f.token = rand.Text() // of the same form
		return true, nil
	}
	f.token, err = f.nats.token(w, false)
	return false, err
}

// dryPlan is the plan of the run, if it may be made.
func (f *controllerFlags) dryPlan(c *cobra.Command, p *profiles.Profile) (*profiles.Plan, error) {
	cfg := swarm.Config{
		Profile: p, LoginURI: p.Grid.LoginURI, Target: f.run.target.policy, Seed: p.Seed, SimStats: f.run.simStats, Version: version,
	}
	if cfg.LoginURI == "" {
		f.run.player = f.play // others must know the password
		if _, err := f.run.gridPassword(p); err != nil {
			return nil, err
		}
		cfg.GridCPUSeconds = func() float64 { return 0 } // marks the embedded grid
	}
	if err := f.reachable(cfg); err != nil {
		return nil, err
	}
	return cluster.Check(c.Context(), f.config(cfg))
}

// writeShares tells how many agents each segment has at most.
func writeShares(w io.Writer, peaks []int) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nsegment\tagents\t")
	for from := 0; from < len(peaks); {
		to := from
		for to+1 < len(peaks) && peaks[to+1] == peaks[from] {
			to++
		}
		which := fmt.Sprint(from)
		if to > from {
			which = fmt.Sprintf("%d to %d", from, to)
		}
		fmt.Fprintf(t, "%s\t%d\t\n", which, peaks[from])
		from = to + 1
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\nEach worker makes a segment; slload doctor --agents %d says on its machine whether it can.\n", slices.Max(peaks))
	return err
}

// writeHow tells where things would be.
func (f *controllerFlags) writeHow(w io.Writer, p *profiles.Profile, drawn bool) {
	url := cmp.Or(f.url, "nats://"+f.listen)
	switch {
	case f.url != "":
		fmt.Fprintf(w, "It would use the NATS at %s,\n", url)
	case f.cert != "":
		fmt.Fprintf(w, "It would listen at %s with a NATS of its own and the certificate in %s,\n", f.listen, f.cert)
	default:
		fmt.Fprintf(w, "It would listen at %s with a NATS of its own, without TLS,\n", f.listen)
	}
	token := "with the token in " + f.nats.tokenFile
	if drawn {
		token = "with a token that it would draw into " + f.nats.tokenFile
	}
	fmt.Fprintf(w, "%s, and wait %v for %d workers, each started with\n  %s\n", token, f.joinTimeout, f.workers, f.joinLine(url))
	if p.Grid.LoginURI == "" {
		fmt.Fprintln(w, "It would start a grid of its own on this machine, where the workers must be, too.")
	} else {
		fmt.Fprintf(w, "They would log in at %s\nwith the accounts that each of them has, and send to the simulators that this names,\nas far as they are allowed targets.\n", p.Grid.LoginURI)
	}
	fmt.Fprintf(w, "Results would go into %s.\n", cmp.Or(f.run.out, "runs/<id of the run>"))
}
