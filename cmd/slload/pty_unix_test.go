//go:build unix

package main

import (
	"bytes"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/slload/slload/results"
)

// TestARunOnATerminal presses keys, each when the screen shows that its time has
// come, and reads the results below the screen that was left.
func TestARunOnATerminal(t *testing.T) {
	t.Parallel()
	path, err := exec.LookPath("slload")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "run")
	cmd := exec.Command(path, "run", "crowd", "--agents", "2", "--duration", "60s", "--out", dir)
	cmd.Env = append(cmd.Environ(), "TERM=xterm-256color", "NO_COLOR=yes")
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	watchdog := time.AfterFunc(60*time.Second, func() { _ = cmd.Process.Kill() })
	defer watchdog.Stop()
	keys := []struct{ seen, press string }{{"2 of 2", "p"}, {"PAUSED", "r"}, {"resumed", "q"}}
	var said bytes.Buffer
	for buffer := make([]byte, 4096); ; {
		n, err := terminal.Read(buffer)
		said.Write(buffer[:n])
		if err != nil {
			break // the program has closed it
		}
		if len(keys) > 0 && strings.Contains(said.String(), keys[0].seen) {
			if _, err := terminal.WriteString(keys[0].press); err != nil {
				t.Error(err)
			}
			keys = keys[1:]
		}
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted || len(keys) > 0 {
		t.Fatalf("it ended with %v, %d keys were not pressed; it said:\n%q", err, len(keys), said.String())
	}
	const enter, leave = "\x1b[?1049h", "\x1b[?1049l"
	before, after, left := strings.Cut(said.String(), leave)
	if !left || !strings.Contains(before, enter) || !strings.Contains(after, "paused for") || !strings.Contains(after, "\r\nResults") {
		t.Errorf("after the screen it says\n%s", after)
	}
	if strings.Contains(before, "\x1b[36m") {
		t.Error("it has colours, though NO_COLOR is set")
	}
	s, err := results.ReadSummary(dir)
	if err != nil || s.Run.PausedSeconds <= 0 || s.Ops["logout"].Count != 2 {
		t.Errorf("the results (%v): %+v", err, s.Run)
	}
}
