package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/screen"
	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
	"github.com/slload/slload/swarm"
	"golang.org/x/term"
)

// plainEvery is how often a run says a line where there is no terminal; one of
// hours does it less often.
const (
	plainEvery     = 10 * time.Second
	plainEveryLong = time.Minute
	longRun        = time.Hour
)

// view shows a run while it goes on: the whole screen of a terminal, a plain
// line every ten seconds elsewhere. Log lines are written to it.
type view struct {
	out      io.Writer
	terminal bool
	count    string // which of several runs this is

	mu     sync.Mutex
	screen *screen.Screen // nil: plain lines
	said   time.Duration
	last   results.Actions
	lastAt time.Duration
}

// newView is for a run that writes to out; plain: lines even on a terminal.
func newView(out io.Writer, plain bool) *view {
	f, ok := out.(*os.File)
	return &view{out: out, terminal: ok && !plain && drawable(f)}
}

// drawable tells whether f is a terminal that is this program's to draw on.
func drawable(f *os.File) bool {
	return term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb" && foreground(f)
}

// Write says something beside the run's own lines.
func (v *view) Write(p []byte) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.screen != nil {
		return v.screen.Write(p)
	}
	return v.out.Write(p)
}

// begin says what is about to happen. What it gives takes over the terminal.
func (v *view) begin(p *profiles.Profile, cfg swarm.Config, keys screen.Keys) (open func()) {
	grid := cfg.LoginURI
	if cfg.GridCPUSeconds != nil {
		grid = "the embedded grid"
	}
	title := fmt.Sprintf("%s: %d agents on %s for %v, seed %d", p.Name, p.Peak(), grid, p.Length(), cfg.Seed)
	fmt.Fprintln(v, title)
	return func() {
		if !v.terminal {
			return
		}
		var in io.Reader
		if drawable(os.Stdin) {
			in = os.Stdin
		}
		v.mu.Lock()
		defer v.mu.Unlock()
		v.screen = screen.Open(in, v.out, v.count+title, keys)
	}
}

// progress takes the state of a second.
func (v *view) progress(p swarm.Progress) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.screen != nil {
		if p.T != v.said {
			v.screen.Show(screen.StateOf(&p))
		}
		v.said = p.T
		return
	}
	if p.T-v.said < plainEvery-plainEvery/20 {
		return
	}
	v.said = p.T
	if p.Actions.Started < v.last.Started {
		v.last.Started = 0 // other workers go on with the run, and count anew
	}
	rate := float64(p.Actions.Started-v.last.Started) / max(p.T-v.lastAt, time.Millisecond).Seconds()
	v.last, v.lastAt = p.Actions, p.T
	fmt.Fprintln(v.out, plainLine(p, rate))
}

// end gives the terminal back, with the log lines that came meanwhile.
func (v *view) end() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.screen != nil {
		fmt.Fprint(v.out, v.screen.Close())
		v.screen = nil
	}
}

// watched are the kinds of operations of which the view shows the slowest.
var watched = []struct{ title, prefix string }{
	{"login", "login"}, {"caps", "caps."}, {"message", "msg."},
}

func plainLine(p swarm.Progress, rate float64) string {
	s := p.Summary()
	var b strings.Builder
	fmt.Fprintf(&b, "%s/%s %s: agents %d/%d, %.1f actions/s", clock(p.T-p.Paused), clock(p.Length), p.Phase,
		p.Agents.InWorld, p.Agents.Target, rate)
	for _, w := range watched {
		if name, op := slowest(s, w.prefix); name != "" {
			q := op.ResponseNS
			fmt.Fprintf(&b, ", %s %s/%s/%s", name, ns(q.P50), ns(q.P95), ns(q.P99))
		}
	}
	fmt.Fprintf(&b, ", errors %d, generator %s", errorCount(s), s.Verdict.Generator)
	return b.String()
}

// slowest is the operation of a kind whose p95 is the highest: login itself, not
// its parts, and pings and acks, which show the network, only where a kind has
// nothing else.
func slowest(s *results.Summary, prefix string) (name string, worst results.Op) {
	for n, op := range s.Ops {
		if !strings.HasPrefix(n, prefix) || strings.HasPrefix(n, "login.") || op.Count == 0 {
			continue
		}
		if name == "" || cmp.Or(compareBool(ofNetwork(name), ofNetwork(n)),
			cmp.Compare(op.ResponseNS.P95, worst.ResponseNS.P95), cmp.Compare(name, n)) > 0 {
			name, worst = n, op
		}
	}
	return name, worst
}

func ofNetwork(op string) bool { return op == circuit.OpPing || op == circuit.OpAck }

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func errorCount(s *results.Summary) (n int64) {
	for _, e := range s.Errors {
		n += e.Count
	}
	return n
}

func ns(n int64) string { return results.Human(time.Duration(n)) }

func clock(d time.Duration) string {
	d = d.Round(time.Second)
	if d >= time.Hour {
		return fmt.Sprintf("%d:%02d:%02d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d:%02d", int(d.Minutes()), int(d.Seconds())%60)
}
