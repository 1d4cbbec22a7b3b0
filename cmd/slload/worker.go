package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/slload/slload/cluster"
	"github.com/spf13/cobra"
)

// workerFlags are the flags of `slload worker`.
type workerFlags struct {
	nats                             natsFlags
	source                           sourceFlags
	join, ca, accounts, spool, pprof string
	segment                          int
	timeout                          time.Duration
}

func newWorker(logs *logging) *cobra.Command {
	var f workerFlags
	c := &cobra.Command{
		Use:   "worker --join URL",
		Short: "Make a share of a run for a controller",
		Long: `Make a share of a run that slload controller leads: wait for it, log in the
agents of the share, measure, and deliver what was measured; it ends when the run
does. The controller prints the line to start workers with.

Passwords come from this machine: from SLLOAD_PASSWORD or the variable that the
profile names, or from --accounts. The plan, whom to send to and how much of it
come from the controller.

A worker that hears of no controller for 40 s logs its agents out. What it
couldn't deliver it leaves in --spool, from where the next worker delivers it.

The first Ctrl-C logs the agents out and delivers what was measured; the second
ends at once. The controller sees the worker as lost.

Exit codes: 0 the run is over; 2 usage, or the controller refuses this worker;
8 no controller was heard of any more; 130 interrupted.`,
		Example: `  slload worker --join nats://127.0.0.1:4222
  slload worker --join nats://10.0.0.1:4222 --token-file token --ca tls.crt
  slload worker --join nats://10.0.0.1:4222 --token-file token --ca tls.crt --segment 2 --source-ip 10.0.1.0/24`,
		Args: atMost(0),
		RunE: func(c *cobra.Command, _ []string) error { return f.work(c, logs) },
	}
	f.register(c)
	return c
}

func (f *workerFlags) register(c *cobra.Command) {
	fl := c.Flags()
	f.nats.register(c)
	f.source.register(c)
	fl.StringVar(&f.join, "join", "", "address of NATS, as the controller tells it")
	fl.StringVar(&f.ca, "ca", "", "PEM file of who signed the certificate of NATS, and of the grid; left out: the system's authorities")
	fl.StringVar(&f.accounts, "accounts", "", "CSV file of accounts on this machine, with the header first,last,password, in place of the profile's")
	fl.IntVar(&f.segment, "segment", -1, "the share to make, from 0; -1: the next one")
	fl.StringVar(&f.spool, "spool", "", "directory for what can't be delivered (default the user's state directory)")
	fl.DurationVar(&f.timeout, "join-timeout", cluster.DefaultJoinTimeout, "how long to wait for a controller")
	fl.StringVar(&f.pprof, "pprof", "", "serve Go's profiles at this loopback address")
	must(c.MarkFlagFilename("ca", "pem", "crt"))
	must(c.MarkFlagFilename("accounts", "csv"))
	must(c.MarkFlagDirname("spool"))
	must(c.RegisterFlagCompletionFunc("join", fixed("nats://127.0.0.1:"+natsPort)))
}

func (f *workerFlags) work(c *cobra.Command, logs *logging) error {
	if f.join == "" {
		return &usageError{fmt.Errorf("which controller? Give --join URL, as it tells; see %s --help", c.CommandPath())}
	}
	cfg, err := f.config(c, logs)
	if err != nil {
		return err
	}
	stopPprof, err := servePprof(f.pprof)
	if err != nil {
		return err
	}
	defer stopPprof()
	stop, release := catchInterrupts(c.Context())
	defer release()
	return cluster.Work(stop.ctx, stop.cut, cfg)
}

func (f *workerFlags) config(c *cobra.Command, logs *logging) (cfg cluster.WorkerConfig, err error) {
	stderr := c.ErrOrStderr()
	cfg = cluster.WorkerConfig{
		URL: f.join, Name: f.nats.name, CA: f.ca, Plain: f.nats.plain, Version: version,
		Tune: tune, Segment: f.segment, JoinTimeout: f.timeout, Spool: f.spool, Getenv: os.Getenv,
		Log:  slog.New(logs.handler(stderr, never)),
		Tell: func(line string) { fmt.Fprintln(stderr, line) },
	}
	if f.accounts != "" {
		if cfg.AccountsCSV, err = filepath.Abs(f.accounts); err != nil {
			return cfg, fmt.Errorf("--accounts: %w", err)
		}
	}
	if cfg.Sources, cfg.SourcePorts, err = f.source.parse(); err != nil {
		return cfg, err
	}
	cfg.Token, err = f.nats.token(stderr, false)
	return cfg, err
}
