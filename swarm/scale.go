package swarm

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/target"
	"github.com/slload/slload/profiles"
)

// accountRest is how long an account stays out between two sessions: a grid
// takes a moment to see that an agent has gone.
const accountRest = 10 * time.Second

// scale has n agents from now on in the whole swarm, and in this share its part.
func (s *swarm) scale(n int) error {
	if s.hand.ending {
		return ErrEnding
	}
	if err := s.canHave(n); err != nil {
		return err
	}
	now := s.planTime(circuit.Now())
	begun := s.takeOver()
	live := slices.DeleteFunc(slices.Clone(begun), func(b stay) bool { return b.over })
	part := s.plan.Part(n)
	s.hand.scaled, s.hand.target = true, part
	s.steered(fmt.Sprintf("scale %d", n), true)
	if part <= len(live) {
		s.shrink(now, live, len(live)-part)
		return nil
	}
	err := s.grow(now, begun, part-len(live))
	if err != nil {
		s.hand.target = len(live)
	}
	return err
}

// canHave tells why the whole swarm can't have n agents.
func (s *swarm) canHave(n int) error {
	switch {
	case n < 0:
		return &ConfigError{fmt.Errorf("%d agents: want 0 at least", n)}
	case n > s.plan.Agents+maxBeyond:
		return &ConfigError{fmt.Errorf("%d agents: a run with a plan of %d goes up to %d", n, s.plan.Agents, s.plan.Agents+maxBeyond)}
	}
	if err := s.enoughAccounts(n); err != nil {
		return &ConfigError{err}
	}
	if err := s.guard.Check(s.loadOf(n)); err != nil {
		return &ConfigError{fmt.Errorf("scale to %d: %w to slload run: a run that goes on keeps its bounds", n, err)}
	}
	return s.ensure(s.plan.Part(n))
}

// loadOf is what n agents ask of the grid, by what the plan's do. Their logins
// are loginGap's.
func (s *swarm) loadOf(n int) target.Load {
	return target.Load{Agents: n, Packets: s.load.Packets * float64(n) / float64(max(s.load.Agents, 1))}
}

// loginGap is the time between two logins by hand: that of the share's part of the
// profile's rate, or of the grid's bound where that is lower.
func (s *swarm) loginGap() time.Duration {
	rate := float64(s.plan.LoginRate())
	if most := s.guard.Most().Logins; most > 0 {
		rate = min(rate, most)
	}
	return time.Duration(float64(time.Second) / rate * float64(s.plan.Share.Count))
}

// stay is a session that has begun, as who steers the run sees it.
type stay struct {
	session *session
	profiles.Session
	over bool
}

// takeOver ends what the plan says of coming and going: nobody is to log in any
// more, and who is there stays. It gives all stays so far.
func (s *swarm) takeOver() (begun []stay) {
	for _, sh := range s.shards {
		sh.call(func(now circuit.Instant) { begun = append(begun, sh.takeOver(now)...) })
	}
	return begun
}

func (sh *shard) takeOver(now circuit.Instant) (begun []stay) {
	sh.loop.Stop(&sh.logins)
	clear(sh.sessions[sh.nextUp:])
	sh.sessions = sh.sessions[:sh.nextUp]
	for _, s := range sh.sessions {
		if s.gone && !s.over {
			s.finish()
			s.plan.Leave = min(s.plan.Leave, sh.clock(now).Sub(sh.swarm.start)) // its account rests from now on
		}
		if end := sh.swarm.plan.Length; !s.over && s.plan.Leave < end {
			sh.loop.Stop(&s.leave)
			s.plan.Leave = end
			s.actions.Extend(end)
			if !s.acting {
				s.advance()
				s.arm(now)
			}
		}
		begun = append(begun, stay{s, s.plan, s.over})
	}
	return begun
}

// shrink has n of those who are there leave, who came last first, spread over a
// while as at a run's end.
func (s *swarm) shrink(now time.Duration, live []stay, n int) {
	slices.SortFunc(live, func(a, b stay) int {
		return cmp.Or(cmp.Compare(b.Login, a.Login), cmp.Compare(b.Agent, a.Agent))
	})
	gap := s.logoutGap(n)
	for i, b := range live[:n] {
		b.session.shard.call(func(circuit.Instant) {
			b.session.plan.Leave = now + time.Duration(i+1)*gap
			b.session.planLeave()
		})
	}
}

// grow has n more log in, one each loginGap, those first whose accounts have
// rested.
func (s *swarm) grow(now time.Duration, begun []stay, n int) error {
	inUse, nth, rested := map[int]bool{}, map[int]int{}, map[int]time.Duration{}
	for _, b := range begun {
		inUse[b.Agent] = inUse[b.Agent] || !b.over
		nth[b.Agent] = max(nth[b.Agent], b.Nth+1)
		rested[b.Agent] = max(rested[b.Agent], b.Leave+accountRest)
	}
	agents := s.plan.FreeAgents(n, func(agent int) bool { return inUse[agent] })
	if err := s.findAccounts(agents); err != nil {
		return err
	}
	slices.SortStableFunc(agents, func(a, b int) int { return cmp.Compare(max(now, rested[a]), max(now, rested[b])) })
	byShard := map[*shard][]profiles.Session{}
	login, gap := now, s.loginGap()
	for _, agent := range agents {
		sh := s.shardOf(agent)
		login = max(login, rested[agent])
		byShard[sh] = append(byShard[sh], s.plan.SessionByHand(agent, nth[agent], login))
		login += gap
	}
	known := max(s.plan.Agents, slices.Max(agents)+1, s.mostKnown())
	for _, sh := range s.shards {
		sh.call(func(now circuit.Instant) { sh.add(now, byShard[sh], known) })
	}
	return nil
}

// mostKnown is above the index of every agent beyond the plan that there was.
func (s *swarm) mostKnown() (n int) {
	for agent := range maps.Keys(s.hand.accounts) {
		n = max(n, agent+1)
	}
	return n
}

// findAccounts sees to it that each agent beyond the plan has an account, which
// it keeps.
func (s *swarm) findAccounts(agents []int) error {
	for _, agent := range agents {
		if _, has := s.hand.accounts[agent]; has || agent < s.plan.Agents {
			continue
		}
		account, ok := s.spares.take()
		if !ok {
			return &ConfigError{fmt.Errorf("no account is left for agent %d: add some to the file, or scale to fewer", agent+1)}
		}
		if s.hand.accounts == nil {
			s.hand.accounts = map[int]int{}
		}
		s.hand.accounts[agent] = account
	}
	return nil
}

// add plans further sessions.
func (sh *shard) add(now circuit.Instant, sessions []profiles.Session, known int) {
	sh.agentsKnown = known
	slices.SortStableFunc(sessions, func(a, b profiles.Session) int { return cmp.Compare(a.Login, b.Login) })
	for _, p := range sessions {
		s := newSession(sh, p)
		if account, beyond := sh.swarm.hand.accounts[p.Agent]; beyond {
			s.account = account
		}
		sh.sessions = append(sh.sessions, s)
	}
	sh.logInDue(now)
}
