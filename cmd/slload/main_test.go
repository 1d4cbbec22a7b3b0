package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/slload/slload/results"
)

var update = flag.Bool("update", false, "write golden files anew")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"slload": main, "starved": starved})
}

// starved is slload on one core that a dozen goroutines beside it burn: each
// of them has its turn, some 10 ms, before anything of slload has. It ends by
// itself whatever becomes of slload.
func starved() {
	runtime.GOMAXPROCS(1)
	time.AfterFunc(2*time.Minute, func() { os.Exit(99) })
	for range 12 {
		go func() {
			for n := 1; n != 0; n |= 1 { // burning is what it is for
			}
		}()
	}
	main()
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:           "testdata",
		UpdateScripts: *update,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":       cmdExits,
			"after":       cmdAfter,
			"summary":     cmdSummary,
			"closed":      cmdClosed,
			"grid":        cmdGrid,
			"remoteadmin": cmdRemoteAdmin,
			"runs":        cmdRuns,
			"workers":     cmdWorkers,
			"planned":     cmdPlanned,
		},
	})
}

// cmdExits runs a program and checks its exit code: exits CODE PROGRAM ARGS...
// What it printed can be checked with stdout and stderr. CODE may be several,
// as 0,6: a machine that is busy with other tests makes a run INVALID, and
// tests don't fail on speed.
func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARG...]")
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("run %v: %v", args[1:], err)
		}
		got = exit.ExitCode()
	}
	if !slices.Contains(strings.Split(args[0], ","), strconv.Itoa(got)) {
		ts.Fatalf("%v: exit code %d, want %s", args[1:], got, args[0])
	}
	ts.Setenv("EXITED", strconv.Itoa(got))
}

// cmdAfter checks what was printed where the last of exits' several codes was that
// one: after CODE stdout|stderr PATTERN.
func cmdAfter(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: after CODE stdout|stderr PATTERN")
	}
	if args[0] != ts.Getenv("EXITED") {
		return
	}
	said := ts.ReadFile(args[1])
	found, err := regexp.MatchString("(?m)"+args[2], said)
	ts.Check(err)
	if !found {
		ts.Fatalf("it ended with %s and printed no %q:\n%s", args[0], args[2], said)
	}
}

// cmdSummary checks a run's summary.json: summary FILE KEY OP NUMBER..., where
// a key is a path such as ops.login.count and OP is =, > or <.
func cmdSummary(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: summary FILE KEY[+KEY...] =|>|< NUMBER")
	}
	var s results.Summary // strict enough: the schema's own struct
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &s))
	var tree any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &tree))
	var got float64
	for key := range strings.SplitSeq(args[1], "+") {
		n, err := lookUp(tree, key)
		ts.Check(err)
		got += n
	}
	want, err := strconv.ParseFloat(args[3], 64)
	ts.Check(err)
	ok := map[string]bool{"=": got == want, ">": got > want, "<": got < want}[args[2]]
	if !ok {
		ts.Fatalf("%s is %v, want %s %v", args[1], got, args[2], want)
	}
}

// lookUp follows a path; an operation's name may have dots of its own, so the
// longest key that fits is taken.
func lookUp(tree any, path string) (float64, error) {
	if n, ok := tree.(float64); ok && path == "" {
		return n, nil
	}
	node, ok := tree.(map[string]any)
	if !ok {
		return 0, fmt.Errorf("no number at the end of the path, but %v", tree)
	}
	longest := ""
	for key := range node {
		if (path == key || strings.HasPrefix(path, key+".")) && len(key) > len(longest) {
			longest = key
		}
	}
	if longest == "" {
		return 0, fmt.Errorf("nothing at %q", path)
	}
	return lookUp(node[longest], strings.TrimPrefix(strings.TrimPrefix(path, longest), "."))
}

// cmdClosed sets a variable to a loopback address where nothing listens.
func cmdClosed(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: closed VARIABLE")
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	ts.Check(err)
	ts.Check(l.Close())
	ts.Setenv(args[0], l.Addr().String())
}

func TestExitCodesKeepTheirOrder(t *testing.T) {
	if code := exitCode(fmt.Errorf("write: %w", os.ErrPermission)); code != exitInternal {
		t.Errorf("an error that nobody knows exits %d, want %d", code, exitInternal)
	}
	if code := exitCode(nil); code != exitOK {
		t.Errorf("no error exits %d", code)
	}
	both := fmt.Errorf("%w; %w", &usageError{os.ErrNotExist}, errInterrupted)
	if code := exitCode(both); code != exitInterrupted {
		t.Errorf("interrupted and a usage error exits %d, want %d", code, exitInterrupted)
	}
}

// cmdGrid starts the embedded grid as a process of its own, sets a variable to
// its login URI, and at the script's end interrupts it and sees to it that it
// ends clean: grid VARIABLE FLAG...
func cmdGrid(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: grid VARIABLE [FLAG...]")
	}
	path, err := exec.LookPath("slload") // testscript has put it on the PATH
	ts.Check(err)
	var stderr bytes.Buffer
	cmd := exec.Command(path, append([]string{"grid", "--listen", "127.0.0.1:0"}, args[1:]...)...)
	cmd.Dir = ts.MkAbs(".") // so that a flag can name a file of the script
	cmd.Env = append(os.Environ(), "SLLOAD_PASSWORD="+ts.Getenv("SLLOAD_PASSWORD"))
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	ts.Check(err)
	uri := regexp.MustCompile(`http://127\.0\.0\.1:\d+/`).FindString(line)
	if uri == "" {
		ts.Fatalf("the grid says %q: no address in it", line)
	}
	ts.Setenv(args[0], uri)
	ts.Defer(func() {
		ts.Check(cmd.Process.Signal(os.Interrupt))
		if err := cmd.Wait(); err != nil || stderr.Len() > 0 {
			ts.Fatalf("the grid ended with %v and said %q", err, stderr.String())
		}
	})
}
