package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// kind is one of the ratios: what of slload runs, and against which floor.
type kind struct {
	name  string
	floor string // the floor's own word for it
}

// kinds in the order of a round: what is compared runs side by side.
var kinds = []kind{{"shared", "pkt"}, {"agent", "pkt"}, {"epoll", "epoll"}}

func kindNames() []string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.name
	}
	return names
}

// floorName is what runs of a floor are called in the result.
func floorName(floor string) string { return "floor " + floor }

// plan is what the command line asks for.
type plan struct {
	floor, echo     string // absolute paths, after check
	endpoints, rate int
	window, warmUp  time.Duration
	rounds          int
	kinds           []kind
	profiles        string // a directory; "": none
}

// load is what one process of slload is to do.
type load struct {
	endpoints, rate int
	window, warmUp  time.Duration
	profile         string // a file; "": none
}

// choose takes the kinds that are to be measured.
func (p *plan) choose(only []string) error {
	for _, name := range only {
		if !slices.Contains(kindNames(), name) {
			return &usageError{fmt.Errorf("--only %s: there is no such run; give some of %s", name, strings.Join(kindNames(), ","))}
		}
	}
	for _, k := range kinds {
		if slices.Contains(only, k.name) {
			p.kinds = append(p.kinds, k)
		}
	}
	if len(p.kinds) == 0 {
		return &usageError{fmt.Errorf("--only names no run: give some of %s", strings.Join(kindNames(), ","))}
	}
	return nil
}

// mostEndpoints is what one shared socket on loopback has addresses for.
const mostEndpoints = 1<<16 - 1

// check tells what can't be measured so.
func (p *plan) check(format string) error {
	for _, b := range []struct {
		name         string
		value, limit int
	}{
		{"endpoints", p.endpoints, mostEndpoints}, {"rate", p.rate, 100},
		{"seconds", int(p.window / time.Second), 600}, {"runs", p.rounds, 100},
	} {
		if b.value < 1 || b.value > b.limit {
			return &usageError{fmt.Errorf("--%s %d: give 1 to %d", b.name, b.value, b.limit)}
		}
	}
	if format != "text" && format != "json" {
		return &usageError{fmt.Errorf("--format %s: give text or json", format)}
	}
	var err error
	if p.floor, err = program("floor", p.floor); err != nil {
		return err
	}
	p.echo, err = program("echo", p.echo)
	return err
}

// program gives the absolute path of a program that was named by a flag.
func program(flag, path string) (string, error) {
	if path == "" {
		return "", &usageError{fmt.Errorf("--%s is missing: give the path of that program; see bench --help", flag)}
	}
	path, err := filepath.Abs(path)
	if err == nil {
		path, err = exec.LookPath(path)
	}
	if err != nil {
		return "", &usageError{fmt.Errorf("--%s: %w; give the path of a program", flag, err)}
	}
	return path, nil
}
