package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// deployed is the command that deploy/kubernetes is the output of.
var deployed = []string{
	"kube", "render", "crowd", "--workers", "4", "--agents", "2000", "--seed", "1",
	"--login-uri", "http://opensim:9000/", "--image", "slload:dev", "--secrets=false",
}

// TestCommittedManifests keeps deploy/kubernetes what slload kube render prints.
func TestCommittedManifests(t *testing.T) {
	const dir = "../../deploy/kubernetes"
	to := t.TempDir()
	if *update {
		to = dir
	}
	var stderr bytes.Buffer
	if code := execute(append(deployed, "--out", to), os.Stdout, &stderr); code != exitOK {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	paths, err := filepath.Glob(filepath.Join(to, "*.yaml"))
	if err != nil || len(paths) < 4 {
		t.Fatalf("%v, %v", paths, err)
	}
	for _, path := range paths {
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(dir, filepath.Base(path)))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s: go test ./cmd/slload -run TestCommittedManifests -update writes it (-wanted +there):\n%s", filepath.Base(path), diff)
		}
	}
}

// The stream is the files, one document after the other.
func TestManifestsAreAStream(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var stream, stderr bytes.Buffer
	if code := execute(deployed, &stream, &stderr); code != exitOK || stderr.Len() > 0 {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	if code := execute(append(deployed, "--out", dir), &stream, &stderr); code != exitOK {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	var files []string
	for _, name := range []string{"profile", "storage", "controller", "workers"} {
		data, err := os.ReadFile(filepath.Join(dir, name+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, string(data))
	}
	if diff := cmp.Diff(strings.Join(files, "---\n"), stream.String()); diff != "" {
		t.Errorf("-files +stream:\n%s", diff)
	}
}
