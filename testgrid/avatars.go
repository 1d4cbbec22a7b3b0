package testgrid

import (
	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
)

// noSlot is the slot of a client without an avatar.
const noSlot = -1

// state is what viewers compare to learn whether an avatar changed: the values
// of region.changes at its last changes. It is apart from client because every
// viewer looks at dozens of them in every frame.
type state struct {
	localID  uint32 // 0: the slot is free
	motionAt uint64 // told by ImprovedTerseObjectUpdate
	formAt   uint64 // told by ObjectUpdate
	animAt   uint64 // told by AvatarAnimation
	terse    [terseSize]byte
}

// addAvatar puts a client's avatar where its motion says.
func (r *region) addAvatar(now circuit.Instant, c *client) {
	c.slot = r.takeSlot()
	r.lastID++
	c.localID, c.arrived = r.lastID, true
	r.avatars[c.slot] = c
	r.states[c.slot] = state{localID: c.localID}
	c.anim = c.motion.animation()
	r.tellMotion(c)
	r.cells.put(c.slot, c.motion.pos)
	r.moves++
	c.due.begin(now)
	r.frame.wake(now)
}

func (r *region) takeSlot() int32 {
	if n := len(r.free); n > 0 {
		slot := r.free[n-1]
		r.free = r.free[:n-1]
		return slot
	}
	r.avatars = append(r.avatars, nil)
	r.states = append(r.states, state{})
	return int32(len(r.avatars) - 1)
}

// removeAvatar frees the slot. Viewers find another avatar there, or none, and
// send KillObject.
func (r *region) removeAvatar(c *client) {
	r.cells.remove(c.slot)
	r.avatars[c.slot] = nil
	r.states[c.slot] = state{}
	r.free = append(r.free, c.slot)
	c.slot, c.arrived = noSlot, false
	r.moves++
	r.changes++
}

// note finds out whether others must hear of an avatar's motion, and stamps it.
func (r *region) note(c *client) {
	if c.motion.seat == 0 && c.sent.changed(&c.motion) {
		r.tellMotion(c)
	}
	if anim := c.motion.animation(); anim != c.anim {
		c.anim = anim
		r.changes++
		r.states[c.slot].animAt = r.changes
	}
}

func (r *region) tellMotion(c *client) {
	m := &c.motion
	c.sent = sentMotion{m.pos, m.velocity, m.rotation}
	r.changes++
	s := &r.states[c.slot]
	s.motionAt = r.changes
	appendTerse(s.terse[:0], c.localID, m)
}

// tellForm stamps what only ObjectUpdate can tell: what an avatar sits on.
func (r *region) tellForm(c *client) {
	r.tellMotion(c)
	r.states[c.slot].formAt = r.changes
}

// anyone gives the client of an agent whose avatar is in the region.
func (r *region) anyone(agent uuid.UUID) *client {
	if c := r.clients[agent]; c != nil && c.arrived {
		return c
	}
	return nil
}
