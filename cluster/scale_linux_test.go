package cluster

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// scaleEnv has the measurement run: numbers of workers, parted by commas.
const scaleEnv = "SLLOAD_SCALE_WORKERS"

// TestScale measures what many workers cost their controller. A process is all
// workers: a connection, a loop and a courier each, as real ones have, and a sink
// that gets what a busy second holds. With a nats-server by make test-nats' variable
// NATS is measured apart.
func TestScale(t *testing.T) {
	if os.Getenv(scaleEnv) == "" {
		t.Skipf("%s=10,100,300,1000 runs this", scaleEnv)
	}
	nats := ""
	if os.Getenv(natsEnv) != "" {
		var err error
		if nats, err = exec.LookPath("nats-server"); err != nil {
			t.Skip("there is no nats-server here")
		}
	}
	for _, text := range strings.Split(os.Getenv(scaleEnv), ",") {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(text, func(t *testing.T) { measureScale(t, n, nats) })
	}
}

// scaleWindow is what of the run is measured.
const scaleFrom, scaleTo = 10 * time.Second, 40 * time.Second

func measureScale(t *testing.T, n int, nats string) {
	d := &director{
		t: t, lines: make(chan told, 1024), limit: time.After(5 * time.Minute), books: t.TempDir(),
		role: role{
			Dir: filepath.Join(t.TempDir(), "run"), Spool: t.TempDir(), OnLoss: Continue, Agents: n, Crowd: n,
			Length: scaleTo, Clock: clock{Epoch: time.Now().Round(0).UTC(), Speed: 1},
		},
	}
	d.serveNATS(nats)
	d.startLead(false)
	d.until("NATS is up", func() bool { return d.role.URL != "" })
	began := time.Now()
	d.startWorker()
	var joined, ready, first time.Duration
	var m scaleTicks
	var lead, server [2]usage
	read := func(i int) {
		lead[i] = readUsage(t, d.lead)
		if d.nats != nil {
			server[i] = readUsage(t, d.nats)
		}
	}
	for now := time.Duration(0); !d.over; {
		select {
		case l := <-d.lines:
			d.note(l)
			switch {
			case joined == 0 && strings.Contains(l.line, fmt.Sprintf("tell %d of %d workers have joined", n, n)):
				joined = time.Since(began)
			case l.line == "begin":
				ready = time.Since(began)
			case strings.HasPrefix(l.line, "took "):
				if first == 0 {
					first = time.Since(began)
				}
				m.take(t, l.line, now)
			}
			if now < scaleFrom && d.now >= scaleFrom {
				read(0)
			}
			if now < scaleTo && d.now >= scaleTo {
				read(1)
			}
			now = d.now
		case <-d.limit:
			d.dump()
			t.Fatalf("it doesn't end; the run is at %v", d.now)
		}
	}
	if d.lead.err != nil {
		d.dump()
		t.Errorf("the controller ended with %v", d.lead.err)
	}
	load, _ := os.ReadFile("/proc/loadavg")
	s := lead[1].at.Sub(lead[0].at).Seconds()
	t.Logf("%d workers, %.0f s, load %.5s: controller %.3f CPU s/s, RSS %d MB, writes %.2f MB/s; joined after %.1f s, ready after %.1f s, first second after %.1f s",
		n, s, load, (lead[1].cpu-lead[0].cpu)/s, lead[1].rss>>20, float64(lead[1].written-lead[0].written)/s/1e6, joined.Seconds(), ready.Seconds(), first.Seconds())
	if d.nats != nil {
		t.Logf("nats-server %.3f CPU s/s, RSS %d MB", (server[1].cpu-server[0].cpu)/s, server[1].rss>>20)
	}
	slices.Sort(m.lag)
	slices.Sort(m.took)
	if len(m.lag) == 0 {
		t.Fatal("no tick was in the window")
	}
	t.Logf("lag of a closed second: median %v, worst %v; a tick: median %v, a checkpoint %v at worst",
		m.lag[len(m.lag)/2], m.lag[len(m.lag)-1], m.took[len(m.took)/2], m.took[len(m.took)-1])
}

// scaleTicks are the ticks of the window.
type scaleTicks struct{ lag, took []time.Duration }

func (m *scaleTicks) take(t *testing.T, line string, now time.Duration) {
	var lag, took int64
	if _, err := fmt.Sscanf(line, "took %d lag %d", &took, &lag); err != nil {
		t.Error(err)
	}
	if now >= scaleFrom && now < scaleTo {
		m.lag, m.took = append(m.lag, time.Duration(lag)), append(m.took, time.Duration(took))
	}
}

// usage is what a process has used.
type usage struct {
	at      time.Time
	cpu     float64 // seconds
	rss     int64
	written int64 // to disk
}

func readUsage(t *testing.T, p *process) usage {
	t.Helper()
	read := func(name string) []string {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", p.cmd.Process.Pid, name))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Fields(string(data))
	}
	number := func(text string) int64 {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	u := usage{at: time.Now()}
	stat := read("stat") // fields 14, 15 and 24 of proc_pid_stat(5), in ticks of 10 ms and pages
	u.cpu = float64(number(stat[13])+number(stat[14])) / 100
	u.rss = number(stat[23]) * int64(os.Getpagesize())
	if io := read("io"); slices.Contains(io, "write_bytes:") {
		u.written = number(io[slices.Index(io, "write_bytes:")+1])
	}
	return u
}
