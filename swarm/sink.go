package swarm

import (
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/slload/slload/results"
)

// Sink takes what a run measured, as a *results.Collector does, which is the sink
// of a run on one machine. Its methods are called on Run's goroutine. Their errors
// are logged and change nothing, but for that of Finish, which Run returns.
type Sink interface {
	// Merge takes over what a loop recorded and leaves iv empty.
	Merge(iv *results.Interval)
	// Tick closes about a second: s is the share's state at its end.
	Tick(s results.Sample) error
	// BeginPhase ends the running phase at s, as a Tick does, and begins another:
	// one of the plan, profiles.PausedPhase or results.PhaseLogout. The first one
	// is not told of: it is the plan's at Config.From (profiles.Plan.PhaseAt).
	BeginPhase(name string, s results.Sample) error
	// Finish ends the run at s. The summary, which may be nil, is what Run returns.
	Finish(s results.Sample) (*results.Summary, error)
}

// openSink makes the run directory, unless there is a sink already, and the log
// that goes there, too. start is when the plan begins; zero: now.
func (s *swarm) openSink(start time.Time) error {
	s.sink, s.log = s.cfg.Sink, slog.New(slog.DiscardHandler)
	runLog := io.Discard
	if s.sink == nil {
		var err error
		if s.dir, err = s.openDir(start); err != nil {
			return err
		}
		s.sink, runLog = s.dir, s.dir.LogFile()
	}
	if s.cfg.Log != nil {
		s.log = s.cfg.Log(runLog)
	}
	return nil
}

func (s *swarm) openDir(started time.Time) (dir *results.Collector, err error) {
	profile, err := s.cfg.Profile.Marshal()
	if err != nil {
		return nil, fmt.Errorf("write out the profile: %w", err)
	}
	if started.IsZero() {
		started = time.Now()
	}
	phase := s.plan.Phases[s.phase].Name
	if s.cfg.Resume != nil {
		dir, err = results.Resume(s.cfg.Resume, phase, started)
	} else {
		dir, err = results.NewCollector(results.Config{
			Parent: "runs", Dir: s.cfg.Out, Profile: profile, Phase: phase,
			Manifest: s.cfg.manifest(s.plan, s.shards[0].mode, len(s.shards), started),
		})
	}
	if err != nil {
		return nil, &ConfigError{err}
	}
	dir.OnLine = s.cfg.OnLine
	return dir, nil
}

// dirName is the run directory; "" where there is none.
func (s *swarm) dirName() string {
	if s.dir == nil {
		return ""
	}
	return s.dir.Dir()
}

// aborted is the threshold that ends the run; of a share whoever has the results
// of all of them judges.
func (s *swarm) aborted() string {
	if s.dir == nil {
		return ""
	}
	return s.dir.Aborted()
}
