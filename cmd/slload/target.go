package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/slload/slload/internal/target"
	"github.com/slload/slload/swarm"
	"github.com/spf13/cobra"
)

// targetFlags say whom this program may send to.
type targetFlags struct{ policy swarm.Target }

func (f *targetFlags) register(c *cobra.Command) {
	fl := c.Flags()
	fl.StringArrayVar(&f.policy.Allow, "allow-target", nil, "host, address or prefix that may be loaded besides loopback and private ones; may be given again")
	fl.BoolVar(&f.policy.Permission, "i-have-permission", false, "Linden Lab agreed to a test of Second Life's own grids")
	fl.StringVar(&f.policy.CAFile, "ca", "", "PEM file of authorities to trust besides the system's")
	fl.BoolVar(&f.policy.Insecure, "insecure", false, "take any TLS certificate: whoever is on the way can read the passwords")
	must(c.MarkFlagFilename("ca", "pem", "crt"))
}

// registerMost gives a command that loads a grid the flags of how much.
func (f *targetFlags) registerMost(c *cobra.Command) {
	fl := c.Flags()
	fl.IntVar(&f.policy.Most.Agents, "max-agents", 0, "agents that a grid beyond this machine may get (default 5000 in a private network, else 200)")
	fl.Float64Var(&f.policy.Most.Logins, "max-logins", 0, "logins a second that it may get (default 100, else 10)")
	fl.Float64Var(&f.policy.Most.Packets, "max-packets", 0, "packets a second that it may get, by estimate (default 100000, else 5000)")
}

// warn says so where a flag puts passwords at risk.
func (f *targetFlags) warn(w io.Writer) {
	if f.policy.Insecure {
		fmt.Fprintln(w, "slload: WARNING: --insecure: TLS certificates are not verified; whoever is on the way can read the passwords")
	}
}

// guard is that of single agents.
func (f *targetFlags) guard(c *cobra.Command, uri string) (*target.Guard, error) {
	f.warn(c.ErrOrStderr())
	g, err := target.New(c.Context(), f.policy, uri)
	if err != nil {
		return nil, &usageError{err}
	}
	return g, nil
}

// guarded is an HTTP client that a guard watches. It goes through no proxy:
// what that connects to nobody would watch.
func guarded(g *target.Guard) *http.Client {
	dialer := &net.Dialer{Timeout: 30 * time.Second, Control: g.Control(nil)}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.Proxy = nil
	transport.DialContext = dialer.DialContext
	transport.TLSClientConfig = g.TLS
	return &http.Client{Transport: transport}
}
