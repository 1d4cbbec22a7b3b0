package cluster

import (
	"context"
	"sync"
	"time"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
	"github.com/slload/slload/swarm"
)

// perTick is what a synthetic swarm records each second.
const perTick = 3

// theater plays swarms without agents, and keeps count of what they recorded.
type theater struct {
	lan     *lan // nil: it isn't in a bubble
	mu      sync.Mutex
	ticks   map[key]int // seconds recorded
	started map[key]time.Time
	over    map[key]time.Time // when the swarm had ended
	clings  bool              // logouts take until they are cut
}

func newTheater() *theater {
	return &theater{ticks: map[key]int{}, started: map[key]time.Time{}, over: map[key]time.Time{}}
}

// ended tells that a swarm has.
func (th *theater) ended(k key) bool {
	th.mu.Lock()
	defer th.mu.Unlock()
	return !th.over[k].IsZero()
}

func (th *theater) ticksOf(k key) int {
	th.mu.Lock()
	defer th.mu.Unlock()
	return th.ticks[k]
}

func (th *theater) total() (n int) {
	th.mu.Lock()
	defer th.mu.Unlock()
	for _, ticks := range th.ticks {
		n += ticks
	}
	return n
}

// skewed plays by a clock that is skew ahead.
func (th *theater) skewed(skew time.Duration) func(ctx, cut context.Context, cfg swarm.Config) (*results.Summary, error) {
	return func(ctx, cut context.Context, cfg swarm.Config) (*results.Summary, error) {
		ready := cfg.Ready
		cfg.Ready = func(ctx context.Context) (time.Time, error) {
			start, err := ready(ctx)
			return start.Add(-skew), err
		}
		return th.play(ctx, cut, cfg)
	}
}

// fake is one synthetic swarm.
type fake struct {
	cfg      swarm.Config
	plan     *profiles.Plan
	rec      *results.Recorder
	sample   results.Sample
	paused   bool
	scaled   int
	phase    int
	pausedAt time.Duration
	pauses   time.Duration
	th       *theater
	key      key
}

// play is swarm.Run for synthetic swarms. The swarm of
// segment s records perTick chats a second, of s+1 ms each, and each second has an
// agent more logged in.
func (th *theater) play(ctx, cut context.Context, cfg swarm.Config) (*results.Summary, error) {
	plan, err := profiles.NewPlan(cfg.Profile, cfg.Seed, cfg.Share)
	if err != nil {
		return nil, &swarm.ConfigError{Err: err}
	}
	switch {
	case cfg.TakeOver:
		plan = plan.TakeOver(cfg.From)
	case cfg.From > 0:
		plan = plan.From(cfg.From)
	}
	start, err := cfg.Ready(ctx)
	if err != nil {
		return nil, err
	}
	k := key{cfg.Share.Index, cfg.Sink.(*sink).a.Epoch}
	th.mu.Lock()
	th.started[k] = start
	th.mu.Unlock()
	f := &fake{cfg: cfg, plan: plan, rec: results.NewRecorder(), th: th, key: k, phase: plan.PhaseAt(cfg.From)}
	f.sample.T = cfg.From
	f.sample.Agents.Target = len(plan.Sessions)
	select {
	case <-time.After(time.Until(start)):
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	cfg.OnBegin("")
	why := f.run(ctx, start)
	f.begin(results.PhaseLogout)
	if th.clings {
		<-cut.Done()
	}
	f.sample.Agents.InWorld = 0
	defer func() {
		th.mu.Lock()
		defer th.mu.Unlock()
		th.over[k] = time.Now()
	}()
	return f.finish(why)
}

func (f *fake) run(ctx context.Context, start time.Time) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			for f.sample.T+time.Second <= f.cfg.From+time.Since(start) {
				if f.tick(); f.over() {
					return nil
				}
			}
		case o := <-f.cfg.Control.Orders():
			f.obey(o)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// over begins the phases that are due, and tells whether that was the last.
func (f *fake) over() bool {
	for !f.paused && f.sample.T-f.pauses >= f.plan.Phases[f.phase].To {
		if f.phase++; f.phase == len(f.plan.Phases) {
			return true
		}
		f.begin(f.plan.Phases[f.phase].Name)
	}
	return false
}

func (f *fake) tick() {
	f.sample.T += time.Second
	if !f.paused {
		for range perTick {
			d := time.Duration(f.key.Segment+1) * time.Millisecond
			f.rec.Record("msg.chat", d, d, "")
		}
		f.sample.Actions.Intended += perTick
		f.sample.Actions.Started += perTick
		f.sample.Agents.Logins++
		f.sample.Agents.InWorld++
		f.th.mu.Lock()
		f.th.ticks[f.key]++
		f.th.mu.Unlock()
	}
	f.cfg.Sink.Merge(f.rec.Swap(nil))
	_ = f.cfg.Sink.Tick(f.sample)
	f.cfg.OnProgress(swarm.Progress{Sample: f.sample})
}

func (f *fake) begin(name string) {
	f.cfg.Sink.Merge(f.rec.Swap(nil))
	_ = f.cfg.Sink.BeginPhase(name, f.sample)
}

func (f *fake) finish(why error) (*results.Summary, error) {
	f.cfg.Sink.Merge(f.rec.Swap(nil))
	s, err := f.cfg.Sink.Finish(f.sample)
	if why != nil {
		err = why
	}
	return s, err
}

func (f *fake) obey(o swarm.Order) {
	switch o.What {
	case swarm.OrderPause:
		f.paused, f.pausedAt = true, f.sample.T
		f.begin(profiles.PausedPhase)
	case swarm.OrderResume:
		f.paused = false
		f.pauses += f.sample.T - f.pausedAt
		f.begin(f.plan.Phases[f.phase].Name)
	case swarm.OrderScale:
		f.scaled = o.Agents
		f.sample.Agents.Target = o.Agents / f.cfg.Share.Count
	}
	o.Answer(swarm.Status{}, nil)
}
