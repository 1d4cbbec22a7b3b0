package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
	"github.com/slload/slload/swarm"
	"github.com/spf13/cobra"
)

// runFlags are the flags of `slload run`.
type runFlags struct {
	loginURI, accounts, out, transport, pcap, pprof string
	shards                                          int
	dry                                             bool
	plain                                           bool
	tags, simStats                                  []string
	protocol                                        protocolFlag
	source                                          sourceFlags
	grid                                            gridFlags
	target                                          targetFlags
	web                                             webFlags
	planFlags

	ending     func(c *cobra.Command, dir string) // tells more of the run at its end; may be nil
	interrupts *interrupts                        // not a flag: how a run is ended early
	untouched  bool                               // no key changes it: it is one of several that must be alike
	command    []string                           // for the manifest
	resume     *results.Interrupted               // the run to go on with; nil: a new one
	player     player                             // who makes the run; nil: this process
}

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

// registerRun gives a command the flags of a run that this process makes.
func (f *runFlags) registerRun(c *cobra.Command) {
	f.registerWhole(c)
	f.registerOwn(c)
	fl := c.Flags()
	fl.BoolVar(&f.dry, "dry-run", false, "check everything and tell what would be sent, without sending or writing anything")
	fl.StringVar(&f.pcap, "pcap", "", "write what the first agent sends and receives to this file, the newest 256 MB of it")
}

// registerWhole gives a command the flags of one run, whoever makes it.
func (f *runFlags) registerWhole(c *cobra.Command) {
	fl := c.Flags()
	fl.StringVar(&f.loginURI, "login-uri", "", "the grid's login address; left out: the profile's, or the embedded grid")
	f.protocol.register(c, "the profile's, or xmlrpc")
	f.registerPlan(fl)
	fl.StringVarP(&f.out, "out", "o", "", "run directory (default runs/<id of the run>)")
	f.registerAny(c)
	f.grid.register(c)
	fl.StringArrayVar(&f.simStats, "sim-stats", nil, "address of an OpenSimulator that tells of itself at /jsonSimStats/ and /ManagedStats/, to set beside the latencies; may be given again")
	fl.StringVar(&f.pprof, "pprof", "", "serve Go's profiles at this loopback address")
}

// register gives a command the flags of everything that makes runs in this
// process.
func (f *runFlags) register(c *cobra.Command) {
	f.registerAny(c)
	f.registerOwn(c)
}

// registerAny gives a command the flags of all that makes runs.
func (f *runFlags) registerAny(c *cobra.Command) {
	fl := c.Flags()
	fl.StringArrayVar(&f.tags, "tag", nil, "name=value to find the run by; may be given again")
	fl.BoolVar(&f.plain, "plain", false, "plain lines, also on a terminal")
	fl.IntVar(&f.shards, "shards", 0, "loops that share the agents; 0: as many as it takes")
	fl.StringVar(&f.transport, "transport", "auto", "how UDP is done: auto, shared, epoll or portable")
	f.target.register(c)
	f.target.registerMost(c)
	f.web.register(fl)
	must(c.RegisterFlagCompletionFunc("transport", fixed("auto", "shared", "epoll", "portable")))
}

// registerOwn gives a command the flags of a process that has agents.
func (f *runFlags) registerOwn(c *cobra.Command) {
	c.Flags().StringVar(&f.accounts, "accounts", "", "CSV file of accounts, with the header first,last,password")
	f.source.register(c)
	must(c.MarkFlagFilename("accounts", "csv"))
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

// profile loads the profile and applies the flags that change it.
func (f *runFlags) profile(c *cobra.Command, name string) (*profiles.Profile, error) {
	p, err := f.load(c.Flags(), name)
	if err != nil {
		return nil, err
	}
	if f.loginURI != "" {
		p.Grid.LoginURI = f.loginURI
	}
	if f.protocol.Protocol != "" {
		p.Grid.LoginProtocol = profiles.LoginProtocol(f.protocol.Protocol)
	}
	if f.accounts != "" {
		path, err := filepath.Abs(f.accounts) // the run may be resumed from another directory
		if err != nil {
			return nil, fmt.Errorf("--accounts: %w", err)
		}
		p.Accounts = profiles.AccountSource{CSV: path, PasswordEnv: p.Accounts.PasswordEnv}
	}
	if err := p.Resolve(); err != nil {
		return nil, &usageError{err}
	}
	return p, nil
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

func parseTags(pairs []string) (map[string]string, error) {
	tags := map[string]string{}
	for _, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || name == "" {
			return nil, &usageError{fmt.Errorf("--tag %q: want name=value", pair)}
		}
		tags[name] = value
	}
	return tags, nil
}
