package profiles

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestErrors holds what each broken profile in testdata/errors is told.
func TestErrors(t *testing.T) {
	files, err := filepath.Glob("testdata/errors/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no broken profiles: %v", err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Parse(data, name)
			var first *Error
			if !errors.As(err, &first) {
				t.Fatalf("got %v, want an *Error", err)
			}
			golden(t, strings.TrimSuffix(file, ".yaml")+".golden", err.Error()+"\n")
		})
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// A checkout on Windows may have other line ends.
	if want := strings.ReplaceAll(string(want), "\r\n", "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestErrorHasItsParts(t *testing.T) {
	_, err := Parse([]byte("agents:\n  count: 5\n  durration: 3s\n"), "dir/x.yaml")
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an *Error", err)
	}
	want := Error{File: "dir/x.yaml", Line: 3, Column: 3, Key: "agents", Problem: `unknown key "durration", did you mean duration?`}
	if *e != want {
		t.Errorf("got %+v, want %+v", *e, want)
	}
}

func TestErrorsPrintsTheFirstTen(t *testing.T) {
	var errs Errors
	for range 13 {
		errs.failf("name", "is wrong")
	}
	lines := strings.Split(errs.Error(), "\n")
	if len(lines) != 11 || lines[10] != "and 3 errors more" {
		t.Errorf("got %q", lines)
	}
}

const everyKey = `
name: everything
description: |
  Two lines
  of words.
hand_scaled: true
grid: {login_uri: "http://127.0.0.1:9000/", start: "last"}
accounts: {first: Load, last: "Bot{n}", password_env: GRID_PASSWORD}
agents:
  executor: ramping-agents
  login_rate: 10/s
  stages: [{over: 30s, to: 200}, {over: 5m, to: 200}]
agent:
  update_rate: 5/s
  idle_update_rate: 30/m
  event_queue: false
  neighbours: true
  throttle: 1.5Mbit/s
  draw_distance: 64
warmup: 30s
behaviors:
  - {do: wander, rate: 0.5/s, even: true}
  - {do: chat, rate: 6/m, with: {text: "hello", times: 3, loud: true, x: 1.5, y: -2, who: [a, {b: 1}]}}
thresholds: ["login.p95 < 2s", "msg.chat.p999 < 500ms over 1m abort", "errors < 1%", "msg.im.errors < 0.5%"]
primary: [login, msg.chat]
on_loss: replace
placement: {regions: [Welcome, "Sandbox 2"], layout: spread, spot: [10, 20.5, 30]}
seed: 18446744073709551615
`

func TestParseEveryKey(t *testing.T) {
	want := &Profile{
		Name:        "everything",
		Description: "Two lines\nof words.\n",
		HandScaled:  true,
		Grid:        Grid{LoginURI: "http://127.0.0.1:9000/", Start: "last"},
		Accounts:    AccountSource{First: "Load", Last: "Bot{n}", PasswordEnv: "GRID_PASSWORD"},
		Agents: Agents{
			Executor: RampingAgents, LoginRate: 10,
			Stages: []Stage{{Duration(30 * time.Second), 200}, {Duration(5 * time.Minute), 200}},
		},
		Agent:  Agent{UpdateRate: 5, IdleUpdateRate: 0.5, Neighbours: true, Throttle: 1_500_000, DrawDistance: 64},
		Warmup: Duration(30 * time.Second),
		Behaviors: []Behavior{
			{Do: "wander", Rate: 0.5, Even: true},
			{Do: "chat", Rate: 0.1, With: map[string]any{
				"text": "hello", "times": 3, "loud": true, "x": 1.5, "y": -2,
				"who": []any{"a", map[string]any{"b": 1}},
			}},
		},
		Thresholds: []Threshold{
			{Op: "login", Stat: StatQuantile, Quantile: 95, Limit: Duration(2 * time.Second)},
			{Op: "msg.chat", Stat: StatQuantile, Quantile: 99.9, Limit: Duration(500 * time.Millisecond), Over: Duration(time.Minute), Abort: true},
			{Stat: StatErrors, Ratio: 0.01},
			{Op: "msg.im", Stat: StatErrors, Ratio: 0.005},
		},
		Primary:   []string{"login", "msg.chat"},
		OnLoss:    Replace,
		Placement: Placement{Regions: []string{"Welcome", "Sandbox 2"}, Layout: Spread, Spot: []float64{10, 20.5, 30}},
		Seed:      1<<64 - 1,
	}
	if d := diff(want, mustParse(t, everyKey)); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestParseDefaults(t *testing.T) {
	got, err := Parse([]byte("agents: {count: 1, duration: 1s}"), "some dir/my profile.v2.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := &Profile{
		Name:   "my-profile.v2",
		Grid:   Grid{Start: "last"},
		Agents: Agents{Executor: ConstantAgents, Count: 1, Duration: Duration(time.Second), LoginRate: 10},
		Agent:  Agent{UpdateRate: 10, IdleUpdateRate: 1, EventQueue: true, Throttle: 1_000_000, DrawDistance: 128},
		OnLoss: Relogin,
	}
	if d := diff(want, got); d != "" {
		t.Errorf("(-want +got)\n%s", d)
	}
}

func TestExecutorFollowsFromTheKeys(t *testing.T) {
	for keys, want := range map[string]Executor{
		"count: 5, duration: 1m":           ConstantAgents,
		"stages: [{over: 1m, to: 5}]":      RampingAgents,
		"count: 100, step: 10, every: 30s": Stairs,
		"stay: 30s, duration: 10m":         ArrivalRate,
	} {
		if got := mustParse(t, "agents: {"+keys+"}").Agents.Executor; got != want {
			t.Errorf("%s: got %s, want %s", keys, got, want)
		}
	}
}

func TestStageWithoutLengthRisesAtTheLoginRate(t *testing.T) {
	p := mustParse(t, "agents: {login_rate: 8/s, stages: [{over: 0s, to: 20}, {to: 0}]}")
	if got := p.Agents.Stages; got[0].Over != Duration(2500*time.Millisecond) || got[1].Over != 0 {
		t.Errorf("got %v, want 2.5s up and 0s down", got)
	}
}

func TestLoadFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "mine.yaml")
	text := "agents: {count: 1, duration: 1s}\naccounts: {csv: accounts.csv}\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(dir, "accounts.csv"); p.Name != "mine" || p.Accounts.CSV != want {
		t.Errorf("got name %s and accounts %s, want mine and %s", p.Name, p.Accounts.CSV, want)
	}
}

func TestLoadWhatIsNotThere(t *testing.T) {
	_, err := Load("crwod")
	if want := "crwod: no such file, and the built-in profiles are " + strings.Join(Builtins(), ", ") + ", did you mean crowd?"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is no fs.ErrNotExist", err)
	}
	if _, err := Load(t.TempDir()); err == nil {
		t.Error("a folder was taken for a profile")
	}
}

func TestParseRefusesLargeFiles(t *testing.T) {
	_, err := Parse([]byte("#"+strings.Repeat("x", maxFile)), "big.yaml")
	if want := "big.yaml: is larger than a profile may be (262144 bytes)"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestParseBoundsNesting(t *testing.T) {
	for _, level := range []string{"[", "{a: ", "- ", "? ", "a: ["} {
		text := strings.Repeat(level, 10_000)
		_, err := Parse([]byte(text), "deep.yaml")
		if err == nil || !strings.Contains(err.Error(), "nests more than 32 levels deep") {
			t.Errorf("%q again and again: got %.100v, want a word about the nesting", level, err)
		}
	}
}
