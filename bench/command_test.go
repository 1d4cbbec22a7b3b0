package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestCommandLineThatCannotBeFollowed(t *testing.T) {
	there := link(t, "there")
	missing := filepath.Join(t.TempDir(), "missing")
	for _, test := range []struct {
		name, args, want string
	}{
		{"no floor", "", "--floor is missing"},
		{"no echo", "--floor THERE", "--echo is missing"},
		{"a floor that isn't there", "--floor MISSING --echo THERE", "--floor: "},
		{"an echo that is no program", "--floor THERE --echo DIR", "--echo: "},
		{"an unknown run", "--floor THERE --echo THERE --only shared,portable", "--only portable: there is no such run; give some of shared,agent,epoll"},
		{"no run", "--floor THERE --echo THERE --only=", "--only names no run"},
		{"an unknown format", "--floor THERE --echo THERE --format xml", "--format xml: give text or json"},
		{"no endpoints", "--floor THERE --echo THERE --endpoints 0", "--endpoints 0: give 1 to 65535"},
		{"no rate", "--floor THERE --echo THERE --rate -1", "--rate -1: give 1 to 100"},
		{"no time", "--floor THERE --echo THERE --seconds 0", "--seconds 0: give 1 to 600"},
		{"no rounds", "--floor THERE --echo THERE --runs 0", "--runs 0: give 1 to 100"},
		{"an unknown flag", "--flor THERE", "unknown flag: --flor; see bench --help"},
		{"a simulator of nobody", "simulator", "give both"},
	} {
		t.Run(test.name, func(t *testing.T) {
			args := strings.Fields(test.args)
			for i := range args {
				args[i] = strings.NewReplacer("THERE", there, "MISSING", missing, "DIR", t.TempDir()).Replace(args[i])
			}
			var out, errs bytes.Buffer
			if code := execute(t.Context(), args, &out, &errs); code != 2 {
				t.Errorf("exit code %d, want 2", code)
			}
			if got := errs.String(); !strings.Contains(got, test.want) || !strings.HasPrefix(got, "bench: ") || strings.Count(got, "\n") != 1 {
				t.Errorf("says %q, want one line with %q", got, test.want)
			}
			if out.Len() > 0 {
				t.Errorf("prints %q", out.String())
			}
		})
	}
}

func TestHelpShowsHowToUseIt(t *testing.T) {
	var out, errs bytes.Buffer
	if code := execute(t.Context(), []string{"--help"}, &out, &errs); code != 0 {
		t.Fatalf("exit code %d: %s", code, errs.String())
	}
	for _, want := range []string{"Examples:", "go run ./bench --floor", "--format json", "--only", "--endpoints int", "(default 10000)", "99 %"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("help lacks %q:\n%s", want, out.String())
		}
	}
	for _, hidden := range []string{"pin ", "transport ", "agents ", "simulator", "completion"} {
		if strings.Contains(out.String(), "\n  "+hidden) {
			t.Errorf("help shows the part %q", hidden)
		}
	}
}

func TestPlanRunsWhatSharesAFloorSideBySide(t *testing.T) {
	var p plan
	if err := p.choose([]string{"epoll", "agent", "shared", "agent"}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, k := range p.kinds {
		got = append(got, k.name+" against "+floorName(k.floor))
	}
	want := "shared against floor pkt, agent against floor pkt, epoll against floor epoll"
	if strings.Join(got, ", ") != want {
		t.Errorf("order is %v, want %s", got, want)
	}
}

func TestPlanMakesPathsAbsolute(t *testing.T) {
	path := link(t, "there")
	t.Chdir(filepath.Dir(path))
	p := plan{floor: "there", echo: "./there", endpoints: 1, rate: 1, window: time.Second, rounds: 1}
	if err := p.check("text"); err != nil {
		t.Fatal(err)
	}
	if !filepath.IsAbs(p.floor) || p.floor != p.echo {
		t.Errorf("floor %s and echo %s, want the same absolute path", p.floor, p.echo)
	}
}
