package control

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/swarm"
	"github.com/slload/slload/testgrid"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// startRun makes a run of two agents in dir that goes on until it is stopped.
func startRun(t *testing.T, dir string) *Client {
	t.Helper()
	grid, err := testgrid.New(testgrid.Config{Password: "secret"})
	if err != nil {
		t.Fatal(err)
	}
	loop, endGrid := context.WithCancel(context.Background())
	gridEnded := make(chan error, 1)
	go func() { gridEnded <- grid.Run(loop) }()
	p, err := profiles.Parse([]byte(`
name: steered
agents: {executor: constant-agents, count: 2, login_rate: 50/s, duration: 10m}
behaviors: [{do: chat, rate: 2/s}]
`), "test.yaml")
	if err == nil {
		err = p.Resolve()
	}
	if err != nil {
		t.Fatal(err)
	}
	accounts, err := p.Accounts.Open(func(string) string { return "secret" })
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	control := swarm.NewControl()
	begun, ended := make(chan error, 1), make(chan error, 1)
	closeServer := func() {}
	go func() {
		_, err := swarm.Run(ctx, t.Context(), swarm.Config{
			Profile: p, Accounts: accounts, LoginURI: grid.LoginURI(), Seed: 1, Out: dir, Control: control,
			OnBegin: func(dir string) {
				var err error
				closeServer, err = Serve(dir, Run{control, stop})
				begun <- err
			},
		})
		ended <- err
	}()
	if err := <-begun; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the run ended with %v", err)
		}
		closeServer()
		if _, err := os.Lstat(filepath.Join(dir, socketName)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the socket is still there (%v)", err)
		}
		if _, err := Dial(dir).Status(context.Background()); !errors.As(err, new(*EndedError)) {
			t.Errorf("ended, it answers with %v", err)
		}
		endGrid()
		if err := <-gridEnded; err != nil {
			t.Error(err)
		}
	})
	return Dial(dir)
}

func TestSteerFromOutside(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "run")
	run := startRun(t, dir)
	ctx := t.Context()
	for _, step := range []struct {
		name string
		ask  func(ctx context.Context) (*swarm.Status, error)
		want string // the state, or a part of the refusal
	}{
		{"status", run.Status, swarm.StateRunning},
		{"resume", run.Resume, "the run is not paused"},
		{"pause", run.Pause, swarm.StatePaused},
		{"pause again", run.Pause, "the run is paused already"},
		{"resume", run.Resume, swarm.StateRunning},
		{"scale", func(ctx context.Context) (*swarm.Status, error) { return run.Scale(ctx, 3) }, swarm.StateRunning},
		{"scale", func(ctx context.Context) (*swarm.Status, error) { return run.Scale(ctx, -3) }, "-3 agents: want 0 at least"},
		{"stop", run.Stop, swarm.StateEnding},
	} {
		got := ""
		status, err := step.ask(ctx)
		if err != nil {
			got = err.Error()
		} else {
			got = status.State
		}
		if got != step.want {
			t.Errorf("%s: %q, want %q", step.name, got, step.want)
		}
		if step.name == "scale" && err == nil && (status.Agents.Target != 3 || !status.HandScaled) {
			t.Errorf("scaled, its status is %+v", status)
		}
	}
}

// Who asks while the socket is being made is told that there is no run yet, and
// never that its process has gone.
func TestTheSocketIsThereWhenSomebodyListens(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	var asking sync.WaitGroup
	asking.Go(func() {
		for ctx.Err() == nil {
			conn, err := connect(ctx, dir)
			switch {
			case err == nil:
				conn.Close()
			case errors.As(err, new(*StaleError)):
				t.Error(err)
				return
			}
		}
	})
	for range 300 {
		l, remove, err := listen(dir)
		if err != nil {
			t.Fatal(err)
		}
		remove() // first, as nobody would who listens: it is the beginning that is tried
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	cancel()
	asking.Wait()
}

// A path that no socket may have is no hindrance, and others can't use either.
func TestTheSocketOfALongPathIsPrivate(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{filepath.Join(t.TempDir(), "short"), filepath.Join(t.TempDir(), strings.Repeat("long/", 30), "run")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		closeServer, err := Serve(dir, Run{Control: swarm.NewControl()})
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(filepath.Join(dir, socketName))
		if err != nil || info.Mode().Perm() != 0o600 || info.Mode().Type() != os.ModeSocket {
			t.Errorf("%s: %v (%v), want a socket with mode 0600", dir, info.Mode(), err)
		}
		conn, err := connect(t.Context(), dir)
		if err != nil {
			t.Error(err)
		} else {
			conn.Close()
		}
		closeServer()
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%s still holds %v (%v)", dir, left, err)
		}
	}
}

// A socket that a dead run left is told as such, and is no hindrance to the next.
func TestStaleSockets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l, err := net.Listen("unix", filepath.Join(dir, socketName))
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	var stale *StaleError
	if _, err := Dial(dir).Status(t.Context()); !errors.As(err, &stale) || stale.Dir != dir {
		t.Errorf("a dead run answers with %v", err)
	}
	closeServer, err := Serve(dir, Run{Control: swarm.NewControl()})
	if err != nil {
		t.Fatal(err)
	}
	closeServer()
	if err := os.Symlink(filepath.Join(dir, "gone"), filepath.Join(dir, socketName)); err != nil {
		t.Fatal(err)
	}
	if _, err := Dial(dir).Status(t.Context()); !errors.As(err, new(*StaleError)) {
		t.Errorf("a dead run whose socket was cleaned away answers with %v", err)
	}
}

// Whatever is sent, the answer is one line, and a large request isn't read.
func TestBadRequests(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	closeServer, err := Serve(dir, Run{Control: swarm.NewControl()})
	if err != nil {
		t.Fatal(err)
	}
	defer closeServer()
	client := Dial(dir).http
	for _, test := range []struct {
		method, path, body string
		code               int
	}{
		{http.MethodPost, "/scale", `{"agents": "many"}`, http.StatusBadRequest},
		{http.MethodPost, "/scale", `{}`, http.StatusBadRequest},
		{http.MethodPost, "/scale", `{"agents": 3, "now": true}`, http.StatusBadRequest},
		{http.MethodPost, "/scale", `{"agents": ` + strings.Repeat("1", 1<<20) + `}`, http.StatusBadRequest},
		{http.MethodGet, "/pause", "", http.StatusMethodNotAllowed},
		{http.MethodPost, "/dance", "", http.StatusNotFound},
	} {
		req, err := http.NewRequestWithContext(t.Context(), test.method, "http://run"+test.path, strings.NewReader(test.body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Errorf("%s: %v", test.path, err)
			continue
		}
		resp.Body.Close()
		if resp.StatusCode != test.code {
			t.Errorf("%s %.40q: %s, want %d", test.path, test.body, resp.Status, test.code)
		}
	}
}

// A run that doesn't get round to it is no reason to wait for ever.
func TestABusyRunIsGivenUpOn(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := swarm.NewControl().Pause(ctx)
	if !errors.Is(err, context.Canceled) || code(fmt.Errorf("ask: %w", err)) != http.StatusServiceUnavailable {
		t.Errorf("it ends with %v", err)
	}
}
