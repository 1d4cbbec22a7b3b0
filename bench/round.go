package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

// bench measures by a plan.
type bench struct {
	plan
	self            string // this program, to start parts of it
	generator, peer int    // their CPUs
	progress        io.Writer
}

// measure makes all runs and prints the result. It fails, after that, when a
// ratio can't be given.
func measure(ctx context.Context, p plan, self, format string, stdout, stderr io.Writer) error {
	b := bench{plan: p, self: self, progress: stderr}
	var err error
	if b.generator, b.peer, err = cpus(); err != nil {
		return err
	}
	if slices.ContainsFunc(p.kinds, func(k kind) bool { return k.name == "epoll" }) {
		if err := checkDescriptors(p.endpoints); err != nil {
			return err
		}
	}
	var res result
	for round := 1; round <= p.rounds; round++ {
		runs, err := b.round(ctx, round)
		if err != nil {
			return err
		}
		res.Runs = append(res.Runs, runs...)
	}
	res.conclude(p.kinds)
	if err := res.write(stdout, format, b.heading()); err != nil {
		return fmt.Errorf("print the result: %w", err)
	}
	return res.missing(p.kinds)
}

// round runs each floor once, and beside it what is compared with it.
func (b *bench) round(ctx context.Context, number int) ([]run, error) {
	var runs []run
	var floor run
	for _, k := range b.kinds {
		if len(runs) == 0 || floor.Name != floorName(k.floor) {
			f, err := b.one(ctx, number, floorName(k.floor), func(ctx context.Context) (figures, error) {
				return b.runFloor(ctx, k.floor)
			})
			if err != nil {
				return nil, err
			}
			floor = f
			floor.noteShortfall(float64(b.endpoints * b.rate))
			runs = append(runs, floor)
		}
		r, err := b.one(ctx, number, k.name, func(ctx context.Context) (figures, error) { return b.runKind(ctx, number, k) })
		if err != nil {
			return nil, err
		}
		r.judge(&floor)
		runs = append(runs, r)
	}
	return runs, nil
}

// patience is what a run may take beside warm-up and window: ten thousand
// logins, on a busy machine.
const patience = 3 * time.Minute

// one makes a run and tells how it goes.
func (b *bench) one(ctx context.Context, round int, name string, measure func(context.Context) (figures, error)) (run, error) {
	fmt.Fprintf(b.progress, "round %d of %d: %s ...", round, b.rounds, name)
	ctx, cancel := context.WithTimeoutCause(ctx, patience+b.warmUp+b.window, fmt.Errorf("took longer than %v", patience))
	defer cancel()
	f, err := measure(ctx)
	if err != nil {
		fmt.Fprintln(b.progress, " failed")
		if why := context.Cause(ctx); why != nil {
			err = why
		}
		return run{}, fmt.Errorf("%s: %w", name, err)
	}
	fmt.Fprintf(b.progress, " %.3f CPU s for a million packets at %.0f/s out, %.0f/s in\n", f.Cost, f.Sent, f.Received)
	return run{Round: round, Name: name, Counts: true, figures: f}, nil
}

// runFloor measures the floor against the echo.
func (b *bench) runFloor(ctx context.Context, floor string) (figures, error) {
	echo, err := b.startEcho(ctx)
	if err != nil {
		return figures{}, err
	}
	defer echo.stop()
	return b.figures(ctx, b.floor, floor, strconv.Itoa(b.endpoints), strconv.Itoa(b.rate),
		strconv.Itoa(echo.port), strconv.Itoa(int(b.window/time.Second)))
}

// runKind measures a part of slload against its peer.
func (b *bench) runKind(ctx context.Context, round int, k kind) (figures, error) {
	flags := []string{
		"--endpoints", strconv.Itoa(b.endpoints), "--rate", strconv.Itoa(b.rate),
		"--window", b.window.String(), "--warm-up", b.warmUp.String(), "--profile", b.profile(round, k),
	}
	if k.name == "agent" {
		sim, err := b.startSimulator(ctx)
		if err != nil {
			return figures{}, err
		}
		defer sim.stop()
		return b.figures(ctx, b.self, append([]string{"agents", "--grid", sim.url}, flags...)...)
	}
	echo, err := b.startEcho(ctx)
	if err != nil {
		return figures{}, err
	}
	defer echo.stop()
	return b.figures(ctx, b.self, append([]string{"transport", "--mode", k.name, "--peer", echo.address()}, flags...)...)
}

// profile is the file for a run's CPU profile; "": none.
func (b *bench) profile(round int, k kind) string {
	if b.profiles == "" {
		return ""
	}
	return filepath.Join(b.profiles, fmt.Sprintf("%s-%d.pprof", k.name, round))
}

// heading tells what was run, and on what.
func (b *bench) heading() []string {
	where := fmt.Sprintf("generator on CPU %d, peer on CPU %d", b.generator, b.peer)
	if b.generator == b.peer {
		where = fmt.Sprintf("generator and peer on one CPU (%d): figures are worth little", b.peer)
	}
	return []string{
		machine(),
		fmt.Sprintf("%d endpoints x %d packets/s each way, %v measured after %v, %d rounds; %s",
			b.endpoints, b.rate, b.window, b.warmUp, b.rounds, where),
	}
}
