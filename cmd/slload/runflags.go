package main

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
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
