package testgrid

import (
	"strings"
	"time"

	"github.com/google/uuid"
)

// The grid is an agent domain as well: residents can log in by the Open Grid
// Protocol, which first authenticates them and then, by a capability of the
// domain, puts their avatars into a region.

// domainVisit is a resident's login at the agent domain. It lasts as long as the
// avatar is in world. The directory's lock guards it, but for its queue.
type domainVisit struct {
	agentID     uuid.UUID
	first, last string
	seed, caps  uuid.UUID // the paths' ids
	events      *eventQueue
	since       time.Time
	placed      *stay // nil before
}

// begin authenticates a resident at the domain. One who is still logged in, by
// whatever way, loses that, its parts are returned, and it isn't let in this
// time.
func (d *directory) begin(first, last string, now time.Time) (v *domainVisit, old []*session, fail *failure) {
	d.mu.Lock()
	defer d.mu.Unlock()
	a := d.account(first, last)
	if s := d.online[a.id]; s != nil {
		return nil, d.forget(s), failPresence
	}
	d.endVisit(d.visits[a.id])
	v = &domainVisit{
		agentID: a.id, first: first, last: last, seed: uuid.New(), caps: uuid.New(), events: newEventQueue(), since: now,
	}
	d.visits[a.id], d.visitCaps[v.seed], d.visitCaps[v.caps] = v, v, v
	return v, nil, nil
}

// endVisit ends a login at the domain; nil is none. The lock is held.
func (d *directory) endVisit(v *domainVisit) {
	if v == nil {
		return
	}
	if d.visits[v.agentID] == v { // else the same resident has begun another
		delete(d.visits, v.agentID)
	}
	delete(d.visitCaps, v.seed)
	delete(d.visitCaps, v.caps)
	v.events.close()
}

// visitOf finds the login that a path's id belongs to; nil if it has ended.
func (d *directory) visitOf(text string) *domainVisit {
	id, err := uuid.Parse(text)
	if err != nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.visitCaps[id]
}

// visitPlaced notes that a visit's avatar has come into the world with s; false
// where either has ended meanwhile.
func (d *directory) visitPlaced(v *domainVisit, s *session) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.visits[v.agentID] != v || d.online[v.agentID] != s {
		return false
	}
	v.placed, s.stay.visit = s.stay, v
	return true
}

// standsIn gives the session of a visit's avatar in the region where it is; nil
// before it was placed.
func (d *directory) standsIn(v *domainVisit) *session {
	d.mu.Lock()
	defer d.mu.Unlock()
	if v.placed == nil {
		return nil
	}
	return v.placed.root
}

// places gives where a visit's resident lives and where it was last.
func (d *directory) places(v *domainVisit, regions []*region) (home, last spot) {
	d.mu.Lock()
	defer d.mu.Unlock()
	a := d.accounts[v.agentID]
	home = a.lives(regions)
	if last = home; a.visited {
		last = a.lastAt
	}
	return home, last
}

// takeOut ends a visit and gives the sessions of its avatar, which have ended
// with it.
func (d *directory) takeOut(v *domainVisit) []*session {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.endVisit(v)
	if v.placed == nil {
		return nil
	}
	return d.forget(v.placed.root)
}

// endVisits ends logins at the domain that nobody was placed for since before.
func (d *directory) endVisits(before time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, v := range d.visits {
		if v.placed == nil && v.since.Before(before) {
			d.endVisit(v)
		}
	}
}

// regionNamed finds a region by its name in any case; nil if there is none.
func (g *Grid) regionNamed(name string) *region {
	for _, r := range g.regions {
		if strings.EqualFold(r.name, name) {
			return r
		}
	}
	return nil
}
