package testgrid

import (
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// newcomer is an avatar that another region sends: it is let in when its client
// says CompleteAgentMovement.
type newcomer struct {
	motion motion
	look   message.Vector3
	to     *session
	from   *client // the other loop's
	untold bool    // its client doesn't know where to go
	late   circuit.Timer
}

// arrivalTime is how long a region waits for a client that was sent to it.
const arrivalTime = 15 * time.Second

// send hands a client's avatar over to the region of another session of its.
// Told says so to the client, on the other region's loop, when that expects
// it. Where the other region takes no post, the avatar stays and false is
// returned.
func (r *region) send(c *client, to *session, at *newcomer, told func()) bool {
	at.from, at.to = c, to
	other := to.entry.region
	err := other.loop.Post(dontWait, func(now circuit.Instant) {
		other.expect(now, at)
		told()
	})
	if err != nil {
		r.counters.unsent++
		return false
	}
	r.removeAvatar(c)
	r.watch(c)
	c.goesTo = to
	return true
}

// expect keeps an arrival until its client comes, or doesn't.
func (r *region) expect(now circuit.Instant, at *newcomer) {
	if r.expected == nil {
		r.expected = map[uuid.UUID]*newcomer{}
	}
	agent := at.to.agentID
	if old := r.expected[agent]; old != nil {
		r.loop.Stop(&old.late)
	}
	r.expected[agent] = at
	at.late.Fire = func(circuit.Instant) {
		delete(r.expected, agent)
		from := at.from.region
		_ = from.loop.Post(dontWait, func(now circuit.Instant) { from.takeBack(now, at.from, r) })
	}
	r.loop.Schedule(&at.late, now.Add(arrivalTime))
}

// onTeleportCancel takes an avatar back that is on its way, as OpenSim does
// without a word to the client. Who was told already where to go can't be
// called back.
func (g *Grid) onTeleportCancel(ev *circuit.Event) {
	m := &ev.Message.(*message.TeleportCancel).Info
	c := clientOf(ev, m.AgentID, m.SessionID)
	if c == nil || c.arrived || c.goesTo == nil {
		return
	}
	r, other := c.region, c.goesTo.entry.region
	_ = other.loop.Post(dontWait, func(circuit.Instant) {
		at := other.expected[m.AgentID]
		if at == nil || at.from != c || !at.untold {
			return
		}
		delete(other.expected, m.AgentID)
		other.loop.Stop(&at.late)
		_ = r.loop.Post(dontWait, func(now circuit.Instant) { r.putBack(now, c) })
	})
}

// putBack puts an avatar back, and tells whether it was away still.
func (r *region) putBack(now circuit.Instant, c *client) bool {
	if r.clients[c.session.agentID] != c || c.arrived {
		return false
	}
	r.unwatch(c)
	c.motion.pos = settle(c.motion.pos)
	r.addAvatar(now, c)
	return true
}

// takeBack puts an avatar back whom another region didn't get.
func (r *region) takeBack(now circuit.Instant, c *client, to *region) {
	if !r.putBack(now, c) {
		return
	}
	c.teleportFailed(now, "Problems connecting to destination "+to.name+", reason: Connection between viewer and destination region could not be established.")
}

// admit brings an avatar in that another region sent. Its other region is told,
// and so are the regions that it sees from here and those that it doesn't any
// more.
func (r *region) admit(now circuit.Instant, c *client, at *newcomer) {
	delete(r.expected, c.session.agentID)
	r.loop.Stop(&at.late)
	r.unwatch(c)
	c.motion, c.look = at.motion, at.look
	r.addAvatar(now, c)
	c.tell(now, c.movementComplete(now))
	r.introduce(now, c, []int32{c.slot})
	r.grid.directory.moveRoot(c.session)
	r.tellParcel(c)
	for _, s := range r.grid.directory.sessionsOf(c.session) {
		if other := s.entry.region; other != r && !r.sees(other) {
			other.dropChild(s)
		}
	}
	r.enableNeighbours(c)
}

// dropChild ends a session that looks in from another region, from any
// goroutine.
func (r *region) dropChild(s *session) {
	_ = r.loop.Post(dontWait, func(now circuit.Instant) {
		if c := r.clients[s.agentID]; c != nil && c.session == s && !c.arrived {
			r.dismiss(now, c, &message.DisableSimulator{})
		} else if c == nil {
			r.grid.directory.lookAway(s)
		}
	})
}

var errNoNeighbour = errors.New("the client isn't known beyond the border")

// cross takes an avatar over the border that it has gone beyond, or stops it
// there: nobody is let over whom the region beyond doesn't know.
func (r *region) cross(c *client) {
	pos := c.motion.pos
	if pos.X >= 0 && pos.X < regionSize && pos.Y >= 0 && pos.Y < regionSize {
		return
	}
	if err := r.handOver(c, pos); err != nil {
		c.motion.pos = settle(pos)
		c.motion.velocity = message.Vector3{}
		c.held = true
	}
}

func (r *region) handOver(c *client, pos message.Vector3) error {
	other := r.grid.regionAt(float64(r.x)+float64(pos.X), float64(r.y)+float64(pos.Y))
	if other == nil {
		return errNoNeighbour
	}
	to := r.grid.directory.sessionIn(c.session, other)
	if to == nil || !to.claimed.Load() || r.grid.directory.full(other) {
		return errNoNeighbour
	}
	body := c.motion
	body.pos = r.from(other, pos)
	from := c.session
	sent := r.send(c, to, &newcomer{motion: body, look: c.look}, func() {
		from.events.put("CrossedRegion", r.grid.crossedRegion(to, body.pos))
	})
	if !sent {
		return errNoNeighbour
	}
	return nil
}

func (g *Grid) crossedRegion(to *session, pos message.Vector3) map[string]any {
	at := to.entry.region
	return map[string]any{
		"AgentData": []any{map[string]any{"AgentID": to.agentID, "SessionID": to.id}},
		"Info":      []any{map[string]any{"LookAt": reals(message.Vector3{}), "Position": reals(pos)}},
		"RegionData": []any{map[string]any{
			"RegionHandle": at.handle(), "SeedCapability": g.seedURL(to), "SimIP": ip(at), "SimPort": int32(at.addr.Port()),
			"RegionSizeX": uint32(regionSize), "RegionSizeY": uint32(regionSize),
		}},
	}
}

func ip(r *region) []byte {
	b := r.addr.Addr().As4()
	return b[:]
}

func reals(v message.Vector3) []any { return []any{float64(v.X), float64(v.Y), float64(v.Z)} }
