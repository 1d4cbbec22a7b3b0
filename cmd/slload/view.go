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

// view shows a run while it goes on: a block that is drawn anew each second on
// a terminal, a plain line every ten seconds elsewhere. What is written to it
// (log lines) comes above the block.
type view struct {
	out      io.Writer
	terminal bool

	mu     sync.Mutex
	block  []string // as it stands on the terminal
	said   time.Duration
	last   results.Actions
	lastAt time.Duration
}

func newView(out io.Writer) *view {
	f, ok := out.(*os.File)
	return &view{out: out, terminal: ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb"}
}

// Write puts p above the block.
func (v *view) Write(p []byte) (int, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.erase()
	n, err := v.out.Write(p)
	v.draw()
	return n, err
}

// begin says what is about to happen.
func (v *view) begin(p *profiles.Profile, cfg swarm.Config) {
	grid := cfg.LoginURI
	if cfg.GridCPUSeconds != nil {
		grid = "the embedded grid"
	}
	fmt.Fprintf(v, "%s: %d agents on %s for %v, seed %d\n", p.Name, p.Peak(), grid, p.Length(), cfg.Seed)
}

// progress takes the state of a second.
func (v *view) progress(p swarm.Progress) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if every := v.plainEvery(p.Length); !v.terminal && p.T-v.said < every-every/20 {
		return
	}
	v.said = p.T
	rate := float64(p.Actions.Started-v.last.Started) / max(p.T-v.lastAt, time.Millisecond).Seconds()
	v.last, v.lastAt = p.Actions, p.T
	if !v.terminal {
		fmt.Fprintln(v.out, plainLine(p, rate))
		return
	}
	v.erase()
	v.block = blockLines(p, rate)
	v.draw()
}

func (v *view) plainEvery(length time.Duration) time.Duration {
	if length > longRun {
		return plainEveryLong
	}
	return plainEvery
}

// end takes the block away.
func (v *view) end() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.erase()
	v.block = nil
}

func (v *view) erase() {
	if len(v.block) > 0 {
		fmt.Fprintf(v.out, "\x1b[%dA\x1b[J", len(v.block))
	}
}

func (v *view) draw() {
	for _, line := range v.block {
		fmt.Fprintln(v.out, line)
	}
}

// watched are the kinds of operations of which the view shows the slowest.
var watched = []struct{ title, prefix string }{
	{"login", "login"}, {"caps", "caps."}, {"message", "msg."},
}

func blockLines(p swarm.Progress, rate float64) []string {
	s := p.Summary()
	lines := []string{
		fmt.Sprintf("%s  %s of %s  %s", bar(p.T-p.Paused, p.Length), clock(p.T-p.Paused), clock(p.Length), p.Phase),
		fmt.Sprintf("agents %d of %d   actions %.1f/s   errors %d   lost %d",
			p.Agents.InWorld, p.Agents.Target, rate, errorCount(s), p.Agents.Lost),
		fmt.Sprintf("%-20s %9s %9s %9s %9s", "", "count", "p50", "p95", "p99"),
	}
	for _, w := range watched {
		name, op := slowest(s, w.prefix)
		if name == "" {
			lines = append(lines, fmt.Sprintf("%-20s %9s", w.title, "-"))
			continue
		}
		q := op.ResponseNS
		lines = append(lines, fmt.Sprintf("%-20s %9d %9s %9s %9s", name, op.Count, ns(q.P50), ns(q.P95), ns(q.P99)))
	}
	health := string(s.Verdict.Generator)
	if len(s.Verdict.Reasons) > 0 {
		health += ": " + s.Verdict.Reasons[0]
	}
	return append(lines, "generator "+health)
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

func bar(at, of time.Duration) string {
	const width = 30
	done := width
	if of > 0 && at < of {
		done = int(width * at / of)
	}
	return "[" + strings.Repeat("=", done) + strings.Repeat(" ", width-done) + "]"
}
