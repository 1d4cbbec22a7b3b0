package swarm

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
	"github.com/slload/slload/testgrid"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const password = "open sesame"

// startGrid runs an embedded grid until the test ends.
func startGrid(t *testing.T, cfg testgrid.Config) *testgrid.Grid {
	t.Helper()
	cfg.Password = password
	grid, err := testgrid.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- grid.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("grid: %v", err)
		}
	})
	return grid
}

func profile(t *testing.T, yaml string) *profiles.Profile {
	t.Helper()
	p, err := profiles.Parse([]byte(yaml), "test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Resolve(); err != nil {
		t.Fatal(err)
	}
	return p
}

// config is a run of a profile on the grid, with password pw.
func config(t *testing.T, yaml, loginURI, pw string) Config {
	t.Helper()
	return configOf(t, profile(t, yaml), loginURI, pw)
}

func configOf(t *testing.T, p *profiles.Profile, loginURI, pw string) Config {
	t.Helper()
	accounts, err := p.Accounts.Open(func(string) string { return pw })
	if err != nil {
		t.Fatal(err)
	}
	return Config{Profile: p, Accounts: accounts, LoginURI: loginURI, Seed: 1, Out: t.TempDir() + "/run"}
}

const small = `
name: small
agents: {executor: constant-agents, count: 6, login_rate: 20/s, duration: 2s}
behaviors:
  - {do: chat, rate: 2/s}
  - {do: im, rate: 2/s}
  - {do: look, rate: 1/s}
  - {do: wander, rate: 0.5/s, with: {walk: 200ms}}
`

func TestRunPlaysTheWholePlan(t *testing.T) {
	inBubble(t, testgrid.Config{Regions: 2}, func(b *bubble) {
		cfg := b.config(small)
		cfg.Shards = 2
		var phases []string
		cfg.OnProgress = func(p Progress) { phases = append(phases, p.Phase) }
		s, err := Run(b.Context(), b.Context(), cfg)
		if err != nil {
			b.Fatal(err)
		}
		if s.Agents.Logins != 6 || s.Agents.LoginFailures != 0 || s.Agents.Lost != 0 || s.Agents.InWorldAtEnd != 6 || s.Agents.Peak != 6 {
			b.Errorf("agents: %+v", s.Agents)
		}
		for _, op := range []string{"login", "login.auth", "login.handshake", "caps.seed", "logout", "msg.chat", "msg.im", "msg.ack"} {
			if o := s.Ops[op]; o.Count == 0 || o.Errors != 0 || o.ResponseNS.P50 <= 0 {
				b.Errorf("%s: %+v", op, o)
			}
		}
		if a := s.Actions; a.Failed != 0 || a.Started+a.Dropped != a.Intended || a.Started == 0 {
			b.Errorf("actions: %+v", a)
		}
		if want := intendedBy(b.T, cfg); s.Actions.Intended != want {
			b.Errorf("%d actions intended, the plan has %d", s.Actions.Intended, want)
		}
		if s.Transport.Malformed != 0 || s.Transport.PacketsSent == 0 {
			b.Errorf("transport: %+v", s.Transport)
		}
		if len(s.Simulators) == 0 || s.Simulators[0].FPS.Mean <= 0 {
			b.Errorf("simulators: %+v", s.Simulators)
		}
		// Stage 1 is the ramp: it is over before the first second is.
		if len(phases) == 0 || phases[0] != "stage 2" {
			b.Errorf("progress told of phases %v", phases)
		}
		if online := b.grid.Stats(b.Context()); online.Agents != 0 {
			b.Errorf("%d agents are still on the grid", online.Agents)
		}
	})
}

// intendedBy counts the plan's own actions.
func intendedBy(t *testing.T, cfg Config) int64 {
	t.Helper()
	return dueBetween(t, cfg, 0, math.MaxInt64)
}

const long = `
name: long
agents: {executor: constant-agents, count: 4, login_rate: 50/s, duration: 10m}
behaviors: [{do: chat, rate: 1/s}]
`

func TestInterruptedRunLogsOutAndKeepsItsResults(t *testing.T) {
	t.Parallel()
	grid := startGrid(t, testgrid.Config{})
	stop := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cfg := config(t, long, grid.LoginURI(), password)
	cfg.OnProgress = func(p Progress) {
		if p.Agents.InWorld == 4 {
			cancel(stop)
		}
	}
	s, err := Run(ctx, t.Context(), cfg)
	if !errors.Is(err, stop) {
		t.Errorf("error %v, want the context's cause", err)
	}
	if s == nil || s.Agents.Logins != 4 || s.Agents.InWorldAtEnd != 4 || s.Ops["logout"].Count != 4 {
		t.Errorf("summary %+v", s)
	}
	if n := grid.Stats(t.Context()).Agents; n != 0 {
		t.Errorf("%d agents are still on the grid", n)
	}
	if rebuilt, err := results.Rebuild(cfg.Out); err != nil || rebuilt.Agents.Logins != 4 {
		t.Errorf("the run directory gives %+v, %v", rebuilt, err)
	}
}

func TestCutRunDoesNotWait(t *testing.T) {
	t.Parallel()
	grid := startGrid(t, testgrid.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	cut, cutOff := context.WithCancel(t.Context())
	cfg := config(t, long, grid.LoginURI(), password)
	cfg.OnProgress = func(p Progress) {
		if p.Agents.InWorld == 4 {
			cancel()
			cutOff()
		}
	}
	s, err := Run(ctx, cut, cfg)
	if !errors.Is(err, context.Canceled) || s == nil || s.Agents.Logins != 4 {
		t.Errorf("summary %+v, error %v", s, err)
	}
}

func TestWrongPasswordEndsTheRun(t *testing.T) {
	grid := startGrid(t, testgrid.Config{})
	s, err := Run(t.Context(), t.Context(), config(t, long, grid.LoginURI(), "guess"))
	var refused *RefusedError
	if !errors.As(err, &refused) || strings.Contains(err.Error(), "guess") {
		t.Errorf("error %v, want a RefusedError without the password", err)
	}
	if s == nil || s.Agents.Logins != 0 || s.Agents.LoginFailures != 4 || s.Ops["login"].Errors != 4 {
		t.Errorf("summary %+v", s)
	}
}

func TestRunThatCannotBegin(t *testing.T) {
	closed, err := testgrid.New(testgrid.Config{})
	if err != nil {
		t.Fatal(err)
	}
	gone := closed.LoginURI()
	if err := closed.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	with := func(yaml string) Config { return config(t, yaml, gone, password) }
	for _, tt := range []struct {
		name string
		cfg  Config
		want any
	}{
		{"unreachable", with(small), new(*UnreachableError)},
		{"unknown behaviour", with(strings.Replace(small, "do: chat", "do: dance", 1)), new(*ConfigError)},
		{"unknown parameter", with(strings.Replace(small, "walk: 200ms", "run: 1s", 1)), new(*ConfigError)},
		{"crossing without neighbours", with(strings.Replace(small, "do: chat", "do: cross", 1)), new(*ConfigError)},
		{"neighbours without a queue", with(small + "agent: {neighbours: true, event_queue: false}\n"), new(*ConfigError)},
		{"no login URI", config(t, small, "ftp://127.0.0.1/", password), new(*ConfigError)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := Run(t.Context(), t.Context(), tt.cfg)
			if s != nil || !errors.As(err, tt.want) {
				t.Errorf("summary %v, error %v; want a %T", s, err, tt.want)
			}
		})
	}
}

// A grid that goes away: its agents are lost, that is counted, and who is to
// come back tries again.
func TestLostAgentsAreCounted(t *testing.T) {
	t.Parallel()
	grid := startGrid(t, testgrid.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	cfg := config(t, long, grid.LoginURI(), password)
	closed := false
	cfg.OnProgress = func(p Progress) {
		switch {
		case p.Agents.Lost == 4 && p.Agents.LoginFailures > 0:
			cancel()
		case p.Agents.InWorld == 4 && !closed:
			closed = true
			if err := grid.Close(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
	s, err := Run(ctx, t.Context(), cfg)
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if s.Agents.Lost != 4 || s.Agents.Logins != 4 || s.Agents.InWorldAtEnd != 0 || s.Agents.LoginFailures == 0 {
		t.Errorf("agents: %+v", s.Agents)
	}
}

func TestTargetFollowsThePlan(t *testing.T) {
	p := profile(t, `
name: up-and-down
agents:
  executor: ramping-agents
  login_rate: 100/s
  stages: [{over: 10s, to: 10}, {over: 10s, to: 10}, {over: 10s, to: 0}]
`)
	plan, err := profiles.NewPlan(p, 1, profiles.Share{Count: 1})
	if err != nil {
		t.Fatal(err)
	}
	s := &swarm{plan: plan}
	for at, want := range map[time.Duration]int{0: 1, 5 * time.Second: 6, 15 * time.Second: 10, 25500 * time.Millisecond: 5} {
		if got := s.targetAt(at); got != want {
			t.Errorf("target at %v is %d, want %d", at, got, want)
		}
	}
}

func TestCaptureHoldsOneAgentsPackets(t *testing.T) {
	var file bytes.Buffer
	tap := capture(&file)
	first, second := netip.MustParseAddrPort("127.1.0.1:5000"), netip.MustParseAddrPort("127.1.0.2:5000")
	grid := netip.MustParseAddrPort("127.0.0.1:9000")
	elsewhere := netip.MustParseAddrPort("127.0.0.1:9001")
	opening := func(agent byte) []byte {
		m := message.UseCircuitCode{CircuitCode: message.UseCircuitCodeCircuitCode{Code: 7, ID: uuid.UUID{agent}}}
		data, err := message.AppendPacket(nil, message.FlagReliable, 1, &m, nil)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	tap(circuit.Now(), false, first, grid, []byte("before the first one sent"))
	tap(circuit.Now(), true, first, grid, opening(1))
	tap(circuit.Now(), true, second, grid, opening(2))
	tap(circuit.Now(), true, second, grid, []byte("another agent"))
	tap(circuit.Now(), false, first, grid, []byte("answer"))
	tap(circuit.Now(), true, first, elsewhere, opening(2)) // who may have the same endpoint there
	tap(circuit.Now(), false, first, elsewhere, []byte("an answer to another agent"))
	tap(circuit.Now(), true, second, elsewhere, opening(1))
	tap(circuit.Now(), false, second, elsewhere, []byte("its second region"))
	r, err := pcapgo.NewReader(&file)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for {
		data, info, err := r.ReadPacketData()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if since := time.Since(info.Timestamp); since < 0 || since > time.Minute {
			t.Errorf("time stamp %v", info.Timestamp)
		}
		packet := gopacket.NewPacket(data, layers.LayerTypeIPv4, gopacket.Default)
		udp, ok := packet.Layer(layers.LayerTypeUDP).(*layers.UDP)
		if !ok {
			t.Fatalf("no UDP packet: %v", packet)
		}
		got = append(got, packet.NetworkLayer().NetworkFlow().String()+" "+string(binary.BigEndian.AppendUint16(nil, uint16(len(udp.Payload)))))
	}
	want := []string{
		"127.1.0.1->127.0.0.1 " + string([]byte{0, byte(len(opening(1)))}),
		"127.0.0.1->127.1.0.1 " + string([]byte{0, byte(len("answer"))}),
		"127.1.0.2->127.0.0.1 " + string([]byte{0, byte(len(opening(1)))}),
		"127.0.0.1->127.1.0.2 " + string([]byte{0, byte(len("its second region"))}),
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("captured %q, want %q", got, want)
	}
}

func TestSparesAreTakenOnceEach(t *testing.T) {
	accounts, err := profiles.AccountSource{First: "Load", Last: "Bot{n}"}.Open(func(string) string { return "x" })
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []int{1, 3} { // of one machine, and of one of three
		s := spares{accounts: accounts, next: 10, step: step}
		for want := 10; want < 10+3*step; want += step {
			if got, ok := s.take(); !ok || got != want {
				t.Errorf("took %d, %v; want %d", got, ok, want)
			}
		}
	}
}
