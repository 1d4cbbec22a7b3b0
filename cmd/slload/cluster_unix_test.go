//go:build unix

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/slload/slload/results"
	"github.com/slload/slload/swarm/control"
)

const clustered = `
name: clustered
agents: {executor: constant-agents, count: 9, login_rate: 50/s, duration: %s}
behaviors: [{do: chat, rate: 1/s}]
`

// crew is a controller and its workers, each a process of its own.
type crew struct {
	t          *testing.T
	dir, join  string // where they run, where NATS is
	controller *exec.Cmd
	said       chan string // lines of the controller
	workers    []*exec.Cmd
}

// newCrew has a profile, a token and a place for NATS.
func newCrew(t *testing.T, duration string) *crew {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &crew{t: t, dir: t.TempDir(), join: l.Addr().String()}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	c.write("plan.yaml", fmt.Sprintf(clustered, duration))
	c.write("token", crewToken)
	return c
}

const crewToken = "a-token-of-this-test-alone"

// assemble starts a controller for three workers, with the arguments, and the
// workers, each for the share of its number. It returns when all have joined.
func (c *crew) assemble(args ...string) {
	c.t.Helper()
	c.lead(append([]string{"plan.yaml", "--workers", "3", "--seed", "7", "--out", "run"}, args...)...)
	c.await("each is started with")
	for i := range 3 {
		c.work("--segment", fmt.Sprint(i))
	}
	c.await("3 of 3 workers have joined")
}

// watched is assemble with a page, and gives its address.
func (c *crew) watched(args ...string) (at string) {
	c.t.Helper()
	c.lead(append([]string{"plan.yaml", "--workers", "3", "--listen", c.join, "--web", "127.0.0.1:0"}, args...)...)
	at = regexp.MustCompile(`http://\S+`).FindString(c.await("watch it at"))
	c.await("each is started with")
	for range 3 {
		c.work()
	}
	c.await("3 of 3 workers have joined")
	return at
}

func (c *crew) write(name, text string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

func (c *crew) start(args ...string) (cmd *exec.Cmd, said io.Reader) {
	c.t.Helper()
	cmd = exec.Command("slload", append(args, "--token-file", "token", "--join-timeout", "1m", "--log-level", "info")...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "SLLOAD_PASSWORD=secret", "XDG_STATE_HOME="+c.dir)
	said, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = cmd.Process.Kill() }) // it may have ended
	return cmd, said
}

func (c *crew) lead(args ...string) {
	c.t.Helper()
	cmd, said := c.start(append([]string{"controller"}, args...)...)
	lines := make(chan string, 1000)
	go func() {
		defer close(lines)
		for s := bufio.NewScanner(said); s.Scan(); {
			select {
			case lines <- s.Text():
			default: // nobody waits for so much
			}
		}
	}()
	c.controller, c.said = cmd, lines
}

// work starts one more worker.
func (c *crew) work(args ...string) {
	c.t.Helper()
	cmd, said := c.start(append([]string{"worker", "--join", "nats://" + c.join}, args...)...)
	go func() { _, _ = io.Copy(io.Discard, said) }() // until it ends
	c.workers = append(c.workers, cmd)
}

// await returns when the controller says something, with the line.
func (c *crew) await(what string) string {
	c.t.Helper()
	var before []string
	for line := range c.said {
		if strings.Contains(line, what) {
			return line
		}
		before = append(before, line)
	}
	c.t.Fatalf("the controller ended and never said %q, but %s", what, strings.Join(before, "\n"))
	return ""
}

// awaitInWorld returns when the run has so many agents in world.
func (c *crew) awaitInWorld(n int) {
	c.t.Helper()
	c.await("run begins")
	run := control.Dial(filepath.Join(c.dir, "run"))
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for range 300 {
		status, err := run.Status(c.t.Context())
		switch {
		case errors.As(err, new(*control.EndedError)): // it doesn't listen yet
		case err != nil:
			c.t.Fatal(err)
		case status.Agents.InWorld == n:
			return
		}
		<-tick.C
	}
	c.t.Fatalf("there were never %d agents in world", n)
}

// end waits for the controller's end, and that of the workers, and gives its exit
// code and the summary.
func (c *crew) end() (int, *results.Summary) {
	c.t.Helper()
	_ = c.controller.Wait() // its exit code tells
	for _, w := range c.workers {
		_ = w.Wait() // of those that were killed, too
	}
	s, err := results.ReadSummary(filepath.Join(c.dir, "run"))
	if err != nil {
		c.t.Fatal(err)
	}
	return c.controller.ProcessState.ExitCode(), s
}

// A worker that is killed is missed: the run is marked and goes on as was asked.
func TestAWorkerIsKilled(t *testing.T) {
	t.Parallel()
	for policy, check := range map[string]func(t *testing.T, s *results.Summary){
		"abort": func(t *testing.T, s *results.Summary) {
			if s.Run.Seconds > 30 {
				t.Errorf("it went on for %v s", s.Run.Seconds)
			}
		},
		"continue": func(t *testing.T, s *results.Summary) {
			if s.Run.Seconds < 10 || s.Agents.Logins != 9 || s.Ops["logout"].Count != 6 {
				t.Errorf("after %v s %+v, %d logouts; want all that two thirds have", s.Run.Seconds, s.Agents, s.Ops["logout"].Count)
			}
		},
		"rebalance": func(t *testing.T, s *results.Summary) {
			if s.Agents.InWorldAtEnd != 9 || s.Run.LostLoad[0].To == 0 || s.Ops["logout"].Count != 9 || len(s.Workers) != 4 {
				t.Errorf("at the end %+v, %d logouts, by %d workers; want 9 by 4", s.Agents, s.Ops["logout"].Count, len(s.Workers))
			}
		},
	} {
		t.Run(policy, func(t *testing.T) {
			t.Parallel()
			duration := map[string]string{"abort": "5m", "continue": "10s", "rebalance": "16s"}[policy]
			c := newCrew(t, duration)
			c.assemble("--listen", c.join, "--loss-timeout", "3s", "--on-worker-loss", policy)
			if policy == "rebalance" {
				c.work() // stands by
			}
			c.awaitInWorld(9)
			if err := c.workers[1].Process.Kill(); err != nil {
				t.Fatal(err)
			}
			code, s := c.end()
			if code != exitLost || len(s.Run.LostLoad) == 0 || !strings.Contains(s.Run.LostLoad[0].What, "segment 1 of 3") {
				t.Errorf("exit code %d, lost %+v; want %d and segment 1", code, s.Run.LostLoad, exitLost)
			}
			check(t, s)
		})
	}
}

// A worker that is interrupted leaves in order, and is missed.
func TestAWorkerIsInterrupted(t *testing.T) {
	t.Parallel()
	c := newCrew(t, "5m")
	c.assemble("--listen", c.join, "--loss-timeout", "3s", "--on-worker-loss", "abort")
	c.awaitInWorld(9)
	if err := c.workers[1].Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	code, s := c.end()
	if code != exitLost || len(s.Run.LostLoad) != 1 || s.Ops["logout"].Count != 9 || s.Run.Seconds > 60 {
		t.Errorf("exit code %d after %v s, %d logouts, lost %+v; want %d and 9 logouts", code, s.Run.Seconds, s.Ops["logout"].Count, s.Run.LostLoad, exitLost)
	}
	if got := c.workers[1].ProcessState.ExitCode(); got != exitInterrupted {
		t.Errorf("the worker's exit code is %d", got)
	}
}

// A controller that is killed and started again with the same line goes on: the
// agents have stayed in world, and every action counts once.
func TestAControllerIsKilled(t *testing.T) {
	t.Parallel()
	c := newCrew(t, "14s")
	args := []string{"plan.yaml", "--workers", "3", "--seed", "7", "--resume", "run", "--listen", c.join, "--login-uri", c.grid()}
	c.lead(args...)
	c.await("each is started with")
	for range 3 {
		c.work()
	}
	c.awaitInWorld(9)
	if err := c.controller.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.controller.Wait() // it was killed
	c.lead(args...)
	c.await("looking for the workers of the run in run")
	code, s := c.end()
	if !fit(code) || len(s.Run.LostLoad) > 0 || s.Run.GapSeconds > 0 || s.Agents.Logins != 9 || s.Ops["logout"].Count != 9 {
		t.Errorf("exit code %d, run %+v, %+v, %d logouts", code, s.Run, s.Agents, s.Ops["logout"].Count)
	}
	if err := madeBy(s, 3); err != nil {
		t.Error(err)
	}
	c.checkPlanned(s)
}

// grid starts a grid and gives its login address.
func (c *crew) grid() string {
	c.t.Helper()
	cmd := exec.Command("slload", "grid", "--listen", "127.0.0.1:0")
	cmd.Env = append(os.Environ(), "SLLOAD_PASSWORD=secret")
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // it was killed
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		c.t.Fatal(err)
	}
	return regexp.MustCompile(`http://[^,\s]+`).FindString(line)
}

// checkPlanned checks that the run did what the plan says, no more and no less.
func (c *crew) checkPlanned(s *results.Summary) {
	c.t.Helper()
	check := func(err error) {
		if err != nil {
			c.t.Fatal(err)
		}
	}
	want := planned(check, filepath.Join(c.dir, "plan.yaml"), 7)
	if a := s.Actions; a.Intended != want || a.Started+a.Dropped != want {
		c.t.Errorf("the plan has %d actions, the run %+v", want, a)
	}
}
