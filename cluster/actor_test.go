package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"sync"
	"time"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
	"github.com/slload/slload/swarm"
)

// actor plays swarms without agents in a process of its own, and books what each
// frame holds before it is sent, and which are acked. What is in the book
// survives the process's death.
type actor struct {
	clock
	mu   sync.Mutex
	book *os.File
}

// entry is a line of the book.
type entry struct {
	key
	Seq     uint64
	Acked   bool            // JetStream has the frames up to this one; else it was made
	Times   []time.Duration // of actions that succeeded since the last frame
	Failed  int64           // actions that failed since then
	Started int64           // actions since the segment's start
}

// opOf is the operation of one handing out of a segment, opOfAll that of all.
func opOf(k key) string { return fmt.Sprintf("part.%d-%d", k.Segment, k.Epoch) }

const opOfAll = "part.all"

func (a *actor) acked(k key, seq uint64) {
	if seq > 0 {
		a.write(&entry{key: k, Seq: seq, Acked: true})
	}
}

func (a *actor) write(e *entry) {
	line, err := json.Marshal(e)
	a.mu.Lock()
	defer a.mu.Unlock()
	if err == nil {
		_, err = a.book.Write(append(line, '\n'))
	}
	if err != nil {
		panic(err) // without a book it proves nothing
	}
}

// play is swarm.Run for an actor.
func (a *actor) play(ctx, _ context.Context, cfg swarm.Config) (*results.Summary, error) {
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
	s := cfg.Sink.(*sink)
	p := &part{sink: s, rec: results.NewRecorder(), rng: rand.New(rand.NewPCG(uint64(s.a.Segment), uint64(s.a.Epoch)))}
	send := s.send
	s.send = func(f *frame) {
		e := p.since
		e.key, e.Seq, e.Started = f.key, f.Seq, f.Sample.Actions.Started
		a.write(&e)
		p.since = entry{}
		send(f)
	}
	start, err := cfg.Ready(ctx)
	if err == nil {
		err = a.wait(ctx, start)
	}
	if err != nil {
		return nil, err
	}
	cfg.OnBegin("")
	p.sample.T = cfg.From
	err = a.run(ctx, p, plan, start.Add(-cfg.From))
	p.act()
	_ = s.BeginPhase(results.PhaseLogout, p.sample) // a sink of the cluster never fails
	p.act()
	summary, _ := s.Finish(p.sample)
	return summary, err
}

// run makes a second after the other until the plan is over.
func (a *actor) run(ctx context.Context, p *part, plan *profiles.Plan, zero time.Time) error {
	phase := plan.PhaseAt(p.sample.T)
	for {
		for p.sample.T >= plan.Phases[phase].To {
			if phase++; phase == len(plan.Phases) {
				return nil
			}
			p.act()
			_ = p.sink.BeginPhase(plan.Phases[phase].Name, p.sample)
		}
		if err := a.wait(ctx, zero.Add(p.sample.T+time.Second)); err != nil {
			return err
		}
		p.sample.T += time.Second
		p.act()
		_ = p.sink.Tick(p.sample)
	}
}

// part is a segment as an actor plays it.
type part struct {
	sink   *sink
	rec    *results.Recorder
	rng    *rand.Rand
	sample results.Sample
	since  entry // the last frame
}

// act records some actions, one at least that succeeds: of 1 µs to 10 min.
func (p *part) act() {
	for i := range 1 + p.rng.IntN(6) {
		d, reason := time.Duration(1e3*math.Pow(6e8, p.rng.Float64())), ""
		if i > 0 && p.rng.IntN(4) == 0 {
			reason = "timeout"
			p.since.Failed++
		} else {
			p.since.Times = append(p.since.Times, d)
		}
		p.rec.Record(opOf(p.sink.a.key()), d, d/2, reason)
		p.rec.Record(opOfAll, d, d/2, reason)
		p.sample.Actions.Intended++
		p.sample.Actions.Started++
	}
	p.sink.Merge(p.rec.Swap(nil))
}
