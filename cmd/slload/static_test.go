package main

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// staticEnv has the test build the program anew, by make test-static: it takes a
// minute and a half of CPU where nothing of it is there yet.
const staticEnv = "SLLOAD_TEST_STATIC"

// TestContainersProgramIsStatic builds with the line of deploy/Containerfile:
// the image has no libraries, and no loader of them.
func TestContainersProgramIsStatic(t *testing.T) {
	if os.Getenv(staticEnv) == "" {
		t.Skip("make test-static runs this")
	}
	recipe, err := os.ReadFile("../../deploy/Containerfile")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`(?m)^RUN (.*go build.*)$`).FindSubmatch(recipe)
	if line == nil {
		t.Fatal("deploy/Containerfile has no line that builds")
	}
	program := filepath.Join(t.TempDir(), "slload")
	build := exec.Command("/bin/sh", "-c", strings.ReplaceAll(string(line[1]), "/out/slload", program))
	build.Dir = "../.."
	build.Env = append(os.Environ(), "VERSION=contained", "GOOS=linux")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", line[1], err, out)
	}
	file, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }() // only read
	for _, p := range file.Progs {
		if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
			t.Errorf("it wants a loader: %v", p.Type)
		}
	}
	if runtime.GOOS != "linux" {
		t.Log("it is no program of this system: only its headers were looked at")
		return
	}
	out, err := exec.Command(program, "version").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "contained") {
		t.Errorf("slload version: %v: %s", err, out)
	}
}
