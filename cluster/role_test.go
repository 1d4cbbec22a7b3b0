package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/swarm"
)

// roleEnv has the test binary be a controller or a worker: it holds a role as
// JSON.
const roleEnv = "SLLOAD_TEST_ROLE"

// role is a process of the chaos test. It tells what happens to it in lines on
// its standard output, and ends when its standard input does.
type role struct {
	Ledger string // of a worker, which makes the role one; "": a controller
	Dir    string // of the run
	Resume bool
	URL    string // of NATS; of a controller "": an embedded one
	Spool  string
	OnLoss Policy
	Seed   uint64
	Agents int // workers of the run
	Length time.Duration
	Orphan time.Duration
	Clock  clock
	// Crowd is how many workers the process is, for a measurement of scale: a
	// connection each, and nothing booked. Of a controller: it tells more.
	Crowd int
}

// clock runs faster than the machine's, and the same in all processes.
type clock struct {
	Epoch time.Time
	Speed int64
}

func (c clock) now() time.Time {
	return c.Epoch.Add(time.Now().Round(0).Sub(c.Epoch) * time.Duration(c.Speed))
}

// wait waits until it is t, or for ctx's end.
func (c clock) wait(ctx context.Context, t time.Time) error {
	return wait(ctx, t.Sub(c.now())/time.Duration(c.Speed))
}

func (r *role) times() times {
	if r.Crowd > 0 {
		return defaultTimes()
	}
	return times{
		// Of these start, takeover and end are by the quick clock.
		start: 15 * time.Second, takeover: 15 * time.Second, end: 100 * time.Second,
		beat: 50 * time.Millisecond, orphan: r.Orphan, logout: time.Second, deliver: 2 * time.Second,
		prepare: 30 * time.Second, settle: 3 * time.Second,
	}
}

// lossTimeout is what chaos waits for a worker.
const lossTimeout = time.Second

func playRole(config string) int {
	var r role
	if err := json.Unmarshal([]byte(config), &r); err != nil {
		panic(err)
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(3) // who started it is gone
	}()
	err := error(nil)
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	switch {
	case r.Ledger != "" && r.Crowd > 0:
		err = r.workCrowd()
	case r.Ledger != "":
		err = r.work(log)
	default:
		err = r.lead(log)
	}
	fmt.Println("end", err)
	if err != nil {
		return 1
	}
	return 0
}

func tell(line string) { fmt.Println("tell", line) }

func (r *role) lead(log *slog.Logger) error {
	cfg := ControllerConfig{
		Run: swarm.Config{
			LoginURI: "http://127.0.0.1:9/", Seed: r.Seed, Version: "test",
			Log:        func(io.Writer) *slog.Logger { return log },
			OnBegin:    func(string) { fmt.Println("begin") },
			OnProgress: func(p swarm.Progress) { fmt.Println("tick", int64(p.T)) },
		},
		Workers: r.Agents, Token: testToken, URL: r.URL, Listen: "127.0.0.1:0", OnLoss: r.OnLoss,
		LossTimeout: lossTimeout, JoinTimeout: time.Minute, times: r.times(), now: r.Clock.now,
		OnListen: func(url string) { fmt.Println("listen", url) }, Tell: tell,
	}
	if r.Crowd > 0 {
		cfg.LossTimeout = DefaultLossTimeout
		tellTicks(&cfg.Run)
	}
	if cfg.Resume = r.Dir; !r.Resume {
		text := fmt.Sprintf("name: chaos\nagents: {executor: ramping-agents, login_rate: 1000000/s, stages: [{over: 5s, to: %d}, {over: %v, to: %[1]d}]}\nwarmup: 5s\nbehaviors: [{do: chat, rate: 1/s}]\n", 3*r.Agents, r.Length)
		p, err := profiles.Parse([]byte(text), "chaos.yaml")
		if err == nil {
			err = p.Resolve()
		}
		if err != nil {
			return err
		}
		cfg.Run.Profile, cfg.Run.Out, cfg.Resume = p, r.Dir, ""
	}
	_, err := Control(context.Background(), context.Background(), cfg)
	return err
}

func (r *role) work(log *slog.Logger) error {
	book, err := os.Create(r.Ledger)
	if err != nil {
		return err
	}
	defer book.Close()
	a := &actor{clock: r.Clock, book: book}
	return Work(context.Background(), context.Background(), WorkerConfig{
		URL: r.URL, Token: testToken, Version: "test", Segment: -1, Spool: r.Spool, JoinTimeout: 20 * time.Second,
		Getenv: func(string) string { return "secret" }, Log: log, Tell: tell,
		times: r.times(), now: r.Clock.now, play: a.play, acked: a.acked,
	})
}
