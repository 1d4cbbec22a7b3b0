// Command bench compares what slload's traffic costs with the least that the
// same traffic costs on this machine: the bare transport with a floor, which
// is a program that does nothing but the system calls, and whole agents with
// the same floor. It runs both in turn, each in a process of its own, and
// prints the ratios of their CPU time for a million packets.
//
// It stands at the top of the house, beside cmd/slload. It is for developers:
// go run ./bench --help. The floor and its echo are given by their paths.
//
//	bench            measures: rounds of processes, each on a CPU of its own
//	├ floor, echo    the programs given
//	├ transport      internal/udp alone, against echo
//	├ agents         package agent on a circuit loop, against simulator
//	└ simulator      the wire of a simulator, made to cost little
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := execute(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// execute runs the command line and gives the exit code: 0, 1 for what
// couldn't be measured, 2 for a command line that can't be followed.
func execute(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(os.Stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintf(stderr, "bench: %s\n", strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", ": "))
	if errors.As(err, new(*usageError)) {
		return 2
	}
	return 1
}

// usageError is a command line that can't be followed.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }
