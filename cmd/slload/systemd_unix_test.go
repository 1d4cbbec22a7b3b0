//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const soakUnit = "../../deploy/systemd/slload-soak@.service"

func TestSystemdTakesTheSoakUnit(t *testing.T) {
	t.Parallel()
	path, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("there is no systemd-analyze here; Debian's package is called systemd")
	}
	if out, err := exec.Command(path, "verify", soakUnit).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v: %s", err, out)
	}
	// The exposure is told from 0, none, to 10.
	if out, err := exec.Command(path, "security", "--offline=true", "--threshold=20", soakUnit).CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// unitCommand is what the unit's key runs for an instance, with the program at
// slload and the words of SOAK, by systemd's rules: $$ is a dollar, and quotes
// hold words together.
func unitCommand(t *testing.T, key, slload, instance string, soak ...string) *exec.Cmd {
	t.Helper()
	unit, err := os.ReadFile(soakUnit)
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^` + key + `=/bin/sh -c '([^'\\]*)' sh %i( \$SOAK)?$`).FindSubmatch(unit)
	if found == nil {
		t.Fatalf("%s of the unit is not what this test reads", key)
	}
	script := strings.ReplaceAll(string(found[1]), "$$", "$")
	script = strings.ReplaceAll(script, "/usr/local/bin/slload", slload)
	return exec.Command("/bin/sh", append([]string{"-c", script, "sh", instance}, soak...)...)
}

// The unit begins a run, goes on with one that is there, and leaves one alone
// that came to its end.
func TestTheSoakUnitBeginsOnceAndGoesOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	teller := filepath.Join(dir, "teller")
	if err := os.WriteFile(teller, []byte("#!/bin/sh\necho \"$@\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	told := func() string {
		cmd := unitCommand(t, "ExecStart", teller, "night", "crowd", "--agents", "1")
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return strings.TrimSpace(string(out))
	}
	goesOn := func() bool {
		cmd := unitCommand(t, "ExecCondition", teller, "night")
		cmd.Dir = dir
		return cmd.Run() == nil
	}

	if got := told(); got != "soak crowd --agents 1 --plain --out night" || !goesOn() {
		t.Errorf("at first: %q, %v", got, goesOn())
	}
	cmd, run := soakIn(t)
	if err := os.Rename(run, filepath.Join(dir, "night")); err != nil { // its files are open
		t.Fatal(err)
	}
	if got := told(); got != "resume night" || !goesOn() {
		t.Errorf("while it isn't at its end: %q, %v", got, goesOn())
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // it was killed
	resume := unitCommand(t, "ExecStart", "slload", "night")
	resume.Dir = dir
	out, err := resume.CombinedOutput()
	if code := resume.ProcessState.ExitCode(); !fit(code) {
		t.Fatalf("resumed: %v: %s", err, out)
	}
	if goesOn() {
		t.Errorf("a run that came to its end would be begun again: it said %s", out)
	}
}
