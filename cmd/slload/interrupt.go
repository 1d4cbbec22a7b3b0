package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// interrupts are the ways to end a program early: the first Ctrl-C (or SIGTERM,
// or the end of its terminal) ends ctx with errInterrupted, the second ends cut.
type interrupts struct {
	ctx, cut context.Context
	signals  chan os.Signal
	stop     context.CancelCauseFunc
}

// press is a Ctrl-C of which the system told no signal.
func (i *interrupts) press() {
	select {
	case i.signals <- os.Interrupt:
	default: // two are there already
	}
}

// end is the first Ctrl-C, however often it is called.
func (i *interrupts) end() { i.stop(errInterrupted) }

// interruptible is catchInterrupts for who ends at the first.
func interruptible(parent context.Context) (ctx context.Context, release func()) {
	i, release := catchInterrupts(parent)
	return i.ctx, release
}

func catchInterrupts(parent context.Context) (i *interrupts, release func()) {
	ctx, stop := context.WithCancelCause(parent)
	cut, cutOff := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup has it ignored
		signal.Notify(signals, syscall.SIGHUP)
	}
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
	return &interrupts{ctx, cut, signals, stop}, func() {
		signal.Stop(signals)
		close(done)
		stop(nil)
		cutOff()
	}
}
