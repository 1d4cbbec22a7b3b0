package main

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
	"github.com/slload/slload/swarm"
	"github.com/spf13/cobra"
)

// player makes a run, as swarm.Run does, and says to w what people should know.
type player func(ctx, cut context.Context, cfg swarm.Config, w io.Writer) (*results.Summary, error)

// here has this process make a run.
func here(ctx, cut context.Context, cfg swarm.Config, _ io.Writer) (*results.Summary, error) {
	return swarm.Run(ctx, cut, cfg)
}

func newRun(logs *logging) *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use:   "run [PROFILE]",
		Short: "Run a profile against a grid and report its latencies",
		Long: `Run a profile: a built-in's name or a YAML file; crowd when left out. Without
--login-uri (or grid.login_uri in the profile) the run starts an embedded grid,
a process of its own on this machine, and needs no accounts.

Accounts are Load Bot1, Load Bot2, ... with the password in SLLOAD_PASSWORD,
unless the profile or --accounts (a CSV file: first,last,password) says others.

The first Ctrl-C logs the agents out and writes the results; the second ends
at once.`,
		Example: `  slload run
  slload run crowd --agents 200 --duration 20s
  slload run crowd --login-uri http://127.0.0.1:9000/ --accounts accounts.csv --agents 20 --duration 60s
  slload run crowd --source-ip 127.0.1.0/24
  slload run idle-1000 --agents 5000 --grid-regions 4 --grid-interest 10
  slload run my.yaml --seed 7 --tag build=1.4 --out runs/before`,
		Args:              atMost(1),
		ValidArgsFunction: completeProfile,
		RunE: func(c *cobra.Command, args []string) error {
			name := "crowd"
			if len(args) == 1 {
				name = args[0]
			}
			return f.run(c, name, logs)
		},
	}
	f.registerRun(c)
	return c
}

func (f *runFlags) run(c *cobra.Command, name string, logs *logging) error {
	profile, err := f.profile(c, name)
	if err != nil {
		return err
	}
	if err := f.grid.check(c, profile.Grid.LoginURI); err != nil {
		return err
	}
	tags, err := parseTags(f.tags)
	if err != nil {
		return err
	}
	if f.dry {
		return f.dryRun(c.Context(), c.OutOrStdout(), profile)
	}
	f.command = remember(c)
	return f.play(c, profile, tags, logs)
}

// play makes the run, or goes on with one, and tells what it came to.
func (f *runFlags) play(c *cobra.Command, profile *profiles.Profile, tags map[string]string, logs *logging) error {
	stop, release := catchInterrupts(c.Context())
	defer release()
	f.interrupts = stop

	stopPprof, err := servePprof(f.pprof)
	if err != nil {
		return err
	}
	defer stopPprof()
	f.target.warn(c.ErrOrStderr())
	stopWeb, err := f.web.listen(c.ErrOrStderr())
	if err != nil {
		return err
	}
	defer stopWeb()
	summary, err := f.once(stop.ctx, stop.cut, profile, f.out, tags, logs, newView(c.ErrOrStderr(), f.plain))
	return f.conclude(c, summary, err)
}

// once makes one run of the profile into dir ("": one by the run's id). Cut
// ends it at once, ctx in order. The summary is there with an error, too, where
// the run got so far.
func (f *runFlags) once(ctx, cut context.Context, p *profiles.Profile, dir string, tags map[string]string, logs *logging, view *view) (*results.Summary, error) {
	sources, ports, err := f.source.parse()
	if err != nil {
		return nil, err
	}
	play := f.player
	if play == nil {
		play = here
		defer tune(p, p.Peak())()
	}
	cfg := swarm.Config{
		Profile: p, LoginURI: p.Grid.LoginURI, Target: f.target.policy, Seed: p.Seed, Shards: f.shards,
		Transport: circuit.TransportMode(f.transport), Sources: sources, SourcePorts: ports,
		Out: dir, Tags: tags, Version: version, OnProgress: view.progress, SimStats: f.simStats, Command: f.command, Resume: f.resume,
		Log: func(runLog io.Writer) *slog.Logger {
			return slog.New(slog.NewMultiHandler(logs.handler(view, never), logs.handler(runLog, slog.LevelInfo)))
		},
	}
	grid, end, err := f.equip(&cfg, logs, view)
	if err != nil {
		return nil, err
	}
	ctx, unguard := grid.guard(ctx)
	defer unguard()
	cut, unguardCut := grid.guard(cut)
	defer unguardCut()
	closeControl := f.letSteer(&cfg, view)
	f.web.join(&cfg)
	f.show(&cfg, view)
	summary, err := play(ctx, cut, cfg, view)
	f.web.end(dir, summary, err, view)
	view.end()
	closeControl()
	return summary, errors.Join(err, end())
}

// show has the run shown: at once, or when those who make it are there.
func (f *runFlags) show(cfg *swarm.Config, view *view) {
	open := view.begin(cfg.Profile, *cfg, f.keys(cfg.Control))
	if f.player == nil {
		open()
		return
	}
	began := cfg.OnBegin
	cfg.OnBegin = func(dir string) { open(); began(dir) }
}

// conclude prints the summary, has the page drawn and turns the verdict into the exit code.
func (f *runFlags) conclude(c *cobra.Command, s *results.Summary, err error) error {
	if s != nil {
		if werr := results.WriteTable(c.OutOrStdout(), s, f.dir(s)); werr != nil {
			return errors.Join(err, werr)
		}
		if f.ending != nil {
			f.ending(c, f.dir(s))
		}
		tellPage(c, f.dir(s))
	}
	if err != nil || s == nil {
		return err
	}
	if code := verdictCode(s); code != exitOK {
		return &silentError{code}
	}
	return nil
}

// dir is where the run's results are.
func (f *runFlags) dir(s *results.Summary) string {
	if f.out != "" {
		return f.out
	}
	return "runs/" + s.Run.ID
}
