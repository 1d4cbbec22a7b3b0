//go:build unix

package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/slload/slload/results"
)

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
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	watchdog := time.AfterFunc(90*time.Second, func() { _ = cmd.Process.Kill() })
	defer watchdog.Stop()
	var said strings.Builder
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), ": agents ") { // the first line of progress
			if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGINT); err != nil {
				t.Fatal(err)
			}
		}
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
		t.Errorf("it ended with %v, want exit code %d; it said:\n%s", err, exitInterrupted, said.String())
	}
	var s results.Summary
	data, err := os.ReadFile(filepath.Join(dir, "summary.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &s); err != nil {
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
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	watchdog := time.AfterFunc(50*time.Second, func() { _ = cmd.Process.Kill() })
	defer watchdog.Stop()
	var said strings.Builder
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if strings.HasSuffix(lines.Text(), "stand there") {
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
		}
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
		t.Errorf("it ended with %v, want exit code %d", err, exitInterrupted)
	}
	for _, want := range []string{"< LogoutReply", "none was interrupted\n"} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("it doesn't say %q, but\n%s", want, said.String())
		}
	}
}
