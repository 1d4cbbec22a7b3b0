package testgrid

import (
	"encoding/binary"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// session is one login of a resident, as one region knows it: a login has
// others of the same ids for the regions around. What is here doesn't change
// while it lasts, but for what says otherwise.
type session struct {
	stay        *stay
	agentID     uuid.UUID
	first, last string
	id          uuid.UUID // session_id
	secureID    uuid.UUID
	code        uint32 // circuit_code
	seed        uuid.UUID
	entry       spot // where the login put it, or from where it looked in first
	events      *eventQueue
	nameValue   []byte // its avatar's name, as ObjectUpdate tells it

	created time.Time
	login   bool // the login made it; else it is of a region around

	caps    capIDs // the ids of its capabilities
	granted uint64 // which of them its seed gave, a bit each; the directory's lock guards it

	// claimed is set when a circuit has come for the session. A region's loop
	// sets it, the directory's sweep reads it.
	claimed atomic.Bool

	// seeded is set when the seed capability was asked: OpenSim keeps the scene
	// back until then. An HTTP goroutine sets it, the region's loop reads it.
	seeded atomic.Bool
}

func (s *session) name() string { return s.first + " " + s.last }

// newSession makes the ids of a login that puts a at entry.
func newSession(a *account, entry spot, now time.Time) *session {
	secret := uuid.New()
	s := &session{
		agentID: a.id, first: a.first, last: a.last,
		id:       uuid.New(),
		secureID: uuid.New(),
		// Below 2^31: it travels as a signed integer in XML-RPC.
		code:      binary.BigEndian.Uint32(secret[:]) & 0x7FFFFFFF,
		seed:      uuid.New(),
		entry:     entry,
		events:    newEventQueue(),
		created:   now,
		login:     true,
		nameValue: nameValue(a.first, a.last),
		caps:      newCapIDs(),
	}
	s.stay = &stay{root: s, sessions: []*session{s}}
	return s
}
