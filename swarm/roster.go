package swarm

import (
	"iter"
	"sync"
	"sync/atomic"

	"github.com/slload/slload/agent"
	"github.com/slload/slload/profiles"
)

// roster says who is in world, by the agent's index. It is what the shards
// share: each slot is written by the one shard that has the agent, and read by
// all that look for partners. A block of slots is made when its first agent
// enters: a run may be scaled up beyond its plan.
type roster []atomic.Pointer[rosterBlock]

type rosterBlock [512]atomic.Pointer[agent.Agent]

// maxBeyond is how many agents more than its plan's a run may be scaled to.
const maxBeyond = 100_000

// newRoster is for a plan of n agents.
func newRoster(n int) roster {
	return make(roster, (n+maxBeyond)/len(rosterBlock{})+1)
}

func (r roster) enter(i int, a *agent.Agent) {
	at := &r[i/len(rosterBlock{})]
	if at.Load() == nil {
		at.CompareAndSwap(nil, new(rosterBlock))
	}
	at.Load()[i%len(rosterBlock{})].Store(a)
}

// leave is for who has entered. One who was long in leaving doesn't take the
// place of the next who has it.
func (r roster) leave(i int, a *agent.Agent) {
	r[i/len(rosterBlock{})].Load()[i%len(rosterBlock{})].CompareAndSwap(a, nil)
}

// at is who has an index; nil: nobody who is in world.
func (r roster) at(i int) *agent.Agent {
	if block := r[i/len(rosterBlock{})].Load(); block != nil {
		return block[i%len(rosterBlock{})].Load()
	}
	return nil
}

func (r roster) all() iter.Seq[*agent.Agent] {
	return func(yield func(*agent.Agent) bool) {
		for b := range r {
			block := r[b].Load()
			for i := 0; block != nil && i < len(block); i++ {
				if a := block[i].Load(); a != nil && !yield(a) {
					return
				}
			}
		}
	}
}

func (r roster) count() (n int) {
	for range r.all() {
		n++
	}
	return n
}

// spares are the share's accounts that the plan leaves unused: for replacements,
// which keep them, and for behaviours that log agents in, which give them back.
type spares struct {
	accounts *profiles.Accounts

	step int // from one to the next: those between are other shares'

	mu    sync.Mutex
	next  int   // the first that was never taken
	given []int // back
}

func (s *spares) take() (account int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.given); n > 0 {
		account, s.given = s.given[n-1], s.given[:n-1]
		return account, true
	}
	if s.next >= s.accounts.Len() {
		return 0, false
	}
	account = s.next
	s.next += s.step
	return account, true
}

// takeAll takes n, or none if there aren't so many.
func (s *spares) takeAll(n int) (accounts []int, ok bool) {
	for range n {
		account, ok := s.take()
		if !ok {
			s.giveBack(accounts)
			return nil, false
		}
		accounts = append(accounts, account)
	}
	return accounts, true
}

func (s *spares) giveBack(accounts []int) {
	if len(accounts) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.given = append(s.given, accounts...)
}
