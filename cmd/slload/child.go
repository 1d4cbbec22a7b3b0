package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/swarm"
	"github.com/slload/slload/testgrid"
	"github.com/slload/slload/testgrid/faults"
	"github.com/spf13/cobra"
)

// The embedded grid of `slload run` is a process of its own, this program as
// `slload grid --embedded`, so that its CPU time is not the swarm's and a
// Ctrl-C doesn't end it before the agents have logged out. It says on stdout,
// a line each, its login URI and from then on how much CPU it has used, and
// ends when its stdin does: at the latest with its parent.

const (
	// cpuEvery is how often the child tells its CPU time.
	cpuEvery = 250 * time.Millisecond
	// childStart and childStop bound how long the child may take to begin and
	// to end.
	childStart = 20 * time.Second
	childStop  = 10 * time.Second
)

// childGrid is the embedded grid as its parent has it.
type childGrid struct {
	loginURI string
	cmd      *exec.Cmd
	stdin    io.Closer
	cpu      atomic.Uint64 // bits of the seconds
	ended    chan struct{} // closed when the process has ended
	err      error         // how; set before ended is closed
}

// gridFlags are the settings of the embedded grid that a run can choose; each
// is `slload grid`'s of the same name.
type gridFlags struct {
	regions, interest int
	updateRate        float64

	// Not flags: what the profile has.
	faults []faults.Fault
	seed   uint64
}

func (f *gridFlags) register(c *cobra.Command) {
	fl := c.Flags()
	fl.IntVar(&f.regions, "grid-regions", 1, "regions of the embedded grid")
	fl.IntVar(&f.interest, "grid-interest", 30, "how many avatars an agent sees on the embedded grid")
	fl.Float64Var(&f.updateRate, "grid-update-rate", 0, "updates of others' motion a second on the embedded grid; 0: each frame")
}

func (f *gridFlags) args() []string {
	args := []string{
		"--regions", strconv.Itoa(f.regions), "--interest", strconv.Itoa(f.interest),
		"--update-rate", strconv.FormatFloat(f.updateRate, 'g', -1, 64),
	}
	if len(f.faults) == 0 {
		return args
	}
	text, err := json.Marshal(map[string]any{"faults": f.faults}) // which is YAML, too
	must(err)
	return append(args, "--seed", strconv.FormatUint(f.seed, 10), "--inline-faults", string(text))
}

// check refuses settings of a grid that is somebody else's.
func (f *gridFlags) check(c *cobra.Command, loginURI string) error {
	if loginURI == "" {
		return nil
	}
	for _, name := range []string{"grid-regions", "grid-interest", "grid-update-rate"} {
		if c.Flags().Changed(name) {
			return &usageError{fmt.Errorf("--%s is for the embedded grid, and this run is on %s", name, loginURI)}
		}
	}
	return nil
}

// startChild starts a grid of settings with one password for all accounts. Its
// log goes to log.
func startChild(settings gridFlags, password string, logs *logging, log io.Writer) (*childGrid, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start the embedded grid: find this program: %w", err)
	}
	g := &childGrid{ended: make(chan struct{})}
	g.cmd = exec.Command(path)
	g.cmd.Args = append([]string{"slload", "grid", "--embedded", "--listen", "127.0.0.1:0",
		"--log-level", logs.level, "--log-format", logs.format}, settings.args()...)
	g.cmd.Env = append(os.Environ(), profiles.DefaultPasswordEnv+"="+password)
	g.cmd.Stderr = log
	g.cmd.SysProcAttr = ownGroup()
	if g.stdin, err = g.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("start the embedded grid: %w", err)
	}
	stdout, err := g.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the embedded grid: %w", err)
	}
	if err := g.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the embedded grid: %w", err)
	}
	first := make(chan string, 1)
	go g.follow(stdout, first)
	select {
	case g.loginURI = <-first:
		return g, nil
	case <-g.ended:
		if g.cmd.ProcessState.ExitCode() == exitUsage {
			return nil, &silentError{exitUsage} // it has said which setting is wrong
		}
		return nil, fmt.Errorf("start the embedded grid: %w", g.err)
	case <-time.After(childStart):
		return nil, errors.Join(fmt.Errorf("the embedded grid did not start within %v", childStart), g.stop())
	}
}

// follow reads what the child says until it ends.
func (g *childGrid) follow(stdout io.Reader, first chan<- string) {
	lines := bufio.NewScanner(stdout)
	if lines.Scan() {
		first <- lines.Text()
	}
	for lines.Scan() {
		if seconds, err := strconv.ParseFloat(lines.Text(), 64); err == nil {
			g.cpu.Store(math.Float64bits(seconds))
		}
	}
	if g.err = g.cmd.Wait(); g.err == nil {
		g.err = errors.New("it ended by itself")
	}
	close(g.ended)
}

// cpuSeconds is the CPU time that the grid has used so far.
func (g *childGrid) cpuSeconds() float64 { return math.Float64frombits(g.cpu.Load()) }

// guard ends a context with the grid's own end, if that comes before release.
// A grid that is somebody else's (nil) is not guarded.
func (g *childGrid) guard(ctx context.Context) (guarded context.Context, release func()) {
	if g == nil {
		return ctx, func() {}
	}
	guarded, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		select {
		case <-g.ended:
			cancel(fmt.Errorf("the embedded grid ended in the middle of the run: %w", g.err))
		case <-done:
		}
	}()
	return guarded, func() { close(done); cancel(nil) }
}

// stop has the grid end in order, and kills it where it doesn't.
func (g *childGrid) stop() error {
	select {
	case <-g.ended:
		return nil // who had to know has been told by guard
	default:
	}
	_ = g.stdin.Close() // which is the sign; an error means that nobody reads there any more
	select {
	case <-g.ended:
	case <-time.After(childStop):
		_ = g.cmd.Process.Kill() // it may end at this very moment
		<-g.ended
		return fmt.Errorf("stop the embedded grid: it did not end within %v and was killed", childStop)
	}
	if exit := new(exec.ExitError); errors.As(g.err, &exit) {
		return fmt.Errorf("stop the embedded grid: %w", g.err)
	}
	return nil
}

// serveEmbedded is the child's part.
func serveEmbedded(ctx context.Context, stdin io.Reader, stdout io.Writer, cfg testgrid.Config) error {
	signal.Ignore(os.Interrupt) // the parent has it
	grid, stop, err := startGrid(ctx, cfg)
	if err != nil {
		return err
	}
	parent := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, stdin) // whatever ends it, the parent has let go
		close(parent)
	}()
	fmt.Fprintln(stdout, strings.TrimSpace(grid.LoginURI()))
	tick := time.NewTicker(cpuEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			fmt.Fprintf(stdout, "%.3f\n", swarm.CPUSeconds())
		case <-parent:
			return stop()
		}
	}
}
