//go:build unix

package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/slload/slload/results"
)

const soaked = `
name: soaked
agents: {executor: constant-agents, count: 4, login_rate: 50/s, duration: 15s}
behaviors: [{do: chat, rate: 2/s}]
`

// soakIn is a soak that has begun, and its directory.
func soakIn(t *testing.T) (cmd *exec.Cmd, dir string) {
	t.Helper()
	path, err := exec.LookPath("slload")
	if err != nil {
		t.Fatal(err)
	}
	profile := filepath.Join(t.TempDir(), "soaked.yaml")
	if err := os.WriteFile(profile, []byte(soaked), 0o600); err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(t.TempDir(), "run")
	cmd = exec.Command(path, "soak", profile, "--out", dir, "--log-level", "info")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		if strings.Contains(lines.Text(), "run begins") {
			go func() { _, _ = io.Copy(io.Discard, stderr) }() // until it ends
			return cmd, dir
		}
	}
	t.Fatal("no run began")
	return nil, ""
}

// slload runs the program on a directory, and gives its exit code and what it
// said.
func slload(t *testing.T, args ...string) (code int, said string) {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.Command("slload", args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String()
}

// fit are the exit codes of a run that was fine, on a machine that others use.
func fit(code int) bool { return code == exitOK || code == exitInvalid }

// However a run is killed, and whenever: what had come to disk, which is all of
// it every ten seconds, comes back, and it can be gone on with.
func TestARunThatIsKilled(t *testing.T) {
	t.Parallel() // it waits for the moments to kill
	moments := []time.Duration{0, rand.N(time.Second), time.Second + rand.N(2*time.Second)}
	var cmds []*exec.Cmd
	var dirs []string
	for range len(moments) + 1 { // all at once
		cmd, dir := soakIn(t)
		cmds, dirs = append(cmds, cmd), append(dirs, dir)
	}
	begun, empty := time.Now(), checkpoint(t, dirs[len(moments)])
	for i, cmd := range cmds { // before anything is looked at: that takes its time
		if i < len(moments) {
			time.Sleep(time.Until(begun.Add(moments[i])))
		} else {
			awaitDisk(t, dirs[i], empty)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
	}
	for i, dir := range dirs {
		code, said := slload(t, "report", dir)
		if !fit(code) || !strings.Contains(said, "the run was cut off") || strings.Contains(said, "goroutine") {
			t.Errorf("killed as the %d. of them: report ended with %d and said %s", i, code, said)
		}
		s, err := results.ReadSummary(dir)
		if err != nil {
			t.Fatal(err)
		}
		if !s.Run.CutOff {
			t.Errorf("killed as the %d. of them: run %+v", i, s.Run)
		}
		if _, err := os.Stat(filepath.Join(dir, "report.html")); err != nil {
			t.Error(err)
		}
		if i == len(moments) {
			if s.Run.Seconds < 9 {
				t.Errorf("ten seconds had come to disk, %v s came back", s.Run.Seconds)
			}
			goesOn(t, dir, s)
		}
	}
}

// checkpoint is the file that is replaced by another one when a run brings all
// that it has to disk.
func checkpoint(t *testing.T, dir string) os.FileInfo {
	t.Helper()
	info, err := os.Stat(filepath.Join(dir, "checkpoint.json"))
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// awaitDisk waits until a run has replaced the checkpoint that it began with.
func awaitDisk(t *testing.T, dir string, first os.FileInfo) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 6000 {
		if !os.SameFile(first, checkpoint(t, dir)) {
			return
		}
		<-tick.C
	}
	t.Fatal("nothing came to disk for a minute")
}

// goesOn resumes the run in dir, of which before came back.
func goesOn(t *testing.T, dir string, before *results.Summary) {
	t.Helper()
	code, said := slload(t, "resume", dir)
	for _, want := range []string{", with a gap of", "the run broke off and was resumed", "Memory "} {
		if !fit(code) || !strings.Contains(said, want) {
			t.Errorf("resume ended with %d and didn't say %q but %s", code, want, said)
		}
	}
	s, err := results.ReadSummary(dir)
	if err != nil {
		t.Fatal(err)
	}
	if s.Run.CutOff || len(s.Run.Segments) != 2 || s.Run.GapSeconds <= 0 || s.Agents.Logins != before.Agents.Logins+4 || s.Ops["logout"].Count != 4 {
		t.Errorf("run %+v, agents %+v", s.Run, s.Agents)
	}
	if got, had := s.Ops["msg.chat"].Count, before.Ops["msg.chat"].Count; got <= had || had == 0 {
		t.Errorf("%d lines of chat before, %d in all", had, got)
	}
	if code, said := slload(t, "resume", dir); code != exitUsage || !strings.Contains(said, "came to the end of its plan") {
		t.Errorf("resumed again it ended with %d and said %s", code, said)
	}
}

// Each signal that asks for an end gets it in order, with results and a word.
func TestSignalsEndASoakInOrder(t *testing.T) {
	t.Parallel()
	for _, sig := range []os.Signal{syscall.SIGTERM, syscall.SIGHUP} {
		if signal.Ignored(sig) {
			t.Logf("these tests were started with %v ignored, as nohup does, and so is what they start: not tried", sig)
			continue
		}
		cmd, dir := soakIn(t)
		if code, said := slload(t, "resume", dir); code != exitUsage || !strings.Contains(said, "a process has it") {
			t.Errorf("resume of a run that goes on ended with %d and said %s", code, said)
		}
		if err := cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != exitInterrupted {
			t.Errorf("%v: it ended with %d", sig, code)
		}
		s, err := results.ReadSummary(dir)
		if err != nil || s.Run.CutOff || s.Ops["logout"].Count != s.Agents.Logins {
			t.Errorf("%v: summary %+v, %v", sig, s, err)
		}
	}
}

// A disk that takes no more: the run goes on to its end, says so, and what was
// written before can be read. The limit on the size of files stands for it.
func TestASoakOnAFullDisk(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	script := `ulimit -f 4; exec slload soak crowd --agents 3 --duration 4s --out "$0"`
	var out bytes.Buffer
	cmd := exec.Command("sh", "-c", script, dir)
	cmd.Stdout, cmd.Stderr = &out, &out
	_ = cmd.Run()
	said := out.String()
	if code := cmd.ProcessState.ExitCode(); code != exitInternal {
		t.Errorf("it ended with %d and said %s", code, said)
	}
	for _, want := range []string{"what was written before is kept", "Agents      3 in world at the end"} {
		if !strings.Contains(said, want) {
			t.Errorf("it doesn't say %q but %s", want, said)
		}
	}
	if lines := strings.Split(strings.TrimSpace(said), "\n"); !strings.HasPrefix(lines[len(lines)-1], "slload: write results to ") {
		t.Errorf("its last words are %q", lines[len(lines)-1])
	}
	if code, said := slload(t, "report", dir); !fit(code) {
		t.Errorf("report ended with %d and said %s", code, said)
	}
}
