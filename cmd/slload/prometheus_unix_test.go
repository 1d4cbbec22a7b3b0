//go:build unix

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// prometheusEnv has the test run, by make test-prometheus: it takes some 15 s.
const prometheusEnv = "SLLOAD_TEST_PROMETHEUS"

// TestDashboardOnPrometheus has a real Prometheus scrape a real run and one of
// several processes, and asks it all that the dashboard asks: each query must have
// data.
func TestDashboardOnPrometheus(t *testing.T) {
	if os.Getenv(prometheusEnv) == "" {
		t.Skip("make test-prometheus runs this")
	}
	path, err := exec.LookPath("prometheus")
	if err != nil {
		t.Skip("there is no Prometheus here; Debian's package is called prometheus")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	several, err := url.Parse(newCrew(t, "90s").watched("--out", "run"))
	if err != nil {
		t.Fatal(err)
	}
	at := startPrometheus(ctx, t, path, startWatched(ctx, t), several.Host)
	open := dashboardQueries(t)
	if len(open) < 20 {
		t.Fatalf("the dashboard has %d queries", len(open))
	}
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for len(open) > 0 {
		for title, query := range open {
			if why := ask(ctx, at, query); why == "" {
				delete(open, title)
			} else if strings.Contains(why, "bad_data") {
				t.Fatalf("%s: %s: %s", title, query, why)
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("no data for %q", open)
		}
	}
	for query, least := range map[string]float64{
		`max(histogram_count(slload_response_seconds{op="login"}))`:                10,
		`min(histogram_quantile(0.95, slload_response_seconds{op="login"})) * 1e6`: 1,
		`min(slload_simulator_fps)`:                                                1,
		`sum(slload_worker_agents_in_world)`:                                       9,
		`sum(slload_worker_up)`:                                                    3,
	} {
		if v := number(ctx, t, at, query); !(v >= least && v < 1e9) {
			t.Errorf("%s is %v", query, v)
		}
	}
}

// startWatched starts a run in which things go wrong now and then, and gives
// where it is watched.
func startWatched(ctx context.Context, t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	profile := filepath.Join(dir, "profile.yaml")
	write(t, profile, `agents: {count: 20, duration: 90s, login_rate: 5/s}
behaviors: [{do: chat, rate: 1/s}, {do: wander, rate: 0.5/s}]
faults: [{udp: loss, percent: 5}, {login: presence, percent: 40}]
`)
	path, err := exec.LookPath("slload") // testscript has put it on the PATH
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, path, "run", profile, "--web", "127.0.0.1:0", "--out", filepath.Join(dir, "run"))
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	run(t, cmd)
	lines := bufio.NewReader(stderr)
	line, err := lines.ReadString('\n')
	u, uerr := url.Parse(regexp.MustCompile(`http://\S+`).FindString(line))
	if err != nil || uerr != nil || u.Host == "" {
		t.Fatalf("slload says %q (%v): no address in it", line, err)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	return u.Host
}

// startPrometheus has it scrape targets every two seconds, and gives its address.
func startPrometheus(ctx context.Context, t *testing.T, path string, targets ...string) string {
	t.Helper()
	dir := t.TempDir()
	config := filepath.Join(dir, "prometheus.yml")
	write(t, config, fmt.Sprintf("scrape_configs:\n- job_name: slload\n  scrape_interval: 2s\n  scrape_timeout: 2s\n  static_configs: [{targets: [%s]}]\n", strings.Join(targets, ", ")))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := l.Addr().String()
	_ = l.Close() // it can't say which port it took, so it is told one that was free
	run(t, exec.CommandContext(ctx, path, "--config.file="+config, "--storage.tsdb.path="+filepath.Join(dir, "data"),
		"--web.listen-address="+at, "--enable-feature=native-histograms", "--log.level=error"))
	return at
}

// run starts a program that ends with the test.
func run(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // or its deadline has
		_ = cmd.Wait()
	})
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// dashboardQueries are those of the dashboard, by panel, as Grafana sends them.
func dashboardQueries(t *testing.T) map[string]string {
	t.Helper()
	data, err := os.ReadFile("../../deploy/grafana/slload.json")
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(data, &d); err != nil {
		t.Fatal(err)
	}
	fill := strings.NewReplacer("$instance", ".*", "$op", ".*", "$__rate_interval", "10s")
	queries := map[string]string{}
	for _, p := range d.Panels {
		for i, target := range p.Targets {
			queries[fmt.Sprintf("%s %d", p.Title, i+1)] = fill.Replace(target.Expr)
		}
	}
	return queries
}

// answer is what Prometheus answers to a query.
type answer struct {
	Status, ErrorType, Error string
	Data                     struct {
		Result []struct{ Value [2]any }
	}
}

func query(ctx context.Context, at, expr string) (a answer, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+at+"/api/v1/query?query="+url.QueryEscape(expr), nil)
	if err != nil {
		return a, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return a, err
	}
	defer resp.Body.Close()
	return a, json.NewDecoder(resp.Body).Decode(&a)
}

// ask says why a query has no data; "" where it has.
func ask(ctx context.Context, at, expr string) string {
	a, err := query(ctx, at, expr)
	switch {
	case err != nil:
		return err.Error()
	case a.Status != "success":
		return a.ErrorType + ": " + a.Error
	}
	for _, r := range a.Data.Result {
		if text, _ := r.Value[1].(string); text != "" && text != "NaN" {
			return ""
		}
	}
	return "no data"
}

// number is a query's one value.
func number(ctx context.Context, t *testing.T, at, expr string) (v float64) {
	t.Helper()
	a, err := query(ctx, at, expr)
	if err != nil || len(a.Data.Result) != 1 {
		t.Fatalf("%s: %+v (%v)", expr, a, err)
	}
	if _, err := fmt.Sscan(fmt.Sprint(a.Data.Result[0].Value[1]), &v); err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	return v
}
