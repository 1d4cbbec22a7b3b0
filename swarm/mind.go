package swarm

import (
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/profiles"
)

// mind is what a session has whose agents think: it does one thing at a time,
// and begins the next when the last has ended and a pause is over. The session's
// loop owns it.
type mind struct {
	session  *session
	thoughts *profiles.Thoughts
	next     profiles.Thought
	timer    circuit.Timer
}

// newMind gives the session a mind if its group thinks.
func (s *session) newMind() {
	if t := s.shard.swarm.plan.Thoughts(s.plan); t != nil {
		s.mind = &mind{session: s, thoughts: t}
		s.mind.timer.Fire = s.mind.act
	}
}

// think draws what comes next and waits until it is due.
func (m *mind) think(now circuit.Instant) {
	sh := m.session.shard
	if m.session.over || sh.stopping {
		return
	}
	m.next = m.thoughts.Next()
	sh.schedule(&m.timer, sh.standing(now).Add(m.next.Pause))
}

// act begins what was thought of. What can't begin is dropped, as an action of
// the plan is, and the agent thinks again.
func (m *mind) act(now circuit.Instant) {
	sh := m.session.shard
	if sh.hold(&m.timer) {
		return
	}
	sh.actions.Intended++
	due := profiles.Action{Behavior: m.next.Behavior, Seed: m.next.Seed}
	if !m.session.startAction(now, m.timer.At(), due, m.think) {
		m.think(now)
	}
}

// stop ends the thinking.
func (m *mind) stop() {
	if m != nil {
		m.session.shard.loop.Stop(&m.timer)
	}
}
