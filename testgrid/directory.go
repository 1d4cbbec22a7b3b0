package testgrid

import (
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
)

// directory knows the residents, who of them is logged in, and which
// capability is whose. HTTP goroutines write it and regions' loops read it, so
// it has a lock; nothing is done under it but looking up.
type directory struct {
	capacity int

	mu       sync.Mutex
	accounts map[uuid.UUID]*account
	online   map[uuid.UUID]*session // by agent
	codes    map[uint32]*session    // by circuit code
	seeds    map[uuid.UUID]*session // by the seed capability's id
	caps     map[capIDs]*session    // by the ids of the others
	inRegion map[*region]int

	visits    map[uuid.UUID]*domainVisit // at the agent domain, by agent
	visitCaps map[uuid.UUID]*domainVisit // by the ids of its paths
}

// capability is what an URL stands for.
type capability struct {
	id      uuid.UUID
	session *session
	name    string
}

func newDirectory(capacity int) *directory {
	return &directory{
		capacity: capacity,
		accounts: map[uuid.UUID]*account{},
		online:   map[uuid.UUID]*session{},
		codes:    map[uint32]*session{},
		seeds:    map[uuid.UUID]*session{},
		caps:     map[capIDs]*session{},
		inRegion: map[*region]int{},

		visits: map[uuid.UUID]*domainVisit{}, visitCaps: map[uuid.UUID]*domainVisit{},
	}
}

// enter logs a resident in. A resident that is still logged in from before loses
// that session, whose parts are returned with presence, and isn't logged in this
// time.
func (d *directory) enter(first, last string, where func(a *account) (spot, *failure), now time.Time) (s *session, old []*session, fail *failure) {
	d.mu.Lock()
	defer d.mu.Unlock()
	a := d.account(first, last)
	if old := d.online[a.id]; old != nil {
		return nil, d.forget(old), failPresence
	}
	entry, fail := where(a)
	if fail != nil {
		return nil, nil, fail
	}
	if d.capacity > 0 && d.inRegion[entry.region] >= d.capacity {
		return nil, nil, failFull
	}
	s = newSession(a, entry, now)
	for d.codes[s.code] != nil {
		s.code = (s.code + 1) & 0x7FFFFFFF
	}
	d.online[a.id], d.codes[s.code] = s, s
	d.openSession(s)
	d.inRegion[entry.region]++
	return s, nil, nil
}

// account gives the resident of that name, made if it is new.
func (d *directory) account(first, last string) *account {
	id := agentID(first, last)
	a := d.accounts[id]
	if a == nil {
		a = &account{id: id, first: first, last: last}
		d.accounts[id] = a
	}
	return a
}

// leave logs a session out, and keeps where it was as the resident's last place
// if it had one. A session that has left already is no matter.
// The session of a region into which it only looked ends alone. Others are
// those of the same login, which end with it.
func (d *directory) leave(s *session, at *spot) (others []*session, ended bool) {
	if others, ended = d.leaveRoot(s, at); !ended {
		d.lookAway(s)
	}
	return others, ended
}

func (d *directory) leaveRoot(s *session, at *spot) (others []*session, ended bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s.stay.root != s {
		return nil, false
	}
	if at != nil {
		a := d.accounts[s.agentID]
		a.visited, a.lastAt = true, *at
	}
	return slices.DeleteFunc(d.forget(s), func(other *session) bool { return other == s }), true
}

// forget takes out all of a login, and gives its sessions. The lock is held.
func (d *directory) forget(s *session) []*session {
	if d.codes[s.code] != s {
		return nil
	}
	delete(d.online, s.agentID)
	delete(d.codes, s.code)
	d.vacate(s.stay)
	d.endVisit(s.stay.visit)
	for _, s := range s.stay.sessions {
		d.closeSession(s)
	}
	return slices.Clone(s.stay.sessions)
}

// openSession makes a session be found by its capabilities. The lock is held.
func (d *directory) openSession(s *session) { d.seeds[s.seed], d.caps[s.caps] = s, s }

// closeSession takes away a session's capabilities. The lock is held.
func (d *directory) closeSession(s *session) {
	delete(d.seeds, s.seed)
	delete(d.caps, s.caps)
	s.events.close()
}

// abandoned logs out and returns the sessions that nobody came for since before.
func (d *directory) abandoned(before time.Time) []*session {
	d.mu.Lock()
	defer d.mu.Unlock()
	var left []*session
	for _, s := range d.online {
		if !s.claimed.Load() && s.created.Before(before) {
			left = append(left, s)
			d.forget(s)
		}
	}
	return left
}

// byCode gives the session in a region that a UseCircuitCode names in all its
// parts.
func (d *directory) byCode(code uint32, id, agent uuid.UUID, r *region) *session {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.codes[code]
	if s == nil || s.id != id || s.agentID != agent {
		return nil
	}
	return s.stay.in(r)
}

// byAgent gives the session of a resident that is logged in.
func (d *directory) byAgent(agent uuid.UUID) *session {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.online[agent]
}

// name gives a resident's names; ok tells whether there is one.
func (d *directory) name(agent uuid.UUID) (first, last string, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	a := d.accounts[agent]
	if a == nil {
		return "", "", false
	}
	return a.first, a.last, true
}

// capability tells what an URL's id stands for.
func (d *directory) capability(id uuid.UUID) (capability, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s := d.seeds[id]; s != nil {
		return capability{id, s, seedName}, true
	}
	ids, index := capIDsOf(id)
	s := d.caps[ids]
	if s == nil || index >= len(capabilityNames) || s.granted&(1<<index) == 0 {
		return capability{}, false
	}
	return capability{id, s, capabilityNames[index]}, true
}

// grant gives a session the capabilities whose bits are set; false when it has
// left.
func (d *directory) grant(s *session, wanted uint64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.lasts(s) {
		return false
	}
	s.granted |= wanted
	return true
}

// closeAll logs everybody out.
func (d *directory) closeAll() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.online {
		d.forget(s)
	}
	for _, v := range d.visits {
		d.endVisit(v)
	}
}

// agents is how many are logged in.
func (d *directory) agents() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.online)
}
