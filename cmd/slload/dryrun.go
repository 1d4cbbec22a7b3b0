package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/swarm"
)

// dryRun checks all that a run checks before it begins, and tells what it would
// send to whom, without a packet and without a run directory.
func (f *runFlags) dryRun(ctx context.Context, w io.Writer, p *profiles.Profile) error {
	sources, _, err := f.source.parse()
	if err != nil {
		return err
	}
	forecast, err := swarm.Inspect(p, p.Seed, len(sources))
	if err != nil {
		return err
	}
	who, err := f.whom(ctx, p, forecast)
	if err != nil {
		return err
	}
	if err := writeForecast(w, forecast); err != nil {
		return err
	}
	fmt.Fprintln(w, "\n"+who)
	if len(f.source.ips) > 0 {
		fmt.Fprintf(w, "Packets would leave from %s.\n", strings.Join(f.source.ips, ", "))
	}
	fmt.Fprintln(w, "Nothing was sent and nothing written: this was a dry run.")
	return nil
}

// whom tells whom the run would send to, after it was found to be allowed.
func (f *runFlags) whom(ctx context.Context, p *profiles.Profile, forecast *swarm.Forecast) (string, error) {
	getenv, embedded := os.Getenv, p.Grid.LoginURI == ""
	if embedded {
		getenv = func(string) string { return "drawn" } // as the run does with it
	}
	accounts, err := p.Accounts.Open(getenv)
	if err != nil {
		return "", &usageError{err}
	}
	cfg := swarm.Config{Profile: p, Accounts: accounts, LoginURI: p.Grid.LoginURI, Target: f.target.policy, Seed: p.Seed, SimStats: f.simStats}
	if err := swarm.Allowed(ctx, cfg); err != nil {
		return "", err
	}
	if embedded {
		return "It would start a grid of its own on this machine, and send to that alone.", nil
	}
	first, last := accounts.At(0), accounts.At(forecast.Accounts-1)
	return fmt.Sprintf("It would log in at %s\nas %s %s to %s %s, and send to the simulators that this names, as far as\nthey are allowed targets.",
		p.Grid.LoginURI, first.First, first.Last, last.First, last.Last), nil
}
