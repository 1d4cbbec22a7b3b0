package main

import (
	"bytes"
	"context"
	"crypto/md5"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/testgrid"
	"github.com/slload/slload/xmlrpc"
)

const runPassword = "open-sesame-7f3a"

// witness is an embedded grid behind a proxy that notes every secret which
// passes: ids of sessions and addresses of capabilities.
type witness struct {
	grid, proxy string

	mu      sync.Mutex
	secrets map[string]string // what it is, by secret
}

var uuidForm = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

func newWitness(t *testing.T) *witness {
	t.Helper()
	grid, stop, err := startGrid(context.Background(), testgrid.Config{Regions: 2, Password: runPassword})
	if err != nil {
		t.Fatal(err)
	}
	w := &witness{grid: strings.TrimSuffix(grid.LoginURI(), "/"), secrets: map[string]string{
		runPassword: "the password",
		fmt.Sprintf("%x", md5.Sum([]byte(runPassword))): "the password's hash",
	}}
	to, err := url.Parse(w.grid)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(to) },
		ModifyResponse: w.note,
		ErrorLog:       log.New(io.Discard, "", 0), // agents that leave cut their polls
	})
	w.proxy = proxy.URL
	t.Cleanup(func() {
		proxy.CloseClientConnections()
		proxy.Close()
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// note reads an answer, and has the client come back through the proxy.
func (w *witness) note(r *http.Response) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch path := r.Request.URL.Path; {
	case path == "/":
		w.noteLogin(body)
	case strings.HasPrefix(path, "/CAPS/"):
		for _, id := range uuidForm.FindAllString(string(body), -1) {
			w.secrets[id] = "a capability's address"
		}
	}
	body = bytes.ReplaceAll(body, []byte(w.grid), []byte(w.proxy))
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return nil
}

func (w *witness) noteLogin(body []byte) {
	value, err := xmlrpc.UnmarshalResponse(body)
	fields, ok := value.(map[string]any)
	if err != nil || !ok || fields["login"] != "true" {
		return
	}
	for _, key := range []string{"session_id", "secure_session_id", "seed_capability"} {
		for _, id := range uuidForm.FindAllString(fmt.Sprint(fields[key]), -1) {
			w.secrets[id] = key
			w.secrets[strings.ReplaceAll(id, "-", "")] = key + ", without dashes"
		}
	}
}

func (w *witness) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.secrets)
}

// search tells where text holds a secret.
func (w *witness) search(t *testing.T, where, text string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	lower := strings.ToLower(text)
	for secret, what := range w.secrets {
		if at := strings.Index(lower, secret); at >= 0 {
			t.Errorf("%s tells %s: %q", where, what, text[max(0, at-80):min(len(text), at+80)])
		}
	}
}

// slload runs the program as a process of its own, and gives what it said.
func (w *witness) slload(t *testing.T, code int, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, self)
	cmd.Args = append([]string{"slload"}, args...)
	cmd.Env = append(os.Environ(), profiles.DefaultPasswordEnv+"="+runPassword)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS == "linux" {
		title, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", cmd.Process.Pid))
		if err != nil {
			t.Error(err)
		}
		w.search(t, "the process's title", string(title))
	}
	_ = cmd.Wait() // its code tells
	if got := cmd.ProcessState.ExitCode(); got != code && got != exitInvalid {
		t.Errorf("%v: exit code %d, want %d\n%s%s", args, got, code, stdout.String(), stderr.String())
	}
	if stderr.Len()+stdout.Len() == 0 {
		t.Errorf("%v said nothing: this proves nothing", args)
	}
	w.search(t, "stdout of "+args[0], stdout.String())
	w.search(t, "stderr of "+args[0], stderr.String())
}

const secretRun = `
name: secret
agents: {executor: constant-agents, count: 3, login_rate: 20/s, duration: 2s}
behaviors: [{do: chat, rate: 2/s}, {do: im, rate: 2/s}]
`

// Whoever reads what slload writes can act for nobody: a run, a play and a
// check at their most talkative, and all files of the run.
func TestOutputKeepsSecrets(t *testing.T) {
	t.Parallel()
	w := newWitness(t)
	dir := t.TempDir()
	profile, out := filepath.Join(dir, "secret.yaml"), filepath.Join(dir, "run")
	if err := os.WriteFile(profile, []byte(secretRun), 0o600); err != nil {
		t.Fatal(err)
	}
	uri := w.proxy + "/"
	w.slload(t, exitOK, "run", profile, "--login-uri", uri, "--log-level", "debug", "--out", out)
	w.slload(t, exitOK, "play", "chat", "--login-uri", uri, "--log-level", "debug", "--messages", "all")
	w.slload(t, exitOK, "play", "chat", "--login-uri", uri, "--log-level", "debug", "--format", "json", "--messages", "all")
	w.slload(t, exitOK, "accounts", "check", "--login-uri", uri, "--log-level", "debug", "-n", "2")
	if n := w.count(); n < 20 {
		t.Errorf("only %d secrets passed: this proves nothing", n)
	}
	searchFiles(t, w, out)
}

// searchFiles also checks that files are for their owner alone.
func searchFiles(t *testing.T, w *witness, dir string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode&0o077 != 0 {
			t.Errorf("%s is for others, too: %v", path, mode)
		}
		if d.IsDir() {
			return nil
		}
		files++
		text, err := os.ReadFile(path)
		w.search(t, filepath.Base(path), string(text))
		return err
	})
	if err != nil || files < 6 {
		t.Errorf("%d files in the run directory: %v", files, err)
	}
}
