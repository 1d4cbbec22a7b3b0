package cluster

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slload/slload/results"
	"github.com/slload/slload/swarm"
)

func TestWhoIsRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(*WorkerConfig)
		want   string
	}{
		{"wrong token", func(c *WorkerConfig) { c.Token = "some-other-token-of-a-test" }, "refuses the token"},
		{"short token", func(c *WorkerConfig) { c.Token = "short" }, "too short"},
		{"other version", func(c *WorkerConfig) { c.Version = "0.0.1" }, "its version is 0.0.1, the controller's is test"},
		{"segment that there isn't", func(c *WorkerConfig) { c.Segment = 3 }, "wants segment 3, and there are 3"},
		{"another cluster", func(c *WorkerConfig) { c.Name, c.JoinTimeout = "other", 200*time.Millisecond }, "no controller of the cluster other answers"},
		{"nobody there", func(c *WorkerConfig) { c.URL, c.JoinTimeout = "nats://127.0.0.1:1", 200*time.Millisecond }, "no controller of the cluster"},
		{"no URL", func(c *WorkerConfig) { c.URL = "http://127.0.0.1" }, "no URL of NATS"},
		{"token in the URL", func(c *WorkerConfig) { c.URL = "nats://secret@127.0.0.1:4222" }, "give it in a file"},
		{"name", func(c *WorkerConfig) { c.Name = "a.b" }, `cluster name "a.b"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := startLead(t, nil, nil)
			err := startWorker(t, nil, l.at(), tt.change).wait()
			if e := wantErr[*JoinError](t, err); !strings.Contains(e.Error(), tt.want) {
				t.Errorf("refused with %q, want %q", e, tt.want)
			}
		})
	}
}

func TestOneWorkerTooMany(t *testing.T) {
	inBubble(t, func(t *testing.T, th *theater) {
		l := startLead(t, th, nil)
		url := l.at()
		for range 3 {
			startWorker(t, th, url, nil)
		}
		<-l.beganIn
		e := wantErr[*JoinError](t, startWorker(t, th, url, nil).wait())
		if !strings.Contains(e.Error(), "the run has its 3 workers") {
			t.Errorf("refused with %q", e)
		}
		if l.wait(); l.err != nil {
			t.Error(l.err)
		}
	})
}

func TestWorkersThatDontCome(t *testing.T) {
	inBubble(t, func(t *testing.T, th *theater) {
		l := startLead(t, th, nil)
		w := startWorker(t, th, l.at(), nil)
		l.wait()
		if e := wantErr[*JoinError](t, l.err); !strings.Contains(e.Error(), "1 of 3 workers have joined") {
			t.Errorf("it ended with %q", e)
		}
		if err := w.wait(); err != nil {
			t.Errorf("the worker that came ended with %v", err)
		}
	})
}

func TestSegmentsThatWorkersWant(t *testing.T) {
	inBubble(t, func(t *testing.T, th *theater) {
		l := startLead(t, th, nil)
		url := l.at()
		var want []results.ManifestWorker
		for _, segment := range []int{2, 0, -1} {
			startWorker(t, th, url, func(c *WorkerConfig) { c.Segment = segment })
		}
		<-l.beganIn
		m, err := results.ReadManifest(l.dir)
		if err != nil {
			t.Fatal(err)
		}
		for i, w := range m.Workers {
			want = append(want, results.ManifestWorker{Worker: w.Worker, Segment: i, Of: 3, Cores: w.Cores})
		}
		if diff := cmp.Diff(want, m.Workers); diff != "" {
			t.Error(diff)
		}
		if l.wait(); l.err != nil {
			t.Error(l.err)
		}
	})
}

// A worker that can't make its segment ready ends the run before it begins, with
// its own reason and exit code.
func TestWorkerThatCantPrepare(t *testing.T) {
	inBubble(t, func(t *testing.T, th *theater) {
		l := startLead(t, th, nil)
		url := l.at()
		rest := []*hand{startWorker(t, th, url, nil), startWorker(t, th, url, nil)}
		bad := startWorker(t, th, url, func(c *WorkerConfig) { c.AccountsCSV = "/nonexistent/accounts.csv" })
		l.wait()
		e := wantErr[*PrepareError](t, l.err)
		if e.Code != codeUsage || !strings.Contains(e.Why, "accounts.csv") {
			t.Errorf("it ended with %+v", e)
		}
		if own := wantErr[*PrepareError](t, bad.wait()); own.Code != e.Code || own.Why != e.Why {
			t.Errorf("the worker ended with %+v, the run with %+v", own, e)
		}
		for _, w := range rest {
			if err := w.wait(); err != nil {
				t.Errorf("a worker that was told to stop ended with %v", err)
			}
		}
	})
}

// Who comes while all places are taken waits, as one of those who have them may be
// dead already, which shows a little later.
func TestAPlaceBecomesFree(t *testing.T) {
	inBubble(t, func(t *testing.T, th *theater) {
		waits := make(chan struct{})
		l := startLead(t, th, nil)
		url := l.at()
		for i := range 2 {
			startWorker(t, th, url, func(c *WorkerConfig) { c.Segment = i })
		}
		asked := make(chan struct{})
		play := func(ctx, cut context.Context, cfg swarm.Config) (*results.Summary, error) {
			close(asked) // and is never ready
			<-ctx.Done()
			return nil, context.Cause(ctx)
		}
		third := startWorker(t, th, url, func(c *WorkerConfig) { c.Segment, c.play = 2, play })
		<-asked
		fourth := startWorker(t, th, url, func(c *WorkerConfig) {
			c.Segment = 2
			c.Tell = func(line string) {
				if strings.HasPrefix(line, "waiting for a place in the run: segment 2 has the worker host") {
					close(waits)
				}
			}
		})
		<-waits
		close(third.crash)
		if l.wait(); l.err != nil || th.ticksOf(key{2, 2}) != 30 {
			t.Errorf("the run ended with %v, %d s of who took the place", l.err, th.ticksOf(key{2, 2}))
		}
		if err := fourth.wait(); err != nil {
			t.Errorf("who took the place ended with %v", err)
		}
	})
}

// A place that doesn't become free is waited for as long as for a controller.
func TestNoPlaceBecomesFree(t *testing.T) {
	inBubble(t, func(t *testing.T, th *theater) {
		l := startLead(t, th, func(c *ControllerConfig) { c.JoinTimeout = time.Minute })
		url := l.at()
		startWorker(t, th, url, func(c *WorkerConfig) { c.Segment = 0 })
		synctest.Wait()
		second := startWorker(t, th, url, func(c *WorkerConfig) { c.Segment = 0 })
		if e := wantErr[*JoinError](t, second.wait()); !strings.Contains(e.Error(), "no place for this worker for 20s: segment 0 has the worker") {
			t.Errorf("it ended with %q", e)
		}
	})
}
