package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"time"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/testgrid"
	"github.com/slload/slload/testgrid/faults"
	"github.com/spf13/cobra"
)

func newGrid(logs *logging) *cobra.Command {
	var cfg testgrid.Config
	var listen, pprof, faultFile, inline string
	var embedded bool
	c := &cobra.Command{
		Use:   "grid",
		Short: "Run the embedded grid alone",
		Long: `Run the embedded grid alone, until Ctrl-C: regions side by side that speak to
clients as OpenSimulator does. Any account name is welcome with the password in
SLLOAD_PASSWORD. Regions take the UDP ports from that of --listen on.

A file of --faults says what goes wrong on purpose, as the key faults of a
profile does: datagrams that get lost, late, twice or broken, logins that are
refused, capabilities and event queues that answer nonsense or nothing,
teleports that fail, regions that restart or crash.

  faults:
    - {udp: loss, percent: 20}
    - {udp: delay, ms: 40, jitter_ms: 10, from: 30s, until: 90s, message: ChatFromSimulator}
    - {login: presence, percent: 50}
    - {capability: error, status: 503, name: GetTexture, percent: 10}
    - {region: restart, name: Region 1, from: 60s, ms: 15000}

What each of them has met is told at the end.`,
		Example: `  SLLOAD_PASSWORD=secret slload grid --regions 4 --listen 127.0.0.1:9000
  SLLOAD_PASSWORD=secret slload grid --faults faults.yaml --seed 7`,
		Args: atMost(0),
		RunE: func(c *cobra.Command, _ []string) error {
			var err error
			if cfg.Listen, err = netip.ParseAddrPort(listen); err != nil {
				return &usageError{fmt.Errorf("--listen %q: want an address and a port, such as 127.0.0.1:9000", listen)}
			}
			if cfg.Password = os.Getenv(profiles.DefaultPasswordEnv); cfg.Password == "" {
				return &usageError{fmt.Errorf("no password: set the environment variable %s to the one that accounts shall have", profiles.DefaultPasswordEnv)}
			}
			if cfg.Faults, err = loadFaults(faultFile, inline); err != nil {
				return err
			}
			cfg.Log = slog.New(logs.handler(c.ErrOrStderr(), never))
			stop, err := servePprof(pprof)
			if err != nil {
				return err
			}
			defer stop()
			if embedded {
				return serveEmbedded(c.Context(), c.InOrStdin(), c.OutOrStdout(), cfg)
			}
			return serveGrid(c, cfg)
		},
	}
	fl := c.Flags()
	fl.IntVar(&cfg.Regions, "regions", 1, "how many regions there are, side by side")
	fl.StringVar(&listen, "listen", "127.0.0.1:9000", "where HTTP listens")
	fl.IntVar(&cfg.Capacity, "capacity", 0, "agents that a region admits; 0: no limit")
	fl.IntVar(&cfg.Interest, "interest", 30, "how many avatars an agent sees, its nearest")
	fl.BoolVar(&cfg.ServerBake, "server-bake", false, "the grid bakes avatars itself, as Second Life does")
	fl.BoolVar(&cfg.Voice, "voice", false, "it gives out voice accounts and channels; nobody speaks there")
	fl.StringVar(&pprof, "pprof", "", "serve Go's profiles at this loopback address")
	fl.Float64Var(&cfg.UpdateHz, "update-rate", 0, "updates of others' motion that an agent gets a second; 0: each frame")
	fl.StringVar(&faultFile, "faults", "", "YAML file of what goes wrong on purpose")
	fl.Uint64Var(&cfg.Seed, "seed", 1, "which datagrams and requests faults meet")
	fl.StringVar(&inline, "inline-faults", "", "the faults themselves")
	must(c.MarkFlagFilename("faults", "yaml", "yml"))
	must(fl.MarkHidden("inline-faults"))
	fl.BoolVar(&embedded, "embedded", false, "serve a run that started this process, until stdin ends")
	must(fl.MarkHidden("embedded"))
	return c
}

// loadFaults reads what goes wrong from a file, or from the text that a run
// gives its grid.
func loadFaults(file, inline string) (list []faults.Fault, err error) {
	switch {
	case file != "":
		list, err = profiles.LoadFaults(file)
	case inline != "":
		list, err = profiles.ParseFaults([]byte(inline), "faults")
	}
	if err != nil {
		return nil, &usageError{err}
	}
	return list, nil
}

func serveGrid(c *cobra.Command, cfg testgrid.Config) error {
	ctx, release := interruptible(c.Context())
	defer release()
	grid, stop, err := startGrid(context.WithoutCancel(ctx), cfg)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.OutOrStdout(), "grid of %d region(s) at %s, Ctrl-C ends it\n", cfg.Regions, grid.LoginURI())
	<-ctx.Done()
	tellFaults(c.OutOrStdout(), grid, cfg.Faults)
	return stop()
}

// tellFaults tells how often each fault has met something.
func tellFaults(w io.Writer, grid *testgrid.Grid, list []faults.Fault) {
	if len(list) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	met := grid.Stats(ctx).Faults
	told := map[string]bool{}
	for _, f := range list {
		if name := f.String(); !told[name] {
			told[name] = true
			fmt.Fprintf(w, "fault %s: %d\n", name, met[name])
		}
	}
}

// startGrid runs a grid until stop is called.
func startGrid(ctx context.Context, cfg testgrid.Config) (grid *testgrid.Grid, stop func() error, err error) {
	if grid, err = testgrid.New(cfg); err != nil {
		return nil, nil, &usageError{err}
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- grid.Run(ctx) }()
	return grid, func() error {
		cancel()
		if err := <-ended; err != nil {
			return fmt.Errorf("stop the grid: %w", err)
		}
		return nil
	}, nil
}
