package page

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/slload/slload/results"
)

// writeCluster makes the directory of a short run on four machines, one of which
// is lost and replaced, by the writer that real runs have.
func writeCluster(t testing.TB) (c *results.Collector, dir string, parts []results.Sample) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "run")
	m := results.Manifest{
		ID: "20261122-175633-crowd-3f2a", Profile: "crowd", Started: time.Date(2026, 11, 22, 17, 56, 33, 0, time.UTC),
		Seed: 42, Agents: 400, PlannedSeconds: 20, Measured: []string{"stage 2"}, Primary: []string{"msg.chat"},
		LoginURI: "http://127.0.0.1:9000/", Version: "1.0", OS: "linux", Arch: "amd64", Cores: 2,
	}
	hosts := []string{"scree:4012", "fell-2.hills.example:31999", "tarn:871", "<b>beck</b>:77"}
	for i, host := range hosts {
		m.Workers = append(m.Workers, results.ManifestWorker{Worker: host, Segment: i, Of: 4, Cores: 2 + i, Transport: "epoll", Loops: 2})
		parts = append(parts, results.Sample{
			Generator: results.Generator{Cores: 2 + i, MachineCores: 2 + i, MaxRSSBytes: int64(60+i) * 1e6, Memory: results.Memory{RSSBytes: 58e6}, TickLagP99NS: int64(1+i) * int64(time.Millisecond)},
			Workers:   []results.WorkerSample{{Segment: i, Of: 4, Epoch: 1, Worker: host, State: results.WorkerRunning, Lag: 40 * time.Millisecond}},
		})
	}
	c, err := results.NewCollector(results.Config{Dir: dir, Phase: "stage 1", Profile: []byte("name: crowd\n"), Manifest: m})
	ok(t, err)
	loop := results.NewRecorder()
	for second := range 20 {
		if second == 8 {
			ok(t, c.BeginPhase("stage 2", results.Combine(parts)))
		}
		if second == 13 {
			parts[2].Workers[0].State = results.WorkerTakenOver
			ok(t, c.LostLoad(12*time.Second, 14*time.Second, "segment 2:4, of tarn:871"))
			parts = append(parts, results.Sample{
				Generator: results.Generator{Cores: 2, MachineCores: 2, MaxRSSBytes: 50e6},
				Workers:   []results.WorkerSample{{Segment: 2, Of: 4, Epoch: 2, Worker: hosts[0], State: results.WorkerRunning}},
			})
		}
		for i := range parts {
			if parts[i].Workers[0].State == results.WorkerRunning {
				parts[i].T = time.Duration(second) * time.Second
				play(loop, &parts[i], second)
			}
		}
		parts[3].Actions.Late += 3
		c.Merge(loop.Swap(nil))
		ok(t, c.Tick(results.Combine(parts)))
	}
	return c, dir, parts
}

func TestThePageOfARunOnSeveralMachines(t *testing.T) {
	c, dir, parts := writeCluster(t)
	going := &Run{Manifest: manifestOf(t, dir), Summary: c.Summary(), Live: &Live{Going: true, Phase: "stage 2", Planned: 20}}
	live, root := parsed(t, going)
	if text := outline(root); !strings.Contains(text, "| timers late, p99 | figures old\n") || !strings.Contains(text, "| 1.00 ms | 40.0 ms\n") {
		t.Errorf("the live page doesn't tell how old the workers' figures are:\n%s", text)
	}
	if strings.Contains(live, "<b>beck") {
		t.Error("a host's name is taken for HTML")
	}
	ok(t, c.BeginPhase(results.PhaseLogout, results.Combine(parts)))
	for i := range parts {
		if parts[i].Workers[0].State == results.WorkerRunning {
			parts[i].Workers[0].State = results.WorkerEnded
		}
	}
	_, err := c.Finish(results.Combine(parts))
	ok(t, err)
	_, err = Write(dir)
	ok(t, err)
	r, err := Read(dir)
	ok(t, err)
	text, root := parsed(t, r)
	golden(t, "outline-workers.txt", outline(root))
	if path := os.Getenv("SLLOAD_PAGE"); path != "" { // for people
		ok(t, os.WriteFile(path, []byte(text), 0o600))
		ok(t, os.WriteFile(path+".live.html", []byte(live), 0o600))
	}
}

func TestThePageHasTheWorkersWithMostTrouble(t *testing.T) {
	r := &Run{Manifest: &results.Manifest{}, Summary: &results.Summary{}}
	for i := range 70 {
		w := results.WorkerSummary{Worker: fmt.Sprintf("host%d:1", i), Verdict: results.Valid, Lost: i == 69}
		if i == 60 {
			w.Verdict = results.Suspect
		}
		r.Summary.Workers = append(r.Summary.Workers, w)
	}
	text, root := parsed(t, r)
	if lines := outline(root); !strings.Contains(lines, "host60:1") || !strings.Contains(lines, "host69:1") || strings.Contains(lines, "host68:1") {
		t.Error("the table has others than the 50 with most trouble")
	}
	if !strings.Contains(text, "And 20 more workers with less trouble") {
		t.Error("the page doesn't tell of the others")
	}
}

func manifestOf(t testing.TB, dir string) *results.Manifest {
	t.Helper()
	m, err := results.ReadManifest(dir)
	ok(t, err)
	return m
}
