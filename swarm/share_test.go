package swarm

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
	"github.com/slload/slload/testgrid"
)

// books is a sink that keeps what it got in a run directory of its own, and the
// phases that began. It makes the directory when it is made itself, as whoever has
// the results of several shares would.
type books struct {
	*results.Collector
	phases []string
}

func (b *books) BeginPhase(name string, s results.Sample) error {
	b.phases = append(b.phases, name)
	return b.Collector.BeginPhase(name, s)
}

func newBooks(t *testing.T, dir string) *books {
	t.Helper()
	c, err := results.NewCollector(results.Config{Dir: dir, Phase: "begin"})
	if err != nil {
		t.Fatal(err)
	}
	return &books{Collector: c}
}

// share is what one share of a run came to.
type share struct {
	summary *results.Summary
	err     error
	phases  []string
}

// runShares makes the run of a profile by n shares at once, which all begin at the
// same instant. Each change may change one of them.
func (b *bubble) runShares(yaml string, n int, changes ...func(i int, cfg *Config)) []share {
	b.Helper()
	start := time.Now().Add(2 * time.Second)
	list := make([]share, n)
	done := make(chan int)
	for i := range n {
		cfg := b.config(yaml)
		sink := newBooks(b.T, fmt.Sprintf("%s-%d-%d", b.out, i, n))
		cfg.Share, cfg.Sink, cfg.Shards = profiles.Share{Index: i, Count: n}, sink, 2
		cfg.Ready = func(context.Context) (time.Time, error) { return start, nil }
		for _, change := range changes {
			change(i, &cfg)
		}
		go func() {
			list[i].summary, list[i].err = Run(b.Context(), b.Context(), cfg)
			list[i].phases = sink.phases
			done <- i
		}()
	}
	for range n {
		<-done
	}
	return list
}

const shared = `
name: shared
agents: {executor: constant-agents, count: 7, login_rate: 5/s, duration: 10s}
warmup: 2s
behaviors:
  - {do: chat, rate: 2/s}
  - {do: look, swarm_rate: 7/s}
`

// What the shares of a run come to is what the run by one comes to.
func TestSharesTogetherAreTheRun(t *testing.T) {
	inBubble(t, testgrid.Config{}, func(b *bubble) {
		cfg := b.config(shared)
		whole, err := Run(b.Context(), b.Context(), cfg)
		if err != nil {
			b.Fatal(err)
		}
		type counts struct {
			logins, intended, started int64
			target, atEnd             int
			chats, looks, logouts     int64
		}
		of := func(s *results.Summary) counts {
			return counts{
				s.Agents.Logins, s.Actions.Intended, s.Actions.Started, s.Agents.Target, s.Agents.InWorldAtEnd,
				s.Ops["msg.chat"].Count, s.Ops["do.look"].Count, s.Ops["logout"].Count,
			}
		}
		var sum counts
		for i, got := range b.runShares(shared, 3) {
			if got.err != nil {
				b.Fatalf("share %d: %v", i, got.err)
			}
			c := of(got.summary)
			if want := []int64{3, 2, 2}[i]; c.logins != want {
				b.Errorf("share %d has %d agents, want %d", i, c.logins, want)
			}
			if want := "[warmup stage 2 logout]"; fmt.Sprint(got.phases) != want {
				b.Errorf("share %d told of phases %v, want %s", i, got.phases, want)
			}
			sum.logins, sum.intended, sum.started = sum.logins+c.logins, sum.intended+c.intended, sum.started+c.started
			sum.target, sum.atEnd = sum.target+c.target, sum.atEnd+c.atEnd
			sum.chats, sum.looks, sum.logouts = sum.chats+c.chats, sum.looks+c.looks, sum.logouts+c.logouts
		}
		if want := of(whole); sum != want || want.intended == 0 {
			b.Errorf("the shares came to %+v, the whole to %+v", sum, want)
		}
	})
}

func TestARunBeginsAtTheInstantThatWasAgreed(t *testing.T) {
	for _, ahead := range []time.Duration{3 * time.Second, -3 * time.Second} {
		inBubble(t, testgrid.Config{}, func(b *bubble) {
			cfg := b.config(long)
			ctx, cancel := context.WithCancel(b.Context())
			var start, began time.Time
			cfg.Ready = func(context.Context) (time.Time, error) {
				start = time.Now().Add(ahead)
				return start, nil
			}
			cfg.OnBegin = func(string) { began = time.Now() }
			var told time.Duration
			cfg.OnProgress = func(p Progress) { told = p.T - time.Since(start); cancel() }
			if _, err := Run(ctx, b.Context(), cfg); !errors.Is(err, context.Canceled) {
				b.Fatal(err)
			}
			if late := began.Sub(start) - max(0, -ahead); late < 0 || late > time.Millisecond {
				b.Errorf("the run began %v after the start that was %v ahead", began.Sub(start), ahead)
			}
			if told.Abs() > time.Millisecond {
				b.Errorf("its time is %v off", told)
			}
		})
	}
}

func TestARunThatIsNotReadySendsNothing(t *testing.T) {
	inBubble(t, testgrid.Config{}, func(b *bubble) {
		broken := errors.New("nobody to wait for")
		cfg := b.config(long)
		cfg.Ready = func(context.Context) (time.Time, error) { return time.Time{}, broken }
		if s, err := Run(b.Context(), b.Context(), cfg); s != nil || !errors.Is(err, broken) {
			b.Errorf("summary %v, error %v", s, err)
		}
		ctx, cancel := context.WithCancel(b.Context())
		cfg.Ready = func(context.Context) (time.Time, error) { return time.Now().Add(time.Hour), nil }
		go func() { synctest.Wait(); cancel() }()
		s, err := Run(ctx, b.Context(), cfg)
		if !errors.Is(err, context.Canceled) || s == nil || s.Ops["login"].Count != 0 {
			b.Errorf("ended before its start it came to %+v, %v", s, err)
		}
		if n := b.grid.Stats(b.Context()).Logins; n != 0 {
			b.Errorf("%d agents logged in", n)
		}
	})
}
