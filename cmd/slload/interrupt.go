package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// interruptible gives two contexts: the first Ctrl-C (or SIGTERM) ends ctx
// with errInterrupted, the second ends cut.
func interruptible(parent context.Context) (ctx, cut context.Context, release func()) {
	ctx, stop := context.WithCancelCause(parent)
	cut, cutOff := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		for _, end := range []func(){func() { stop(errInterrupted) }, cutOff} {
			select {
			case <-signals:
				end()
			case <-done:
				return
			}
		}
	}()
	return ctx, cut, func() {
		signal.Stop(signals)
		close(done)
		stop(nil)
		cutOff()
	}
}
