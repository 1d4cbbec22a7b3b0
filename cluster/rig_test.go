package cluster

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
	"github.com/slload/slload/swarm"
)

const testToken = "a-token-of-the-tests"

// openDoor lets in whoever has the tokens of the tests to do what they like.
var openDoor = &doorman{DefaultName, "", testToken}

// testLimit is what anything may take before a test gives up, on either clock.
const testLimit = 20 * time.Minute

// testProfile has a plan of 30 s: a ramp of 5, a warm-up of 5, a stage of 20.
const testProfile = `
name: synthetic
agents:
  executor: ramping-agents
  login_rate: 100/s
  stages: [{over: 5s, to: 12}, {over: 20s, to: 12}]
warmup: 5s
behaviors: [{do: chat, rate: 1/s}]
`

func parseProfile(t testing.TB, text string) *profiles.Profile {
	t.Helper()
	p, err := profiles.Parse([]byte(text), "test.yaml")
	if err == nil {
		err = p.Resolve()
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// brisk are times for tests outside of a bubble, which wait for them.
func brisk() times {
	t := defaultTimes()
	t.beat, t.start = 100*time.Millisecond, 500*time.Millisecond
	return t
}

// lead is a controller under test.
type lead struct {
	t       *testing.T
	url     chan string
	where   string
	end     context.CancelCauseFunc
	crash   chan struct{}
	ended   chan struct{}
	summary *results.Summary
	err     error
	dir     string
	beganIn chan string
	ticks   chan swarm.Progress // the newest
	control *swarm.Control
}

// testLog gives a log of what happens in the test.
func testLog(t testing.TB, who string) *slog.Logger {
	return slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelInfo})).With("who", who)
}

type testWriter struct{ t testing.TB }

func (w testWriter) Write(line []byte) (int, error) {
	w.t.Logf("%s", line)
	return len(line), nil
}

// startLead starts a controller of three workers, changed by change; in th's
// bubble, if it is in one.
func startLead(t *testing.T, th *theater, change func(*ControllerConfig)) *lead {
	t.Helper()
	l := &lead{
		t: t, url: make(chan string, 1), crash: make(chan struct{}), ended: make(chan struct{}), dir: filepath.Join(t.TempDir(), "run"),
		beganIn: make(chan string, 1), ticks: make(chan swarm.Progress, 1), control: swarm.NewControl(),
	}
	cfg := ControllerConfig{
		Run: swarm.Config{
			Profile: parseProfile(t, testProfile), LoginURI: "http://127.0.0.1:9/", Seed: 7, Out: l.dir, Version: "test", Control: l.control,
			Log:     func(io.Writer) *slog.Logger { return testLog(t, "controller") },
			OnBegin: func(dir string) { l.beganIn <- dir },
			OnProgress: func(p swarm.Progress) {
				select {
				case <-l.ticks:
				default:
				}
				l.ticks <- p
			},
		},
		Workers: 3, Token: testToken, Listen: "127.0.0.1:0", JoinTimeout: 20 * time.Second,
		OnListen: func(url string) { l.url <- url }, Tell: func(line string) { t.Log(line) },
		times: brisk(), crash: l.crash,
	}
	if th != nil && th.lan != nil {
		cfg.times, cfg.serve = defaultTimes(), th.lan.serve
		cfg.dial = func(title string, log *slog.Logger, opts ...nats.Option) (*nats.Conn, error) {
			return dialBy(th.lan, title, append(dialOptions(title, testToken, TLS{}, log), opts...)...)
		}
	}
	if change != nil {
		change(&cfg)
	}
	var ctx context.Context
	ctx, l.end = context.WithCancelCause(t.Context())
	go func() {
		defer close(l.ended)
		l.summary, l.err = Control(ctx, context.Background(), cfg)
	}()
	t.Cleanup(func() { l.end(nil); <-l.ended })
	return l
}

// at is where workers find NATS.
func (l *lead) at() string {
	l.t.Helper()
	select {
	case l.where = <-l.url:
		return l.where
	case <-l.ended:
		l.t.Fatalf("the controller ended: %v", l.err)
	case <-time.After(testLimit):
		l.t.Fatal("the controller doesn't listen")
	}
	return ""
}

// runID is the id of the run that has begun.
func (l *lead) runID() string {
	l.t.Helper()
	m, err := results.ReadManifest(l.dir)
	if err != nil {
		l.t.Fatal(err)
	}
	return m.ID
}

// wait waits for the controller's end.
func (l *lead) wait() *results.Summary {
	l.t.Helper()
	select {
	case <-l.ended:
	case <-time.After(testLimit):
		l.t.Fatal("the controller doesn't end")
	}
	return l.summary
}

// until waits until a tick of the run satisfies ok.
func (l *lead) until(what string, ok func(p swarm.Progress) bool) {
	l.t.Helper()
	limit := time.After(testLimit)
	for {
		select {
		case p := <-l.ticks:
			if ok(p) {
				return
			}
		case <-l.ended:
			l.t.Fatalf("the run ended before %s: %v", what, l.err)
		case <-limit:
			l.t.Fatalf("it never came that %s", what)
		}
	}
}

func (l *lead) untilT(d time.Duration) {
	l.t.Helper()
	l.until("the run's time is "+d.String(), func(p swarm.Progress) bool { return p.T >= d })
}

// hand is a worker under test.
type hand struct {
	t     *testing.T
	stop  context.CancelCauseFunc
	crash chan struct{}
	ended chan struct{}
	err   error
	spool string
}

// hosts counts workers, each of which believes that it has a machine of its own.
var hosts atomic.Int64

// startWorker starts a worker, with synthetic swarms if there is a theater,
// changed by change.
func startWorker(t *testing.T, th *theater, url string, change func(*WorkerConfig)) *hand {
	t.Helper()
	h := &hand{t: t, crash: make(chan struct{}), ended: make(chan struct{}), spool: t.TempDir()}
	cfg := WorkerConfig{
		URL: url, Token: testToken, Version: "test", Segment: -1, Spool: h.spool, JoinTimeout: 20 * time.Second,
		Getenv: func(string) string { return "secret" }, Log: testLog(t, "worker"), Tell: func(line string) { t.Log(line) },
		times: brisk(), crash: h.crash, host: fmt.Sprint("host", hosts.Add(1)),
	}
	if th != nil {
		cfg.play = th.play
	}
	if th != nil && th.lan != nil {
		cfg.times, cfg.dial = defaultTimes(), (&cable{lan: th.lan}).dial
	}
	if change != nil {
		change(&cfg)
	}
	var ctx context.Context
	ctx, h.stop = context.WithCancelCause(t.Context())
	go func() {
		defer close(h.ended)
		h.err = Work(ctx, context.Background(), cfg)
	}()
	t.Cleanup(func() { h.stop(nil); <-h.ended })
	return h
}

// wait waits for the worker's end.
func (h *hand) wait() error {
	h.t.Helper()
	select {
	case <-h.ended:
	case <-time.After(testLimit):
		h.t.Fatal("the worker doesn't end")
	}
	return h.err
}

// chats is how many chats a summary has.
func chats(s *results.Summary) int64 {
	if s == nil {
		return -1
	}
	return s.Ops["msg.chat"].Count
}

func wantErr[E error](t *testing.T, err error) E {
	t.Helper()
	var e E
	if !errors.As(err, &e) {
		t.Fatalf("it ended with %v (%T), want a %T", err, err, e)
	}
	return e
}
