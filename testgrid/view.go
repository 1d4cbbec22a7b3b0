package testgrid

import (
	"time"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// view is what a client was told about avatars, its own included.
type view struct {
	known []known
	seen  uint64 // region.changes when known was told last
	next  circuit.Instant

	lookAgain circuit.Instant // when interest is worked out next
	moves     uint64          // region.moves when it was worked out last
	hungry    bool            // there was more to introduce
}

type known struct {
	slot    int32
	localID uint32
}

const (
	// keepFactor lets an avatar that is known stay so until it is not among
	// the nearest 1.5 x Interest, so that two at the edge don't come and go.
	keepFactor = 1.5

	// In a region with few avatars everybody learns of everything at once, as on
	// OpenSim; in a fuller one interest is worked out once a second.
	fewAvatars    = 100
	interestEvery = time.Second

	// introductions bounds how many avatars a client is told of in one frame.
	introductions = 10
)

// scratch is the memory of one loop's work: lists, and messages that circuits
// encode before they are used again.
type scratch struct {
	search     search
	marks      []uint32 // by slot: which refresh saw it among the nearest
	mark       uint32
	slots      []int32
	heard      []int32
	terse      message.ImprovedTerseObjectUpdate
	objects    message.ObjectUpdate
	kill       message.KillObject
	motion     []byte // of objects, or Data of compressed
	compressed message.ObjectUpdateCompressed
	coarse     coarse
	stats      message.SimStats
	time       message.SimulatorViewerTimeMessage
	looks      message.AvatarAppearance
	anim       message.AvatarAnimation
	chat       message.ChatFromSimulator
}

// flush tells a client what changed of the avatars it knows: who left, who
// changed form, motion, animation.
func (r *region) flush(now circuit.Instant, c *client) {
	if c.view.seen == r.changes {
		return
	}
	r.forgetGone(now, c)
	if r.flushForms(now, c) && r.flushMotion(now, c) && r.flushAnimations(now, c) {
		c.view.seen = r.changes
	}
}

// forgetGone sends KillObject for avatars that have left.
func (r *region) forgetGone(now circuit.Instant, c *client) {
	r.kill(now, c, func(k known) bool { return r.states[k.slot].localID != k.localID })
}

// kill takes those avatars out of the client's view that gone says.
func (r *region) kill(now circuit.Instant, c *client, gone func(known) bool) {
	kill := &r.scratch.kill
	kill.ObjectData = kill.ObjectData[:0]
	kept := c.view.known[:0]
	for _, k := range c.view.known {
		if gone(k) {
			kill.ObjectData = append(kill.ObjectData, message.KillObjectObjectData{ID: k.localID})
		} else {
			kept = append(kept, k)
		}
	}
	c.view.known = kept
	if len(kill.ObjectData) > 0 {
		c.tell(now, kill)
	}
}

// tersePerPacket keeps a packet under the 1,200 bytes that viewers and OpenSim
// send at most: 63 bytes an avatar after 18 of header and region.
const tersePerPacket = 18

func (r *region) flushMotion(now circuit.Instant, c *client) bool {
	m := &r.scratch.terse
	m.RegionData.RegionHandle, m.RegionData.TimeDilation = r.handle(), r.dilation()
	m.ObjectData = m.ObjectData[:0]
	for _, k := range c.view.known {
		s := &r.states[k.slot]
		if s.motionAt <= c.view.seen || s.formAt > c.view.seen || r.avatars[k.slot].motion.seat != 0 {
			continue
		}
		m.ObjectData = append(m.ObjectData, message.ImprovedTerseObjectUpdateObjectData{Data: s.terse[:]})
		if len(m.ObjectData) == tersePerPacket {
			if c.circuit.SendReliable(now, m, nil) != nil {
				return false
			}
			m.ObjectData = m.ObjectData[:0]
		}
	}
	return len(m.ObjectData) == 0 || c.circuit.SendReliable(now, m, nil) == nil
}

func (r *region) flushAnimations(now circuit.Instant, c *client) bool {
	for _, k := range c.view.known {
		if r.states[k.slot].animAt > c.view.seen && !r.animate(now, c, r.avatars[k.slot]) {
			return false
		}
	}
	return true
}

func (r *region) flushForms(now circuit.Instant, c *client) bool {
	slots := r.scratch.slots[:0]
	for _, k := range c.view.known {
		if r.states[k.slot].formAt > c.view.seen {
			slots = append(slots, k.slot)
		}
	}
	r.scratch.slots = slots
	return r.sendAvatars(now, c, slots)
}

// refresh works out whom a client sees: its nearest avatars. Those that came
// near are introduced, those that went away are killed.
func (r *region) refresh(now circuit.Instant, c *client) {
	if !c.view.hungry && c.view.moves == r.moves || len(r.clients) > fewAvatars && now < c.view.lookAgain {
		return
	}
	c.view.moves, c.view.lookAgain, c.view.hungry = r.moves, now.Add(interestEvery), false
	interest := r.grid.cfg.Interest
	near := r.near(c, int(keepFactor*float32(interest)))
	r.markNear(c, near)
	r.kill(now, c, func(k known) bool { return r.scratch.marks[k.slot] != r.scratch.mark })
	for _, k := range c.view.known {
		r.scratch.marks[k.slot] = 0 // what is left is new
	}
	fresh := r.scratch.slots[:0]
	for _, n := range near[:min(interest, len(near))] {
		if r.scratch.marks[n.slot] == r.scratch.mark {
			fresh = append(fresh, n.slot)
		}
	}
	r.scratch.slots = fresh
	if len(fresh) > introductions {
		fresh = fresh[:introductions]
		c.view.hungry = true
		c.view.lookAgain = now
	}
	r.introduce(now, c, fresh)
}

// near gives the avatars that are nearest to a client, wherever that stands.
func (r *region) near(c *client, k int) []neighbour {
	if c.slot == noSlot {
		return r.scratch.search.nearestTo(&r.cells, c.motion.pos, k)
	}
	return r.scratch.search.nearest(&r.cells, c.slot, k)
}

// markNear marks the slots of near, and the client's own.
func (r *region) markNear(c *client, near []neighbour) {
	s := &r.scratch
	if len(s.marks) < len(r.states) {
		s.marks = append(s.marks, make([]uint32, len(r.states)-len(s.marks))...)
	}
	if s.mark++; s.mark == 0 { // once in 2^32 times old marks could look new
		clear(s.marks)
		s.mark = 1
	}
	if c.slot != noSlot {
		s.marks[c.slot] = s.mark
	}
	for _, n := range near {
		s.marks[n.slot] = s.mark
	}
}

// introduce tells a client of avatars that it doesn't know yet. Standing is what
// viewers show of whom they know no animation, so AvatarAnimation is saved for
// those who do something else: in a full region the packets of introductions are
// most of what a login costs.
func (r *region) introduce(now circuit.Instant, c *client, slots []int32) {
	if len(slots) == 0 || !r.sendAvatars(now, c, slots) {
		return
	}
	for _, slot := range slots {
		other := r.avatars[slot]
		c.view.known = append(c.view.known, known{slot, other.localID})
		c.tell(now, r.appearance(other))
		if other == c || other.anim != animStand || len(other.plays) > 0 {
			r.animate(now, c, other)
		}
	}
}
