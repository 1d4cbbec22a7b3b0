package agent

import (
	"context"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/internal/witness"
)

// clientLoop is a loop of agents with its observer, and what went over its
// wire.
type clientLoop struct {
	*circuit.Loop
	stop func()

	// The loop's goroutine owns what follows.
	t         testing.TB
	goroutine string
	measured  []measurement
	counts    map[string]int
	wire      []datagram
}

type measurement struct {
	op                  string
	intended, sent, end circuit.Instant
	reason              string
}

type datagram struct {
	at   circuit.Instant
	out  bool
	name string
}

func (w *world) newLoop(configure ...func(*circuit.Config)) *clientLoop {
	l := &clientLoop{t: w, counts: map[string]int{}}
	d := circuit.NewDispatch()
	RegisterHandlers(d)
	cfg := circuit.Config{Conn: witness.Hearing(w, w.net.Conn(udp.Config{})), Dispatch: d, Tap: l.tap}
	for _, f := range configure {
		f(&cfg)
	}
	l.Loop = circuit.NewLoop(cfg)
	l.stop = w.run(l.Loop)
	l.see(func() { l.goroutine = goroutine() })
	return l
}

// see runs f on the loop.
func (l *clientLoop) see(f func()) {
	if err := l.Call(context.Background(), func(circuit.Instant) { f() }); err != nil {
		l.t.Error(err)
	}
}

func goroutine() string {
	line := make([]byte, 64)
	line = line[:runtime.Stack(line, false)]
	return strings.Fields(string(line))[1]
}

func (l *clientLoop) Done(op string, intended, sent, end circuit.Instant, reason string) {
	l.onLoop("Done " + op)
	if sent == 0 || end < sent || intended > sent {
		l.t.Errorf("%s: intended at %d, sent at %d, ended at %d", op, intended, sent, end)
	}
	l.measured = append(l.measured, measurement{op, intended, sent, end, reason})
}

func (l *clientLoop) Count(name string, n int) {
	l.onLoop("Count " + name)
	l.counts[name] += n
}

func (l *clientLoop) onLoop(what string) {
	if g := goroutine(); g != l.goroutine {
		l.t.Errorf("the observer is told %s on goroutine %s; the loop is %s", what, g, l.goroutine)
	}
}

func (l *clientLoop) tap(at circuit.Instant, out bool, _, _ netip.AddrPort, data []byte) {
	l.wire = append(l.wire, datagram{at, out, decode(l.t, data).ID().String()})
}

// passed gives when the nth message of that name came, or went.
func (l *clientLoop) passed(out bool, name string, n int) (at circuit.Instant) {
	l.see(func() { at = l.passedHere(out, name, n) })
	return at
}

// passedHere is passed for callbacks.
func (l *clientLoop) passedHere(out bool, name string, n int) circuit.Instant {
	for _, d := range l.wire {
		if d.out == out && d.name == name {
			if n--; n == 0 {
				return d.at
			}
		}
	}
	l.t.Errorf("%s did not pass (out: %t)", name, out)
	return 0
}

// outcomes gives the measurements of an operation as `op` or `op reason`, and
// of all of them without an argument.
func (l *clientLoop) outcomes(ops ...string) (list []string) {
	for _, m := range l.measurements(ops...) {
		list = append(list, strings.TrimSpace(m.op+" "+m.reason))
	}
	return list
}

func (l *clientLoop) measurements(ops ...string) (list []measurement) {
	l.see(func() {
		for _, m := range l.measured {
			if len(ops) == 0 || slices.Contains(ops, m.op) {
				list = append(list, m)
			}
		}
	})
	return list
}

// counted gives a counter.
func (l *clientLoop) counted(name string) (n int) {
	l.see(func() { n = l.counts[name] })
	return n
}
