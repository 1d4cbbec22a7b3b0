package swarm

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/internal/reason"
	"github.com/slload/slload/profiles"
	"github.com/slload/slload/results"
)

// session is one planned stay of one agent. Its shard's loop owns it.
//
//	planned -> logging in -> in world -> leaving -> over
//	               ^            |
//	               +-- again <--+   (lost, or a login that failed; by on_loss)
type session struct {
	shard   *shard
	plan    profiles.Session
	account int // index of the account; another one after a replacement
	actions *profiles.Actions
	due     profiles.Action
	mind    *mind // nil: its group doesn't think

	agent    *agent.Agent // nil while it is not in world
	seat     *seat        // nil where the loop chooses its endpoint
	early    error        // why it was lost before the shard knew that it was in
	entered  bool         // has been in world once
	attempts int          // logins that failed, or stays that were lost, in a row
	inFlight int          // actions under way
	acting   bool         // due is the next action; there may be none
	over     bool
	gone     bool // lost or never let in, and on_loss leaves it at that

	next  circuit.Timer // of the next action
	leave circuit.Timer
	again circuit.Timer // of the next try to log in
}

const (
	// maxInFlight bounds the actions of one agent that wait for the grid at
	// once; what falls due beyond is dropped and counted.
	maxInFlight = 16
	// maxLogins bounds the logins under way, over all shards: what waits here
	// for its turn shows in the response times.
	maxLogins = 256

	firstAgain = 2 * time.Second
	mostAgain  = 60 * time.Second
	// lateAfter is how late an action begins to be counted as late.
	lateAfter = 10 * time.Millisecond
)

func newSession(sh *shard, p profiles.Session) *session {
	s := &session{shard: sh, plan: p, account: p.Agent, actions: sh.swarm.plan.Actions(p)}
	s.next.Fire, s.leave.Fire, s.again.Fire = s.act, s.end, s.login
	s.newMind()
	return s
}

// planned is when the session's login is due.
func (s *session) planned() circuit.Instant { return s.shard.at(s.plan.Login) }

// begin logs the agent in and plans its leave.
func (s *session) begin(now circuit.Instant) {
	sw := s.shard.swarm
	s.planLeave()
	sw.budget.spend(s.shard.clock(now))
	s.startLogin(now, s.planned())
	s.advance()
	s.arm(now)
	if s.mind != nil {
		s.mind.think(now)
	}
}

// planLeave waits for the end of the session; who stays to the run's is logged
// out with the others.
func (s *session) planLeave() {
	if s.plan.Leave < s.shard.swarm.plan.Length {
		s.shard.schedule(&s.leave, s.shard.at(s.plan.Leave))
	}
}

// login is a further try.
func (s *session) login(now circuit.Instant) {
	if !s.shard.hold(&s.again) {
		s.startLogin(now, now)
	}
}

func (s *session) startLogin(now, at circuit.Instant) {
	sw := s.shard.swarm
	opt := s.options()
	var err error
	if s.seat, err = s.shard.takeSeat(&opt); err != nil {
		s.loginFailed(now, err)
		return
	}
	held := sw.gate.heldFor()
	sw.busy.Go(func() {
		select {
		case sw.slots <- struct{}{}:
			defer func() { <-sw.slots }()
		case <-sw.logins.Done():
			return
		}
		if !sw.gate.pass(sw.logins) {
			return
		}
		at := at.Add(sw.gate.heldFor() - held)
		a, err := agent.Login(circuit.WithIntended(sw.logins, at), opt)
		s.shard.call(func(now circuit.Instant) { s.loggedIn(now, a, err) })
	})
}

func (s *session) options() agent.Options { return s.optionsFor(s.account) }

func (s *session) optionsFor(index int) agent.Options {
	sw := s.shard.swarm
	account := sw.cfg.Accounts.At(index)
	p := &sw.cfg.Profile.Agent
	return agent.Options{
		Loop: s.shard.loop, Observer: s.shard, HTTP: sw.http, Polls: sw.polls, LoginURI: sw.cfg.LoginURI, Protocol: agent.Protocol(sw.cfg.Profile.Grid.LoginProtocol),
		Account: agent.Account{First: account.First, Last: account.Last, Password: string(account.Password)},
		Start:   sw.plan.Start(s.plan.Agent), Seed: rand.New(rand.NewPCG(sw.cfg.Seed, uint64(s.plan.Agent))).Uint64(),
		UpdateHz: float64(p.UpdateRate), IdleUpdateHz: float64(p.IdleUpdateRate), NoEventQueue: !p.EventQueue, Neighbours: p.Neighbours,
		Throttle: float64(p.Throttle), DrawDistance: float32(p.DrawDistance), Log: sw.log, OnLeft: s.left,
	}
}

// loggedIn takes the outcome of a login.
func (s *session) loggedIn(now circuit.Instant, a *agent.Agent, err error) {
	sh := s.shard
	if err == nil {
		err, s.early = s.early, nil
	}
	if err != nil {
		s.loginFailed(now, err)
		return
	}
	s.agent, s.attempts = a, 0
	sh.swarm.roster.enter(s.plan.Agent, a)
	if !s.entered {
		s.entered = true
		sh.agents.Logins++
		sh.swarm.succeeded.Store(true)
	}
	sh.agents.InWorld++
	agent.Subscribe(a, sh.heardStats)
	if s.over {
		s.logOut(now)
	}
}

func (s *session) loginFailed(now circuit.Instant, err error) {
	sh := s.shard
	s.early = nil
	s.seat.giveBack(now)
	if sh.stopping && (errors.Is(err, errRunEnded) || errors.Is(err, context.Canceled)) {
		return // the run ended; that is not the grid's failure
	}
	sh.agents.LoginFailures++
	word := reason.Of(err)
	sh.event(now, results.Event{Name: "login.failed", Agent: sh.swarm.name(s.account), Reason: word, Detail: err.Error()})
	sh.swarm.log.Info("login failed", "agent", sh.swarm.name(s.account), "reason", word, "error", err)
	sh.swarm.despair(err)
	s.tryAgain(now)
}

// left is told by the agent, on the loop, when it has left the world.
func (s *session) left(now circuit.Instant, err error) {
	sh := s.shard
	if s.agent == nil { // loggedIn hasn't run yet
		s.early = err
		return
	}
	sh.swarm.roster.leave(s.plan.Agent, s.agent)
	s.agent = nil
	s.seat.giveBack(now)
	sh.agents.InWorld--
	if err == nil {
		return
	}
	sh.agents.Lost++
	sh.event(now, results.Event{Name: "agent.lost", Agent: sh.swarm.name(s.account), Reason: reason.Of(err), Detail: err.Error()})
	s.tryAgain(now)
}

// tryAgain does what the profile's on_loss says about an agent that isn't in
// world but should be, after a pause that grows and is never the same for two.
func (s *session) tryAgain(now circuit.Instant) {
	sh := s.shard
	policy := sh.swarm.cfg.Profile.OnLoss
	if s.gone = policy == profiles.Leave; s.gone || sh.stopping || s.over {
		return
	}
	if policy == profiles.Replace {
		if spare, ok := sh.swarm.spares.take(); ok {
			s.account = spare
		} else {
			sh.event(now, results.Event{Name: "agent.irreplaceable", Agent: sh.swarm.name(s.account), Detail: "no spare account"})
		}
	}
	pause := min(firstAgain<<min(s.attempts, 10), mostAgain)
	s.attempts++
	turn := sh.swarm.budget.turn(sh.clock(now))
	sh.schedule(&s.again, sh.standing(now).Add(turn+pause/2+rand.N(pause)))
}

// end is the plan's end of the session.
func (s *session) end(now circuit.Instant) {
	if s.shard.hold(&s.leave) {
		return
	}
	if s.shard.at(s.plan.Leave) > now {
		s.planLeave() // a pause has moved it, or who steers the run
		return
	}
	s.finish()
	s.logOut(now)
}

// finish ends the session's actions and its tries to log in.
func (s *session) finish() {
	s.over, s.acting, s.actions = true, false, nil
	s.shard.loop.Stop(&s.next)
	s.mind.stop()
	s.shard.loop.Stop(&s.again)
}

func (s *session) logOut(now circuit.Instant) {
	sw, a := s.shard.swarm, s.agent
	if a == nil {
		return
	}
	sw.busy.Go(func() {
		ctx, cancel := context.WithTimeout(circuit.WithIntended(context.Background(), now), logoutTime)
		defer cancel()
		if err := a.Logout(ctx); err != nil {
			sw.log.Info("logout failed", "agent", a.String(), "error", err)
		}
	})
}
