package main

import (
	"cmp"
	"fmt"
	"io"
	"os"

	"github.com/slload/slload/results"
	"github.com/slload/slload/results/web"
	"github.com/slload/slload/swarm"
	"github.com/spf13/pflag"
)

// webTokenEnv holds the token that who watches must know.
const webTokenEnv = "SLLOAD_WEB_TOKEN"

// webFlags have a run watched while it goes on. Without --web they do nothing.
type webFlags struct {
	address string
	server  *web.Server // nil: nobody watches
}

func (f *webFlags) register(fl *pflag.FlagSet) {
	fl.StringVar(&f.address, "web", "", "serve the run's page, live, and /metrics for Prometheus at this address, such as 127.0.0.1:8080; beyond loopback with a token, "+webTokenEnv+" or one that is drawn")
}

// listen begins to serve until stop is called, and says where.
func (f *webFlags) listen(w io.Writer) (stop func(), err error) {
	if f.address == "" {
		return func() {}, nil
	}
	if f.server, err = web.Listen(f.address, os.Getenv(webTokenEnv)); err != nil {
		return nil, &usageError{fmt.Errorf("--web: %w", err)}
	}
	fmt.Fprintf(w, "watch it at %s\n", f.server.URL())
	return f.server.Close, nil
}

// join has a run that begins handed to who watches.
func (f *webFlags) join(cfg *swarm.Config) {
	if f.server == nil {
		return
	}
	f.server.Begin()
	cfg.OnLine = f.server.Line
	before := cfg.OnProgress
	cfg.OnProgress = func(p swarm.Progress) {
		before(p)
		f.server.Progress(func() *web.State {
			return &web.State{
				Dir: p.Dir, Version: version, Phase: p.Phase, Planned: (p.Length + p.Paused).Seconds(),
				Agents: p.Agents, Delays: p.InPhase, Summary: p.Summary(), Times: p.Times(), Workers: p.Workers,
			}
		})
	}
}

// end shows what a run came to. A run that never began (nil) has nothing to
// show.
func (f *webFlags) end(dir string, s *results.Summary, failure error, w io.Writer) {
	if f.server == nil || s == nil {
		return
	}
	if err := f.server.End(cmp.Or(dir, "runs/"+s.Run.ID), failure); err != nil {
		fmt.Fprintf(w, "slload: warning: the page can't show the end: %s\n", oneLine(err))
	}
}
