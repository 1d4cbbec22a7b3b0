package testgrid

import (
	"sync"

	"github.com/google/uuid"

	"github.com/slload/slload/message"
)

// records keeps what residents have beyond their accounts: friends, messages
// that wait for them, a profile, a mute list, money. Regions' loops and HTTP
// goroutines use it, so it has a lock; nothing is done under it but looking up
// and noting down.
type records struct {
	mu  sync.Mutex
	of  map[uuid.UUID]*record
	ads map[uuid.UUID]uuid.UUID // whose a classified is
}

// record is one resident's. The records' lock guards it.
type record struct {
	friends map[uuid.UUID]*friendship // by the other's id
	letters []*message.ImprovedInstantMessage
	profile message.AvatarPropertiesUpdatePropertiesData
	likes   message.AvatarInterestsUpdatePropertiesData
	mutes   []mute
	balance int32
	shown   *shown                                  // nil before the first
	worn    []message.AgentIsNowWearingWearableData // nil: what everybody begins with
}

// startBalance is the L$ that everybody begins with.
const startBalance = 1000

func newRecords() *records {
	return &records{of: map[uuid.UUID]*record{}, ads: map[uuid.UUID]uuid.UUID{}}
}

// get gives a resident's record, made if it is new. The lock is held.
func (s *records) get(id uuid.UUID) *record {
	r := s.of[id]
	if r == nil {
		r = &record{friends: map[uuid.UUID]*friendship{}, balance: startBalance}
		s.of[id] = r
	}
	return r
}

// with runs f on a resident's record, under the lock.
func (s *records) with(id uuid.UUID, f func(r *record)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s.get(id))
}
