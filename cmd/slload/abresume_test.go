package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/slload/slload/results"
)

// trialRun writes a run of a trial into dir.
func trialRun(t *testing.T, dir string, seed uint64, planned float64) {
	t.Helper()
	r := fakeRun{factor: 1, manifest: results.Manifest{
		Profile: "crowd", Started: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), PlannedSeconds: planned, Measured: []string{"stage 2"}, Agents: 2, Seed: seed,
	}}
	if err := r.write(dir); err != nil {
		t.Fatal(err)
	}
}

// Finished runs of the plan count; what doesn't is set aside, and nothing of it
// is lost.
func TestWhatStandsOfATrial(t *testing.T) {
	out := t.TempDir()
	at := func(name string) string { return filepath.Join(out, name) }
	trialRun(t, at("01-a"), 7, 5)
	trialRun(t, at("01-b"), 7, 60)
	trialRun(t, at("02-a"), 7, 5)
	trialRun(t, at("03-b"), 9, 5)
	if err := os.Mkdir(at("02-b"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(at("03-b.unfinished-1"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(at("03-b"), "manifest.json")); err != nil {
		t.Fatal(err)
	}
	var f abFlags
	for _, test := range []struct {
		name       string
		seed       uint64
		counts     bool
		aside, why string
	}{
		{"01-a", 7, true, "", ""},
		{"01-b", 7, false, "01-b.unfinished-1", "it ended at "},
		{"02-a", 8, false, "02-a.unfinished-1", "its seed is 7, and not 8"},
		{"02-b", 8, false, "02-b.unfinished-1", "is no run directory"},
		{"03-a", 9, false, "", ""},
		{"03-b", 9, false, "03-b.unfinished-2", "is no run directory"},
	} {
		counts, aside, why, err := f.standing(t.Context(), at(test.name), test.seed)
		if test.aside != "" {
			test.aside = at(test.aside)
		}
		if err != nil || counts != test.counts || aside != test.aside || !strings.Contains(why, test.why) {
			t.Errorf("%s: counts %v, aside %q, %q (%v); want %v, %q, %q", test.name, counts, aside, why, err, test.counts, test.aside, test.why)
		}
		if _, err := os.Lstat(at(test.name)); (err == nil) != test.counts {
			t.Errorf("%s: %v", test.name, err)
		}
		if _, err := os.Lstat(aside); aside != "" && err != nil {
			t.Error(err)
		}
	}
}

// A trial goes on with the flags that it was begun with, but for those that are
// given anew, and in its own order.
func TestATrialKeepsItsPlan(t *testing.T) {
	out := filepath.Join(t.TempDir(), "trial")
	closed := "http://127.0.0.1:1/"
	t.Setenv("SLLOAD_PASSWORD", "secret")
	begun := []string{"ab", "crowd", "--a", closed, "--b", closed + "b", "--runs", "3", "--seed", "11", "--duration", "30s", "--primary", "login,msg.chat", "--login-protocol", "llsd", "--tag", "grid=x", "--out", out}
	if code := execute(begun, &bytes.Buffer{}, &bytes.Buffer{}); code != exitUnreachable {
		t.Fatalf("exit code %d, want that of a grid that doesn't answer", code)
	}
	c := newAB(&logging{})
	if err := c.ParseFlags([]string{"--resume", out, "--tag", "grid=y"}); err != nil {
		t.Fatal(err)
	}
	f := abFlags{resume: out}
	name, err := f.takeUp(c)
	if err != nil {
		t.Fatal(err)
	}
	if f.a != closed || f.b != closed+"b" || f.blocks != 3 || f.run.seed != 11 || f.run.out != out {
		t.Errorf("the plan came back as %+v", f)
	}
	if primary, err := c.Flags().GetStringSlice("primary"); err != nil || strings.Join(primary, " ") != "login msg.chat" {
		t.Errorf("--primary came back as %q (%v)", primary, err)
	}
	if tags, err := c.Flags().GetStringArray("tag"); err != nil || strings.Join(tags, " ") != "grid=y" {
		t.Errorf("--tag is %q (%v), want what was given anew", tags, err)
	}
	if protocol := c.Flag("login-protocol").Value.String(); protocol != "llsd" {
		t.Errorf("--login-protocol came back as %q", protocol)
	}
	if data, err := os.ReadFile(name); err != nil || !strings.Contains(string(data), "name: crowd") || !strings.Contains(string(data), "login_protocol: llsd") || strings.Contains(string(data), "secret") {
		t.Errorf("its profile (%v) is\n%s", err, data)
	}
	for _, test := range []struct {
		args []string
		want string
	}{
		{begun, "holds a trial already: go on with it by --resume"},
		{[]string{"ab", "--resume", out, "--seed", "3"}, "--seed: the trial in"},
		{[]string{"ab", "crowd", "--resume", out}, "has its own profile"},
		{[]string{"ab", "--resume", t.TempDir()}, "no trial of slload ab"},
	} {
		var stderr bytes.Buffer
		if code := execute(test.args, &bytes.Buffer{}, &stderr); code != exitUsage || !strings.Contains(stderr.String(), test.want) {
			t.Errorf("%q: exit code %d, %s; want %q", test.args, code, stderr.String(), test.want)
		}
	}
}

// A trial whose plan can't be kept has none, not a half of one: the same line
// begins it.
func TestAPlanIsKeptWholeOrNotAtAll(t *testing.T) {
	t.Setenv("SLLOAD_PASSWORD", "secret")
	out := t.TempDir()
	in := filepath.Join(out, abProfileFile, "x") // there can be no file of that name then
	if err := os.MkdirAll(in, 0o700); err != nil {
		t.Fatal(err)
	}
	begin := func() (code int, stderr string) {
		var b bytes.Buffer
		code = execute([]string{"ab", "crowd", "--a", "http://127.0.0.1:1/", "--b", "http://127.0.0.1:1/b", "--runs", "3", "--out", out}, &bytes.Buffer{}, &b)
		return code, b.String()
	}
	if code, stderr := begin(); code != exitInternal || !strings.Contains(stderr, abProfileFile) {
		t.Errorf("exit code %d, %s; want that %s can't be written", code, stderr, abProfileFile)
	}
	if _, err := os.Lstat(filepath.Join(out, abPlanFile)); err == nil {
		t.Error("there is a plan without its profile")
	}
	if err := os.RemoveAll(filepath.Dir(in)); err != nil {
		t.Fatal(err)
	}
	if code, stderr := begin(); code != exitUnreachable {
		t.Errorf("exit code %d, %s; want that of a grid that doesn't answer", code, stderr)
	}
	names, err := os.ReadDir(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range names {
		if strings.HasPrefix(e.Name(), ".") {
			t.Errorf("%s is left", e.Name())
		}
	}
}
