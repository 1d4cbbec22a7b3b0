package testgrid

import (
	"slices"
	"sync/atomic"

	"github.com/google/uuid"

	"github.com/slload/slload/message"
)

// stay is a login, from its beginning to its end. It has a session for each
// region in which the agent is, or may look in.
type stay struct {
	// greeted is set when its friends were told of it. Regions' loops set it.
	greeted atomic.Bool

	// looks are the avatar's; nil until it said. Regions' loops share them.
	looks atomic.Pointer[looks]

	// spread is set once there are several sessions. Regions' loops read it.
	spread atomic.Bool

	// The directory's lock guards what follows.
	root     *session     // of the region that the agent stands in
	sessions []*session   // root included, unless its region crashed
	visit    *domainVisit // at the agent domain; nil: it logged in otherwise
}

// in gives the session in a region; nil if there is none.
func (y *stay) in(r *region) *session {
	for _, s := range y.sessions {
		if s.entry.region == r {
			return s
		}
	}
	return nil
}

// sessionIn gives the session of the same login in another region; nil if
// there is none.
func (d *directory) sessionIn(s *session, r *region) *session {
	d.mu.Lock()
	defer d.mu.Unlock()
	return s.stay.in(r)
}

// sessionsOf gives all sessions of a login.
func (d *directory) sessionsOf(s *session) []*session {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(s.stay.sessions)
}

// lookIn gives a login a session in another region, if it has none yet; fresh
// tells. It is nil when the login has ended.
func (d *directory) lookIn(s *session, at spot) (child *session, fresh bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	y := s.stay
	if !d.lasts(s) {
		return nil, false
	}
	if child = y.in(at.region); child != nil {
		return child, false
	}
	child = &session{
		agentID: s.agentID, first: s.first, last: s.last, id: s.id, secureID: s.secureID, code: s.code,
		seed: uuid.New(), entry: at, events: newEventQueue(), nameValue: s.nameValue, created: s.created,
		caps: newCapIDs(), stay: y,
	}
	y.sessions = append(y.sessions, child)
	y.spread.Store(true)
	d.openSession(child)
	return child, true
}

// lasts tells whether a session's login hasn't ended. The lock is held.
func (d *directory) lasts(s *session) bool {
	root := d.codes[s.code]
	return root != nil && root.stay == s.stay && slices.Contains(s.stay.sessions, s)
}

// lookAway ends one session of a login that goes on elsewhere.
func (d *directory) lookAway(s *session) {
	d.mu.Lock()
	defer d.mu.Unlock()
	y := s.stay
	if i := slices.Index(y.sessions, s); i >= 0 && y.root != s {
		y.sessions = slices.Delete(y.sessions, i, i+1)
		d.closeSession(s)
	}
}

// moveRoot makes s the session of the region that its agent stands in.
func (d *directory) moveRoot(s *session) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if y := s.stay; d.lasts(s) && y.root != s {
		d.vacate(y)
		d.inRegion[s.entry.region]++
		y.root = s
		d.online[s.agentID], d.codes[s.code] = s, s
	}
}

// full tells whether a region admits nobody more.
func (d *directory) full(r *region) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.capacity > 0 && d.inRegion[r] >= d.capacity
}

// setHome makes a place a resident's home.
func (d *directory) setHome(agent uuid.UUID, at spot) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if a := d.accounts[agent]; a != nil {
		a.home = &at
	}
}

// homeOf is where a resident lives.
func (d *directory) homeOf(agent uuid.UUID, regions []*region) spot {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.accounts[agent].lives(regions)
}

// lives is where a resident lives: where it said, or where its id says.
func (a *account) lives(regions []*region) spot {
	if a.home != nil {
		return *a.home
	}
	return home(a.id, regions)
}

// regionAt finds the region of a place on the grid, in metres; nil where there is
// none, or it is down.
func (g *Grid) regionAt(x, y float64) *region {
	for _, r := range g.regions {
		if x >= float64(r.x) && x < float64(r.x+regionSize) && y >= float64(r.y) && y < float64(r.y+regionSize) && !r.down.Load() {
			return r
		}
	}
	return nil
}

// sees tells whether who stands in r sees other: all regions around it.
func (r *region) sees(other *region) bool {
	near := func(a, b uint32) bool { return a <= b+regionSize && b <= a+regionSize }
	return r != other && near(r.x, other.x) && near(r.y, other.y)
}

// from gives a position of this region as other counts it.
func (r *region) from(other *region, pos message.Vector3) message.Vector3 {
	pos.X += float32(int64(r.x) - int64(other.x))
	pos.Y += float32(int64(r.y) - int64(other.y))
	return pos
}
