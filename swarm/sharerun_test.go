package swarm

import (
	"context"
	"errors"
	"fmt"
	"strings"
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

// shareConfig is share i of n of a run, with a sink of its own.
func (b *bubble) shareConfig(yaml string, i, n int) (Config, *books) {
	b.Helper()
	return b.shareConfigOf(b.config(yaml), i, n)
}

func (b *bubble) shareConfigOf(cfg Config, i, n int) (Config, *books) {
	b.Helper()
	b.runs++
	sink := newBooks(b.T, fmt.Sprintf("%s-%d", b.out, b.runs))
	cfg.Share, cfg.Sink, cfg.Shards = profiles.Share{Index: i, Count: n}, sink, 2
	return cfg, sink
}

// start makes a run beside others.
func (b *bubble) start(ctx, cut context.Context, cfg Config, sink *books) <-chan share {
	done := make(chan share, 1)
	go func() {
		s, err := Run(ctx, cut, cfg)
		done <- share{s, err, sink.phases}
	}()
	return done
}

// runShares makes the run of a profile by n shares at once, which all begin at the
// same instant; change, which may be nil, changes each of them.
func (b *bubble) runShares(yaml string, n int, change func(cfg *Config)) (list []share) {
	b.Helper()
	start := time.Now().Add(2 * time.Second)
	var under []<-chan share
	for i := range n {
		cfg, sink := b.shareConfig(yaml, i, n)
		cfg.Ready = func(context.Context) (time.Time, error) { return start, nil }
		if change != nil {
			change(&cfg)
		}
		under = append(under, b.start(b.Context(), b.Context(), cfg, sink))
	}
	for _, done := range under {
		list = append(list, <-done)
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
		for i, got := range b.runShares(shared, 3, nil) {
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

// Two runs in one process have sockets and connections of their own, also where
// both choose from the same ports.
func TestSharesOnRealSockets(t *testing.T) {
	t.Parallel()
	grid := startGrid(t, testgrid.Config{})
	yaml := strings.Replace(small, "duration: 2s", "duration: 6s", 1) // time enough to log in, on a busy machine too
	b := &bubble{T: t, out: t.TempDir() + "/run", grid: grid}
	var under []<-chan share
	var want int64
	for i := range 2 {
		cfg, sink := b.shareConfigOf(config(t, yaml, grid.LoginURI(), password), i, 2)
		cfg.SourcePorts = [2]uint16{21300, 21399}
		want += intendedBy(t, cfg)
		under = append(under, b.start(t.Context(), t.Context(), cfg, sink))
	}
	var intended int64
	for i, done := range under {
		got := <-done
		if got.err != nil {
			t.Fatal(got.err)
		}
		s := got.summary
		if s.Agents.Logins != 3 || s.Agents.LoginFailures != 0 || s.Agents.Lost != 0 || s.Ops["logout"].Count != 3 {
			t.Errorf("share %d: agents %+v, actions %+v", i, s.Agents, s.Actions)
		}
		intended += s.Actions.Intended
	}
	whole := config(t, yaml, grid.LoginURI(), password)
	if all := intendedBy(t, whole); intended != all || want != all {
		t.Errorf("%d actions were intended, by plan %d, of the whole %d", intended, want, all)
	}
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

// When a share's process is gone, another one goes on with it in the middle of the
// plan, which may have a share already: neither disturbs the other.
func TestAShareIsTakenOver(t *testing.T) {
	inBubble(t, testgrid.Config{}, func(b *bubble) {
		const from = 7 * time.Second
		start := time.Now().Add(time.Second)
		ready := func(after time.Duration) func(context.Context) (time.Time, error) {
			return func(context.Context) (time.Time, error) { return start.Add(after), nil }
		}
		stays, staysSink := b.shareConfig(shared, 0, 2)
		dies, diesSink := b.shareConfig(shared, 1, 2)
		stays.Ready, dies.Ready = ready(0), ready(0)
		dead, kill := context.WithCancel(b.Context())
		first, second := b.start(b.Context(), b.Context(), stays, staysSink), b.start(dead, dead, dies, diesSink)
		time.Sleep(time.Until(start.Add(5 * time.Second)))
		kill()
		if got := <-second; !errors.Is(got.err, context.Canceled) || got.summary.Agents.Logins != 3 {
			b.Fatalf("cut off, it came to %+v", got)
		}
		takes, takesSink := b.shareConfig(shared, 1, 2)
		takes.Ready, takes.From, takes.TakeOver = ready(from), from, true
		var at []time.Duration
		takes.OnProgress = func(p Progress) { at = append(at, p.T) }
		third := b.start(b.Context(), b.Context(), takes, takesSink)
		stayed, took := <-first, <-third
		if stayed.err != nil || took.err != nil {
			b.Fatal(stayed.err, took.err)
		}
		for _, tt := range []struct {
			cfg    Config
			got    share
			logins int64
			phases string
		}{
			{stays, stayed, 4, "[warmup stage 2 logout]"},
			{takes, took, 3, "[logout]"},
		} {
			a, x := tt.got.summary.Agents, tt.got.summary.Actions
			if want := intendedBy(b.T, tt.cfg); a.Logins != tt.logins || a.Lost != 0 || a.InWorldAtEnd != int(tt.logins) || x.Intended != want {
				b.Errorf("share %v from %v on: agents %+v, actions %+v; want %d logins, %d actions intended", tt.cfg.Share, tt.cfg.From, a, x, tt.logins, want)
			}
			if fmt.Sprint(tt.got.phases) != tt.phases {
				b.Errorf("share %v from %v on told of phases %v, want %s", tt.cfg.Share, tt.cfg.From, tt.got.phases, tt.phases)
			}
		}
		if len(at) == 0 || at[0] != from+time.Second {
			b.Errorf("its times are %v, want them from %v on", at, from)
		}
	})
}

// All shares go on after a break, as one machine does: with a phase for who logs in
// again.
func TestSharesGoOnAfterABreak(t *testing.T) {
	inBubble(t, testgrid.Config{}, func(b *bubble) {
		var logins int64
		for i, got := range b.runShares(shared, 3, func(cfg *Config) { cfg.From = 5 * time.Second }) {
			if want := "[stage 2 logout]"; got.err != nil || fmt.Sprint(got.phases) != want { // after resume
				b.Errorf("share %d told of phases %v, want %s; %v", i, got.phases, want, got.err)
			}
			logins += got.summary.Agents.Logins
		}
		if logins != 7 {
			b.Errorf("%d agents logged in, want 7", logins)
		}
	})
}

func TestAShareBeginsWithinItsPlan(t *testing.T) {
	inBubble(t, testgrid.Config{}, func(b *bubble) {
		for _, from := range []time.Duration{-1, time.Hour} {
			cfg := b.config(shared)
			cfg.From = from
			if s, err := Run(b.Context(), b.Context(), cfg); s != nil || !errors.As(err, new(*ConfigError)) {
				b.Errorf("from %v on: %v, %v", from, s, err)
			}
		}
	})
}

// Asked for a number of agents, paused and let go on, the shares do together what
// one machine would. Nobody has an account that another has.
func TestSharesAreSteeredTogether(t *testing.T) {
	inBubble(t, testgrid.Config{}, func(b *bubble) {
		ctx, cancel := context.WithCancel(b.Context())
		const n = 3
		var under []<-chan share
		controls := make([]*Control, n)
		for i := range n {
			cfg, sink := b.shareConfig(strings.Replace(shared, "duration: 10s", "duration: 10m", 1), i, n)
			controls[i] = NewControl()
			cfg.Control = controls[i]
			under = append(under, b.start(ctx, b.Context(), cfg, sink))
		}
		// all tells what everybody says after a while, in which they did what was asked.
		all := func(ask func(c *Control) error) (sum Status) {
			b.Helper()
			for _, c := range controls {
				if err := ask(c); err != nil {
					b.Error(err)
				}
			}
			time.Sleep(20 * time.Second)
			for _, c := range controls {
				status, err := c.Status(b.Context())
				if err != nil {
					b.Error(err)
				}
				sum.State = status.State
				sum.Agents.Target += status.Agents.Target
				sum.Agents.InWorld += status.Agents.InWorld
				sum.Agents.LoginFailures += status.Agents.LoginFailures
				sum.Actions.Started += status.Actions.Started
			}
			if online := b.grid.Stats(b.Context()).Agents; online != sum.Agents.InWorld || sum.Agents.LoginFailures != 0 {
				b.Errorf("the grid has %d agents, they say %+v", online, sum.Agents)
			}
			return sum
		}
		time.Sleep(10 * time.Second)
		for _, want := range []int{11, 2, 8, 0, 7} {
			if got := all(scaleTo(b.T, want)); got.Agents.InWorld != want || got.Agents.Target != want {
				b.Errorf("scaled to %d they are %+v", want, got.Agents)
			}
		}
		paused := all(func(c *Control) error { return c.Pause(b.Context()) })
		if again := all(func(*Control) error { return nil }); paused.State != StatePaused || again.Actions != paused.Actions {
			b.Errorf("paused, they went from %+v to %+v", paused, again)
		}
		if on := all(func(c *Control) error { return c.Resume(b.Context()) }); on.State != StateRunning || on.Actions.Started <= paused.Actions.Started {
			b.Errorf("going on, they went from %+v to %+v", paused, on)
		}
		cancel()
		for _, done := range under {
			if got := <-done; !errors.Is(got.err, context.Canceled) {
				b.Error(got.err)
			}
		}
	})
}

// A share gives up when as many logins have failed as would end the run of one
// machine, not when its own few agents have: others may get in.
func TestAShareDespairsAsTheWholeWould(t *testing.T) {
	inBubble(t, testgrid.Config{}, func(b *bubble) {
		wrong, err := profile(b.T, long).Accounts.Open(func(string) string { return "guess" })
		if err != nil {
			b.Fatal(err)
		}
		for i, got := range b.runShares(long, 4, func(cfg *Config) { cfg.Accounts = wrong }) {
			if !errors.As(got.err, new(*RefusedError)) || got.summary.Agents.LoginFailures != 4 {
				b.Errorf("share %d ended with %v, agents %+v; want four failures of its one agent", i, got.err, got.summary.Agents)
			}
		}
	})
}
