package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/slload/slload/internal/screen"
	"github.com/slload/slload/swarm"
	"github.com/slload/slload/swarm/control"
)

// keyTime bounds what a key asks for.
const keyTime = 10 * time.Second

// keys are what the keys of a terminal do to the run.
func (f *runFlags) keys(run *swarm.Control) screen.Keys {
	within := func(ask func(ctx context.Context) error) error {
		ctx, cancel := context.WithTimeout(context.Background(), keyTime)
		defer cancel()
		return ask(ctx)
	}
	keys := screen.Keys{Stop: f.interrupts.end, Interrupt: f.interrupts.press}
	if !f.untouched {
		keys.Pause = func() error { return within(run.Pause) }
		keys.Resume = func() error { return within(run.Resume) }
		keys.Scale = func(n int) error {
			return within(func(ctx context.Context) error { return run.Scale(ctx, n) })
		}
	}
	return keys
}

// letSteer has the run answer to slload ctl until its end. A run that can't is
// no worse a measurement: that is a warning.
func (f *runFlags) letSteer(cfg *swarm.Config, w io.Writer) (end func()) {
	cfg.Control = swarm.NewControl()
	closeServer := func() {} // until it begins
	cfg.OnBegin = func(dir string) {
		serving, err := control.Serve(dir, control.Run{Control: cfg.Control, Stop: f.interrupts.end})
		if err != nil {
			fmt.Fprintf(w, "slload: warning: slload ctl won't work: %v\n", err)
			return
		}
		closeServer = serving
	}
	return func() { closeServer() }
}
