package cluster

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
	"github.com/slload/slload/swarm"
)

// What a worker of the measurement measures each second.
const (
	scaleOps     = 20
	scaleSamples = 200
)

// tellTicks has a controller tell how long its ticks take, from when it has the
// run's state to when that is in the files, and how far they are behind.
func tellTicks(run *swarm.Config) {
	var began time.Time
	run.GridCPUSeconds = func() float64 { began = time.Now(); return 0 }
	next := run.OnProgress
	run.OnProgress = func(p swarm.Progress) {
		took, lag := time.Since(began), time.Duration(0)
		for _, w := range p.Workers {
			lag = max(lag, w.Lag)
		}
		fmt.Println("took", int64(took), "lag", int64(lag))
		next(p)
	}
}

// workCrowd is all workers of a run.
func (r *role) workCrowd() error {
	errs := make(chan error, r.Crowd)
	for range r.Crowd {
		go func() {
			errs <- Work(context.Background(), context.Background(), WorkerConfig{
				URL: r.URL, Token: testToken, Version: "test", Segment: -1, Spool: r.Spool, JoinTimeout: time.Minute,
				Getenv: func(string) string { return "secret" }, play: playBusy,
			})
		}()
	}
	var err error
	for range r.Crowd {
		err = errors.Join(err, <-errs)
	}
	return err
}

// playBusy is swarm.Run with the figures of a busy worker.
func playBusy(ctx, _ context.Context, cfg swarm.Config) (*results.Summary, error) {
	plan, err := profiles.NewPlan(cfg.Profile, cfg.Seed, cfg.Share)
	if err != nil {
		return nil, err
	}
	start, err := cfg.Ready(ctx)
	if err == nil {
		err = wait(ctx, time.Until(start))
	}
	if err != nil {
		return nil, err
	}
	cfg.OnBegin("")
	rec, rng := results.NewRecorder(), rand.New(rand.NewPCG(1, uint64(cfg.Share.Index)))
	var sample results.Sample
	sample.Generator.Cores = 2
	for phase := range plan.Phases {
		if phase > 0 {
			_ = cfg.Sink.BeginPhase(plan.Phases[phase].Name, sample)
		}
		for sample.T < plan.Phases[phase].To {
			sample.T += time.Second
			if err := wait(ctx, time.Until(start.Add(sample.T))); err != nil {
				return nil, err
			}
			for i := range scaleSamples {
				d := time.Duration(20e6 * math.Exp(rng.NormFloat64())) // median 20 ms
				rec.Record(fmt.Sprintf("msg.op%d", i%scaleOps), d, d, "")
			}
			sample.Actions.Started += scaleSamples
			sample.Agents.InWorld, sample.Generator.CPUSeconds = 3, sample.Generator.CPUSeconds+0.5
			cfg.Sink.Merge(rec.Swap(nil))
			_ = cfg.Sink.Tick(sample)
		}
	}
	_ = cfg.Sink.BeginPhase(results.PhaseLogout, sample)
	return cfg.Sink.Finish(sample)
}
