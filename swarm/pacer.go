package swarm

import (
	"errors"
	"math/rand/v2"
	"strings"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/behaviors"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/profiles"
)

// advance takes the session's next action from the plan.
func (s *session) advance() {
	var more bool
	s.due, more = s.actions.Next()
	s.acting = more
}

// arm waits for the next action.
func (s *session) arm(now circuit.Instant) {
	if s.acting && !s.shard.stopping && !s.over {
		s.shard.schedule(&s.next, max(s.shard.standing(now), s.planned().Add(s.due.At)))
	}
}

// act starts all actions that are due: each has a goroutine until it ends. An
// action that falls due while its agent is not in world is intended and
// dropped, never queued up.
func (s *session) act(now circuit.Instant) {
	if s.shard.hold(&s.next) {
		return
	}
	for s.acting {
		at := s.planned().Add(s.due.At)
		if at > now {
			break
		}
		s.shard.actions.Intended++
		s.startAction(now, at, s.due, nil)
		s.advance()
	}
	s.arm(now)
}

// startAction starts an action that is due at an instant, and tells whether it
// could; ended, if there is one, is called on the loop when it has ended.
func (s *session) startAction(now, at circuit.Instant, due profiles.Action, ended func(now circuit.Instant)) bool {
	sh := s.shard
	sw := sh.swarm
	p := sw.plays[due.Behavior]
	cast := behaviors.Cast{Args: p.args, Rand: rand.New(rand.NewPCG(due.Seed, 0)), Agents: s.cast(p.behavior.Agents, due.Seed)}
	switch {
	case cast.Agents == nil:
		sh.actions.Dropped++
		sh.actions.Absent++
		return false
	case s.inFlight >= maxInFlight:
		sh.actions.Dropped++
		return false
	}
	accounts, ok := sw.spares.takeAll(p.behavior.LoggedOut)
	if !ok {
		sh.actions.Dropped++
		sh.actions.Absent++
		return false
	}
	var seats []*seat
	for _, account := range accounts {
		visitor := s.visitor(account)
		seat, err := sh.takeSeat(&visitor)
		if err != nil {
			sw.log.Info("no endpoint for a visitor", "error", err)
		}
		seats = append(seats, seat)
		cast.LoggedOut = append(cast.LoggedOut, visitor)
	}
	sh.actions.Started++
	if now.Sub(at) > lateAfter {
		sh.actions.Late++
	}
	s.inFlight++
	sw.busy.Go(func() {
		begun := circuit.Now()
		err := p.behavior.Run(circuit.WithIntended(sw.actions, at), &cast)
		end := circuit.Now()
		sw.spares.giveBack(accounts)
		sh.post(func(now circuit.Instant) {
			s.inFlight--
			for _, seat := range seats {
				seat.giveBack(now)
			}
			if err != nil {
				sh.actions.Failed++
			}
			if op := p.behavior.Reports; strings.HasPrefix(op, behaviors.Whole) && !errors.Is(err, errRunEnded) {
				sh.Done(op, at, begun, end, reason.Of(err))
			}
			if ended != nil {
				ended(now)
			}
		})
	})
	return true
}

// visitor is how a behaviour logs in an agent of its own: as this session's,
// by another account.
func (s *session) visitor(account int) agent.Options {
	opt := s.optionsFor(account)
	opt.Seed, opt.OnLeft = 0, nil
	return opt
}

// cast is the session's agent and the partners that it needs, drawn by the
// action's seed among those in world; nil if there are too few.
func (s *session) cast(n int, seed uint64) []*agent.Agent {
	if s.agent == nil {
		return nil
	}
	agents := append(make([]*agent.Agent, 0, max(n, 1)), s.agent)
	if n <= 1 {
		return agents[:n]
	}
	for i := range s.shard.swarm.plan.PartnersAmong(s.plan.Agent, s.shard.agentsKnown, seed) {
		if a := s.shard.swarm.roster.at(i); a != nil {
			if agents = append(agents, a); len(agents) == n {
				return agents
			}
		}
	}
	return nil
}
