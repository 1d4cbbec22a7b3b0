package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	"sigs.k8s.io/yaml"
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

// What the manifests have the pods run are commands that there are, with flags
// that they have.
func TestManifestsRunWhatThereIs(t *testing.T) {
	t.Parallel()
	for _, options := range [][]string{nil, {"--nats", "nats://nats:4222"}, {"--on-worker-loss", "abort"}} {
		var stream, stderr bytes.Buffer
		if code := execute(append(slices.Clone(deployed), options...), &stream, &stderr); code != exitOK {
			t.Fatalf("exit code %d: %s", code, &stderr)
		}
		var ran []string
		for document := range strings.SplitSeq(stream.String(), "---\n") {
			var job batchv1.Job
			if err := yaml.Unmarshal([]byte(document), &job); err != nil || job.Kind != "Job" {
				continue // decoded strictly by the tests of internal/kube
			}
			c, rest, err := newRoot().Find(job.Spec.Template.Spec.Containers[0].Args)
			if err == nil {
				err = c.ParseFlags(slices.DeleteFunc(rest, func(arg string) bool { return arg == "--segment=$(JOB_COMPLETION_INDEX)" }))
			}
			if err != nil {
				t.Errorf("%s runs %q: %v", job.Name, job.Spec.Template.Spec.Containers[0].Args, err)
				continue
			}
			ran = append(ran, c.Name())
		}
		if !slices.Equal(ran, []string{"controller", "worker"}) {
			t.Errorf("the Jobs run %v", ran)
		}
	}
}
