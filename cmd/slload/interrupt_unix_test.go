//go:build unix

package main

import (
	"bufio"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/slload/slload/results"
)

// interruptAt starts a program in a process group of its own, and interrupts all
// of that, as a terminal's Ctrl-C does, once at the first line of pipe that holds
// at. It sees to it that the program ends as one that was interrupted, and gives
// what the pipe said.
func interruptAt(t *testing.T, cmd *exec.Cmd, pipe io.Reader, at string) string {
	t.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	watchdog := time.AfterFunc(90*time.Second, func() { _ = cmd.Process.Kill() })
	defer watchdog.Stop()
	var said strings.Builder
	sent := false
	for lines := bufio.NewScanner(pipe); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if !sent && strings.Contains(lines.Text(), at) {
			sent = true
			if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
		}
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
		t.Errorf("it ended with %v, want exit code %d; it said:\n%s", err, exitInterrupted, said.String())
	}
	return said.String()
}

// A terminal sends its Ctrl-C to the whole foreground group. The grid must
// outlive it until the agents have logged out.
func TestCtrlCLogsOutOnTheEmbeddedGrid(t *testing.T) {
	t.Parallel() // it takes until the first line of progress
	path, err := exec.LookPath("slload")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "run")
	cmd := exec.Command(path, "run", "crowd", "--agents", "5", "--duration", "60s", "--out", dir)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	interruptAt(t, cmd, stderr, ": agents ") // the first line of progress
	s, err := results.ReadSummary(dir)
	if err != nil {
		t.Fatal(err)
	}
	if o := s.Ops["logout"]; o.Count == 0 || o.Count != s.Agents.Logins || o.Errors != 0 {
		t.Errorf("%d logged in, %d logged out with %d errors", s.Agents.Logins, o.Count, o.Errors)
	}
	if s.Generator.GridCPUSeconds <= 0 || s.Generator.CPUSeconds <= 0 {
		t.Errorf("the grid's CPU is not told apart: %+v", s.Generator)
	}
}

// A play that is interrupted logs its agents out, too.
func TestCtrlCEndsAPlay(t *testing.T) {
	t.Parallel()
	path, err := exec.LookPath("slload")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "play", "none", "--duration", "1m")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	said := interruptAt(t, cmd, stdout, "stand there")
	for _, want := range []string{"< LogoutReply", "none was interrupted\n"} {
		if !strings.Contains(said, want) {
			t.Errorf("it doesn't say %q, but\n%s", want, said)
		}
	}
}
