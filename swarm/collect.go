package swarm

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/internal/target"
	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
)

// collect is the second's work of Run's goroutine.
func (s *swarm) collect() {
	sample := s.gather()
	s.hand.last = sample
	s.warn(s.sink.Tick(sample))
	if s.cfg.OnProgress == nil {
		return
	}
	p := Progress{
		Sample: sample, Phase: s.phaseName(), Paused: sample.T - s.planTime(s.start.Add(sample.T)), Holding: s.hand.paused(),
		Length: s.plan.Length, Dir: s.dirName(),
	}
	if s.dir != nil {
		p.Summary, p.Times = s.dir.Summary, s.dir.Times
	}
	s.cfg.OnProgress(p)
}

// phaseName is the running phase.
func (s *swarm) phaseName() string {
	switch {
	case s.phase >= len(s.plan.Phases) || s.hand.ending:
		return results.PhaseLogout
	case s.hand.paused():
		return profiles.PausedPhase
	}
	return s.plan.Phases[s.phase].Name
}

// beginPhase ends the running phase now and begins another.
func (s *swarm) beginPhase(name string) {
	sample := s.gather()
	s.hand.last = sample
	s.warn(s.sink.BeginPhase(name, sample))
	s.health.beginPhase()
}

// gather has each loop hand over its interval and adds up their counters.
func (s *swarm) gather() results.Sample {
	var sample results.Sample
	var stats circuit.LoopStats
	regions := map[string]results.Simulator{}
	for _, sh := range s.shards {
		var full *results.Interval
		sh.call(func(circuit.Instant) {
			full = sh.recorder.Swap(sh.spare)
			sh.spare = nil
			stats.Add(sh.loop.Stats())
			addAgents(&sample.Agents, sh.agents)
			addActions(&sample.Actions, sh.actions)
			maps.Copy(regions, sh.regions)
			clear(sh.regions)
		})
		if full != nil {
			s.sink.Merge(full)
			sh.post(func(circuit.Instant) { sh.spare = full })
		}
	}
	sample.T = circuit.Now().Sub(s.start)
	sample.Agents.Target = s.targetAt(s.planTime(s.start.Add(sample.T)))
	sample.Transport = transport(stats)
	sample.Generator, sample.InPhase = s.health.generator(stats.TickLag)
	for _, name := range slices.Sorted(maps.Keys(regions)) {
		sample.Simulators = append(sample.Simulators, regions[name])
	}
	select {
	case sample.Reports = <-s.simReports:
	default:
	}
	return sample
}

// targetAt is how many agents the plan has in world at t, or who steers the run.
func (s *swarm) targetAt(t time.Duration) (n int) {
	if s.hand.scaled {
		return s.hand.target
	}
	for i := range s.plan.Sessions {
		p := &s.plan.Sessions[i]
		if p.Login > t {
			break // they are sorted by login
		}
		if t < p.Leave || p.Leave == s.plan.Length {
			n++
		}
	}
	return n
}

func addAgents(to *results.Agents, from results.Agents) {
	to.InWorld += from.InWorld
	to.Logins += from.Logins
	to.LoginFailures += from.LoginFailures
	to.Lost += from.Lost
}

func addActions(to *results.Actions, from results.Actions) {
	to.Intended += from.Intended
	to.Started += from.Started
	to.Late += from.Late
	to.Dropped += from.Dropped
	to.Absent += from.Absent
	to.Failed += from.Failed
}

func transport(s circuit.LoopStats) results.Transport {
	t := results.Transport{
		PacketsSent: int64(s.PacketsSent), PacketsReceived: int64(s.PacketsReceived),
		BytesSent: int64(s.BytesSent), BytesReceived: int64(s.BytesReceived),
		Resent: int64(s.Resent), Lost: int64(s.Lost),
		KernelDrops: int64(s.Conn.KernelDrops + s.Conn.QueueDrops),
	}
	for _, n := range s.Malformed {
		t.Malformed += int64(n)
	}
	return t
}

// warn tells of results that could not be written; they are kept and tried
// again.
func (s *swarm) warn(err error) {
	if err != nil {
		s.log.Error("write results", "error", err)
	}
}

// name is an account's avatar.
func (s *swarm) name(account int) string {
	a := s.cfg.Accounts.At(account)
	return a.First + " " + a.Last
}

// despairAfter is how many logins must have failed, with none that succeeded,
// for the run to be given up.
const despairAfter = 5

// despair gives the run up when nobody gets in for a reason that time won't
// mend: the password, or a grid that has gone.
func (s *swarm) despair(err error) {
	if s.succeeded.Load() {
		return
	}
	if int(s.refusals.Add(1)) < min(despairAfter, s.plan.Peak) {
		return
	}
	var why error
	switch {
	case errors.As(err, new(*target.Error)):
		why = &ConfigError{err}
	case reason.Of(err) == "key":
		why = &RefusedError{err}
	case reason.GridUnreachable(err):
		why = &UnreachableError{s.cfg.LoginURI, err}
	default:
		return
	}
	select {
	case s.hopeless <- why:
	default:
	}
}
