package agent

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/message"
)

// world is a scripted grid and loops of agents, on a network without sockets
// and in a bubble with a clock of its own: nothing in it waits for real.
type world struct {
	*testing.T
	net    *udp.Memory
	deaf   atomic.Bool // nothing comes from the simulator any more
	sim    *simulator
	grid   *grid
	home   *clientLoop
	logged journal
	stops  []func()
}

// latency of the network, one way.
const latency = 10 * time.Millisecond

// inWorld runs f in a world and ends that, without a trace, after it.
func inWorld(t *testing.T, f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{T: t, net: udp.NewMemory(), grid: newGrid(t)}
		w.net.Filter = func(from, _ udp.Addr, _ []byte) []time.Duration {
			if w.deaf.Load() && from == udp.AddrFrom(simulatorAddr) {
				return nil
			}
			return []time.Duration{latency}
		}
		defer func() {
			for _, stop := range slices.Backward(w.stops) {
				stop()
			}
			time.Sleep(5 * time.Second) // event queues say goodbye
		}()
		w.sim = newSimulator(t, w.net)
		w.run(w.sim.loop)
		w.home = w.newLoop()
		f(w)
	})
}

// run runs a loop until the world ends, or until the returned function is
// called.
func (w *world) run(l *circuit.Loop) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			w.Errorf("loop: %v", err)
		}
	})
	w.stops = append(w.stops, stop)
	return stop
}

// journal is a log that may be written and read at once.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// options are a login's of a resident, on the world's first loop.
func (w *world) options(first string) Options {
	return Options{
		Loop: w.home.Loop, Observer: w.home, HTTP: &http.Client{Transport: w.grid}, LoginURI: loginURI,
		Account: Account{First: first, Last: "Tester", Password: password}, Seed: 1,
		Log: slog.New(slog.NewTextHandler(&w.logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
}

// enter logs a resident in, which must go well.
func (w *world) enter(first string, change ...func(*Options)) *Agent {
	w.Helper()
	opt := w.options(first)
	for _, f := range change {
		f(&opt)
	}
	a, err := Login(w.Context(), opt)
	if err != nil {
		w.Fatalf("log in %s: %v", first, err)
	}
	return a
}

func withoutQueue(o *Options) { o.NoEventQueue = true }

// answers scripts the simulator: see simulator.
func (w *world) answers(id message.ID, answers ...answer) {
	w.onSim(func(circuit.Instant) { w.sim.script[id] = answers })
}

func (w *world) onSim(f func(now circuit.Instant)) {
	if err := w.sim.loop.Call(context.Background(), f); err != nil {
		w.Error(err)
	}
}

// says has the simulator say something to an agent by itself.
func (w *world) says(a *Agent, what answer) {
	w.onSim(func(now circuit.Instant) { what(w.sim, &circuit.Event{Now: now, Circuit: w.sim.visitors[a.ID]}) })
}

// tells sends a message to an agent.
func (w *world) tells(a *Agent, m message.Message) {
	w.says(a, func(s *simulator, ev *circuit.Event) { s.send(ev.Circuit, ev.Now, m, "") })
}

// elapse lets time pass, and what is due in it happen.
func (w *world) elapse(d time.Duration) {
	time.Sleep(d) // the bubble's
	synctest.Wait()
}

// soon is enough time for a round trip with its acks.
const soon = 200 * time.Millisecond

// hears checks what agents have told the simulator since it was asked last.
func (w *world) hears(want ...string) {
	w.Helper()
	w.elapse(soon)
	w.onSim(func(circuit.Instant) {
		if diff := cmp.Diff(want, w.sim.heard); diff != "" {
			w.Errorf("the simulator heard (-want +got):\n%s", diff)
		}
		w.sim.heard = nil
	})
}

// asked checks what came over HTTP.
func (w *world) asked(want ...string) {
	w.Helper()
	w.elapse(soon)
	if diff := cmp.Diff(want, w.grid.got()); diff != "" {
		w.Errorf("the grid was asked (-want +got):\n%s", diff)
	}
}

// measures checks how operations ended, in order.
func (w *world) measures(ops []string, want ...string) {
	w.Helper()
	if diff := cmp.Diff(want, w.home.outcomes(ops...)); diff != "" {
		w.Errorf("measured (-want +got):\n%s", diff)
	}
}

// heard gives what agents have told the simulator since it was asked last.
func (w *world) heard() (list []string) {
	w.onSim(func(circuit.Instant) { list, w.sim.heard = w.sim.heard, nil })
	return list
}
