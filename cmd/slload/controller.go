package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/slload/slload/cluster"
	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
	"github.com/slload/slload/swarm"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// natsPort is where NATS listens unless told otherwise.
const natsPort = "4222"

// controllerFlags are the flags of `slload controller`.
type controllerFlags struct {
	run                            runFlags
	nats                           natsFlags
	workers                        int
	listen, url, cert, key, onLoss string
	resume, token                  string
	dry                            bool
	joinTimeout, lossTimeout       time.Duration
}

func newController(logs *logging) *cobra.Command {
	var f controllerFlags
	c := &cobra.Command{
		Use:   "controller [PROFILE] --workers N",
		Short: "Lead a run that workers on several machines make",
		Long: `Lead a run that workers make, each a share of it: slload worker, on this machine
or on others. The run begins when they have joined; progress, results and exit
codes are those of slload run, as if one machine had made it all.

Controller and workers speak over NATS, which the controller brings along and
which listens on loopback unless --listen says otherwise; beyond loopback it
needs --tls-cert and --tls-key. --nats uses one that is there. The token in
--token-file keeps others out; where there is no such file, one is drawn.

Without --login-uri (or grid.login_uri in the profile) the controller starts an
embedded grid on this machine, where the workers must be then, too. Accounts and
passwords are the workers' own: this process needs none, but for an embedded
grid, whose password is the one in SLLOAD_PASSWORD.

Of a worker that is lost, --on-worker-loss says what becomes: continue without
its load, rebalance (another worker goes on with it) or abort. In each case the
run is marked, and the exit code 8.

A controller that died goes on with --resume DIR, without a gap if it is back
within 40 s, when workers give up. With a PROFILE, too, --resume DIR begins the
run in DIR if there is none yet: a service can be started again with the same
line.

The first Ctrl-C ends the run in order on all workers; the second at once.`,
		Example: `  slload controller crowd --workers 2
  slload controller crowd --workers 4 --agents 12000 --login-uri http://10.0.0.9:9000/ --max-agents 12000 --listen 10.0.0.1:4222 --tls-cert tls.crt --tls-key tls.key
  slload controller evening.yaml --workers 4 --nats nats://10.0.0.1:4222 --token-file token --ca ca.crt --on-worker-loss rebalance
  slload controller crowd --workers 4 --agents 12000 --login-uri http://127.0.0.1:9000/ --dry-run
  slload controller --resume runs/20261123-044312-crowd-91c2`,
		Args:              atMost(1),
		ValidArgsFunction: completeProfile,
		RunE: func(c *cobra.Command, args []string) error {
			return f.control(c, args, logs)
		},
	}
	f.register(c)
	return c
}

func (f *controllerFlags) register(c *cobra.Command) {
	fl := c.Flags()
	f.run.registerWhole(c)
	f.nats.register(c)
	fl.IntVar(&f.workers, "workers", 0, "how many workers share the load")
	fl.StringVar(&f.listen, "listen", cluster.DefaultListen, "where the controller's own NATS listens")
	fl.StringVar(&f.url, "nats", "", "address of a NATS with JetStream to use in place of the controller's own")
	fl.StringVar(&f.cert, "tls-cert", "", "PEM file of the certificate that the controller's own NATS shows")
	fl.StringVar(&f.key, "tls-key", "", "PEM file of its key")
	fl.StringVar(&f.onLoss, "on-worker-loss", string(cluster.Continue), "what becomes of a lost worker's load: abort, continue or rebalance")
	fl.DurationVar(&f.joinTimeout, "join-timeout", cluster.DefaultJoinTimeout, "how long to wait for the workers")
	fl.DurationVar(&f.lossTimeout, "loss-timeout", cluster.DefaultLossTimeout, "how long a worker may be silent before it is lost")
	fl.StringVar(&f.resume, "resume", "", "go on with the run in this directory, whose controller died")
	fl.BoolVar(&f.dry, "dry-run", false, "check everything and tell what would be done, without listening, sending or writing anything")
	must(c.RegisterFlagCompletionFunc("on-worker-loss", fixed("abort", "continue", "rebalance")))
	must(c.MarkFlagFilename("tls-cert", "pem", "crt"))
	must(c.MarkFlagFilename("tls-key", "pem", "key"))
	must(c.MarkFlagDirname("resume"))
}

func (f *controllerFlags) control(c *cobra.Command, args []string, logs *logging) error {
	if f.resume != "" && f.run.out != "" {
		return &usageError{errors.New("--resume and --out each name the run directory: give one of them")}
	}
	dir := cmp.Or(f.resume, f.run.out)
	there := dir != "" && hasRun(dir)
	if f.dry && f.resume != "" && (there || len(args) == 0) {
		return &usageError{errors.New("--dry-run tells of a run that begins: leave --resume out")}
	}
	if f.resume != "" && (there || len(args) == 0) {
		return f.goOn(c, logs)
	}
	if there { // said before workers are waited for
		return &usageError{fmt.Errorf("%s holds a run already: name another directory, or --resume it", dir)}
	}
	f.run.out, f.resume = dir, ""
	if f.workers < 1 {
		return &usageError{fmt.Errorf("how many workers? Give --workers N; see %s --help", c.CommandPath())}
	}
	name := "crowd"
	if len(args) == 1 {
		name = args[0]
	}
	if f.dry {
		return f.dryRun(c, name)
	}
	if err := f.prepare(c); err != nil {
		return err
	}
	return f.run.run(c, name, logs)
}

// hasRun tells a run directory.
func hasRun(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "manifest.json"))
	return err == nil
}

// prepare checks what can be checked before the run, and has workers make it.
func (f *controllerFlags) prepare(c *cobra.Command) (err error) {
	if err := f.check(); err != nil {
		return err
	}
	f.token, err = f.nats.token(c.ErrOrStderr(), f.url == "")
	f.run.player = f.play
	return err
}

// check checks what flags say by themselves.
func (f *controllerFlags) check() error {
	switch cluster.Policy(f.onLoss) {
	case cluster.Abort, cluster.Continue, cluster.Rebalance:
	default:
		return &usageError{fmt.Errorf("--on-worker-loss %q: want abort, continue or rebalance", f.onLoss)}
	}
	if (f.cert == "") != (f.key == "") {
		return &usageError{errors.New("--tls-cert and --tls-key belong together: give both")}
	}
	return nil
}

// play has workers make the run.
func (f *controllerFlags) play(ctx, cut context.Context, cfg swarm.Config, w io.Writer) (*results.Summary, error) {
	if err := f.reachable(cfg); err != nil {
		return nil, err
	}
	tell := func(line string) { fmt.Fprintln(w, line) }
	if f.url != "" {
		f.tellJoin(tell, f.url)
	}
	lead := f.config(cfg)
	lead.OnListen, lead.Tell = func(url string) { f.tellJoin(tell, url) }, tell
	return cluster.Control(ctx, cut, lead)
}

// config is the run as cluster takes it.
func (f *controllerFlags) config(cfg swarm.Config) cluster.ControllerConfig {
	return cluster.ControllerConfig{
		Run: cfg, Workers: f.workers, Name: f.nats.name, Token: f.token, URL: f.url, Listen: f.listen,
		TLS:         cluster.TLS{Cert: f.cert, Key: f.key, CA: f.run.target.policy.CAFile, Plain: f.nats.plain},
		JoinTimeout: f.joinTimeout, LossTimeout: f.lossTimeout, OnLoss: cluster.Policy(f.onLoss), Resume: f.resume,
	}
}

// reachable refuses an embedded grid for workers that may be elsewhere.
func (f *controllerFlags) reachable(cfg swarm.Config) error {
	host, _, err := net.SplitHostPort(f.listen)
	if err != nil || cfg.GridCPUSeconds == nil || f.url != "" {
		return nil
	}
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return &usageError{fmt.Errorf("workers on other machines can't reach an embedded grid: give --login-uri, or leave --listen out")}
}

// tellJoin says how workers are started.
func (f *controllerFlags) tellJoin(tell func(string), url string) {
	line := f.joinLine(url)
	if f.resume != "" {
		tell("looking for the workers of the run in " + f.resume + "; where they are gone, each is started with\n  " + line)
		return
	}
	tell(fmt.Sprintf("waiting for %d worker(s); each is started with\n  %s", f.workers, line))
}

// joinLine starts a worker.
func (f *controllerFlags) joinLine(url string) string {
	words := []string{"slload", "worker", "--join", reachableURL(url)}
	if f.nats.name != cluster.DefaultName {
		words = append(words, "--name", f.nats.name)
	}
	words = append(words, "--token-file", f.nats.tokenFile)
	switch {
	case f.url != "" && f.run.target.policy.CAFile != "":
		words = append(words, "--ca", f.run.target.policy.CAFile)
	case f.url == "" && f.cert != "":
		words = append(words, "--ca", f.cert)
	}
	if f.nats.plain {
		words = append(words, "--without-tls")
	}
	return strings.Join(words, " ")
}

// reachableURL names this machine where NATS listens on all its addresses.
func reachableURL(url string) string {
	address := strings.TrimPrefix(url, "nats://")
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return url
	}
	if ip := net.ParseIP(host); host != "" && (ip == nil || !ip.IsUnspecified()) {
		return url
	}
	name, err := os.Hostname()
	if err != nil {
		return url
	}
	return "nats://" + net.JoinHostPort(name, port)
}

// goOn leads a run on whose controller died: with the flags that it had, but for
// those that are given now.
func (f *controllerFlags) goOn(c *cobra.Command, logs *logging) error {
	dir := f.resume
	m, err := results.ReadManifest(dir)
	if err != nil {
		return &usageError{err}
	}
	if !ledByController(m) {
		return &usageError{fmt.Errorf("the run in %s was not led by slload controller: slload resume %s goes on with it", dir, dir)}
	}
	g, err := recallController(m.Command, c.Flags())
	if err != nil {
		return &usageError{fmt.Errorf("resume %s: %w", dir, err)}
	}
	text, err := os.ReadFile(filepath.Join(dir, "config.yaml"))
	if err != nil {
		return &usageError{fmt.Errorf("resume %s: %w", dir, err)}
	}
	p, err := profiles.Parse(text, "config.yaml", swarm.CheckProfile)
	if err == nil {
		err = p.Resolve()
	}
	if err != nil {
		return &usageError{fmt.Errorf("resume %s: %w", dir, err)}
	}
	if m.EmbeddedGrid {
		p.Grid.LoginURI = ""
	}
	p.Seed = m.Seed
	g.resume, g.run.out = dir, dir
	g.run.command = m.Command
	if err := g.prepare(c); err != nil {
		return err
	}
	return g.run.play(c, p, nil, logs)
}

// recallController gives the flags of a run whose controller died, with those
// that are given now in their place.
func recallController(words []string, now *pflag.FlagSet) (*controllerFlags, error) {
	var g controllerFlags
	before := &cobra.Command{Use: words[0]}
	g.register(before)
	if err := before.ParseFlags(words[1:]); err != nil {
		return nil, fmt.Errorf("the flags in its manifest.json: %w", err)
	}
	var failed error
	now.Visit(func(flag *pflag.Flag) {
		known := before.Flags().Lookup(flag.Name)
		if known == nil {
			return // one that all commands have
		}
		var err error
		if list, ok := known.Value.(pflag.SliceValue); ok {
			err = list.Replace(flag.Value.(pflag.SliceValue).GetSlice())
		} else {
			err = known.Value.Set(flag.Value.String())
		}
		if err != nil && failed == nil {
			failed = fmt.Errorf("--%s: %w", flag.Name, err)
		}
	})
	return &g, failed
}
