//go:build unix

package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/slload/slload/results"
)

// TestCtrlCEndsTheTrial: the run that goes on ends in order, and no other is
// begun.
func TestCtrlCEndsTheTrial(t *testing.T) {
	t.Parallel()
	path, err := exec.LookPath("slload")
	if err != nil {
		t.Fatal(err)
	}
	grid := exec.Command(path, "grid", "--listen", "127.0.0.1:0")
	grid.Env = append(os.Environ(), "SLLOAD_PASSWORD=secret")
	stdout, err := grid.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := grid.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = grid.Process.Signal(os.Interrupt); _ = grid.Wait() }()
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	uri := line[strings.Index(line, "http://"):strings.Index(line, ",")]

	dir := filepath.Join(t.TempDir(), "trial")
	ab := exec.Command(path, "ab", "crowd", "--a", uri, "--b", uri, "--duration", "60s", "--out", dir)
	ab.Env = append(os.Environ(), "SLLOAD_PASSWORD=secret")
	stderr, err := ab.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	said := interruptAt(t, ab, stderr, ": agents ") // the first line of progress
	if !strings.Contains(said, "slload: run 1 of 14, in "+dir) {
		t.Errorf("it doesn't say how far it came:\n%s", said)
	}
	runs, err := os.ReadDir(dir)
	runs = slices.DeleteFunc(runs, func(e os.DirEntry) bool { return !e.IsDir() }) // the trial's plan lies there, too
	if err != nil || len(runs) != 1 {
		t.Fatalf("%d runs were begun (%v), want 1", len(runs), err)
	}
	s, err := results.ReadSummary(filepath.Join(dir, runs[0].Name()))
	if err != nil {
		t.Fatal(err)
	}
	if n := s.Ops["logout"].Count; n == 0 || n != s.Agents.Logins {
		t.Errorf("%d logged in, %d logged out", s.Agents.Logins, n)
	}
}
