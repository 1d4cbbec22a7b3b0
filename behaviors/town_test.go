package behaviors_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/behaviors"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/pipes"
	"github.com/slload/slload/internal/udp"
	"github.com/slload/slload/internal/witness"
	"github.com/slload/slload/message"
	"github.com/slload/slload/testgrid"
)

const password = "open sesame"

// inBubble plays a test in virtual time: what is waited for comes at once, and
// nothing is late on a machine that is busy. No other test runs beside it.
func inBubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	defer func(epoch time.Time) { circuit.Epoch = epoch }(circuit.Epoch)
	synctest.Test(t, func(t *testing.T) {
		circuit.Epoch = time.Now().Add(-time.Hour)    // or instants would be those of another clock
		t.Cleanup(func() { time.Sleep(time.Minute) }) // at last, for what has a timeout of its own
		f(t)
	})
}

// town is an embedded grid and a loop of agents, on a network without sockets.
type town struct {
	*testing.T
	grid *testgrid.Grid
	loop *circuit.Loop
	http *http.Client

	story story     // of all plays
	typed io.Reader // what people type

	nowhere bool // accounts have the address of a grid that isn't there

	// The loop's goroutine owns what follows.
	measured map[string]int    // by `operation reason`
	flags    []uint32          // of the AgentUpdates that were sent, without repetitions
	said     []string          // lines and instant messages that were sent
	looks    []message.Vector3 // directions of the camera, likewise
}

// story is a narrator that keeps what it is told: a step that went well as it
// is, one that failed with a "!" before it.
type story struct {
	mu    sync.Mutex
	steps []string
	notes []string
}

func (s *story) Begin(step string) func(error) {
	return func(err error) {
		if err != nil {
			step = "! " + step
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.steps = append(s.steps, step)
	}
}

func (s *story) Note(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes = append(s.notes, text)
}

func newTown(t *testing.T) *town { return newTownOf(t, 1) }

// newTownOf is a town of several regions.
func newTownOf(t *testing.T, regions int) *town {
	return newTownOn(t, testgrid.Config{Regions: regions})
}

// newTownOn is a town on a grid of some kind.
func newTownOn(t *testing.T, cfg testgrid.Config) *town {
	t.Helper()
	packets, calls := udp.NewMemory(), pipes.New(netip.MustParseAddrPort("127.0.0.1:9000"))
	packets.Filter = func(udp.Addr, udp.Addr, []byte) []time.Duration { return []time.Duration{latency} }
	tn := &town{T: t, measured: map[string]int{}, http: witness.Client(t, oneRequestEach(calls.Dial))}
	cfg.Password = password
	cfg = cfg.OnNetwork(
		func(c udp.Config) (udp.Conn, error) { return packets.Conn(c), nil },
		func(netip.AddrPort) (net.Listener, error) { return calls, nil },
	)
	var err error
	if tn.grid, err = testgrid.New(cfg); err != nil {
		t.Fatal(err)
	}
	d := circuit.NewDispatch()
	agent.RegisterHandlers(d)
	tn.loop = circuit.NewLoop(circuit.Config{Conn: witness.Conn(t, packets.Conn(udp.Config{})), Dispatch: d, Tap: tn.tap})
	tn.run(tn.loop.Run)
	tn.run(tn.grid.Run) // it ends first, and tells the agents so
	return tn
}

// oneRequestEach keeps no connection open: one that was never used would hold
// up the grid's end.
func oneRequestEach(dial func(ctx context.Context, network, address string) (net.Conn, error)) *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: dial}}
}

// latency of the network, one way.
const latency = time.Millisecond

// run runs a part of the town until the test ends.
func (tn *town) run(run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	tn.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			tn.Error(err)
		}
	})
}

func (tn *town) Done(op string, _, _, _ circuit.Instant, reason string) {
	if reason != "" {
		op += " " + reason
	}
	tn.measured[op]++
}

func (tn *town) Count(string, int) {}

// tap notes what agents say and how they move.
func (tn *town) tap(_ circuit.Instant, out bool, _, _ netip.AddrPort, data []byte) {
	p, err := message.ParsePacket(data)
	if !out || err != nil || p.Flags&message.FlagResent != 0 {
		return
	}
	body, err := p.Decoded(nil)
	if err != nil {
		tn.Error(err)
		return
	}
	number, n, _ := message.ReadNumber(body)
	id, _ := message.Lookup(number)
	switch m := message.New(id).(type) {
	case *message.AgentUpdate:
		m.DecodeBody(body[n:])
		tn.flags = appendNew(tn.flags, m.AgentData.ControlFlags)
		tn.looks = appendNew(tn.looks, m.AgentData.CameraAtAxis)
	case *message.ChatFromViewer:
		m.DecodeBody(body[n:])
		tn.said = append(tn.said, message.String(m.ChatData.Message))
	case *message.ImprovedInstantMessage:
		m.DecodeBody(body[n:])
		tn.said = append(tn.said, message.String(m.MessageBlock.Message))
	}
}

func appendNew[T comparable](list []T, v T) []T {
	if n := len(list); n > 0 && list[n-1] == v {
		return list
	}
	return append(list, v)
}

// see runs f on the loop.
func (tn *town) see(f func()) {
	if err := tn.loop.Call(context.Background(), func(circuit.Instant) { f() }); err != nil {
		tn.Error(err)
	}
}

func (tn *town) login(last string, change ...func(*agent.Options)) *agent.Agent {
	tn.Helper()
	opt := tn.options(last)
	opt.NoEventQueue = true
	for _, f := range change {
		f(&opt)
	}
	a, err := agent.Login(tn.Context(), opt)
	if err != nil {
		tn.Fatal(err)
	}
	return a
}

func (tn *town) options(last string) agent.Options {
	uri := tn.grid.LoginURI()
	if tn.nowhere {
		uri = "http://127.0.0.1:1/" // tcpmux: nobody has that any more
	}
	return agent.Options{
		Loop: tn.loop, Observer: tn, LoginURI: uri, HTTP: tn.http,
		Account: agent.Account{First: "Load", Last: last, Password: password}, IdleUpdateHz: 0.01,
	}
}

// play runs a behaviour once. The accounts that it wants logged out are Out1,
// Out2, ...
func (tn *town) play(ctx context.Context, name string, with map[string]any, agents ...*agent.Agent) error {
	tn.Helper()
	b, err := behaviors.Lookup(name)
	if err != nil {
		tn.Fatal(err)
	}
	args, err := b.Args(with)
	if err != nil {
		tn.Fatal(err)
	}
	c := &behaviors.Cast{Agents: agents, Rand: rand.New(rand.NewPCG(1, 2)), Args: args, Narrator: &tn.story, In: tn.typed}
	for i := range b.LoggedOut {
		c.LoggedOut = append(c.LoggedOut, tn.options(fmt.Sprintf("Out%d", i+1)))
	}
	return b.Run(ctx, c)
}

// waitUntil polls for what nothing announces.
func waitUntil(t *testing.T, done func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); !done(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatal("it never happened")
		}
	}
}
