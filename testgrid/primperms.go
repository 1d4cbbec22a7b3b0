package testgrid

import (
	"github.com/google/uuid"
)

// permExport lets an object out of the grid. It counts for nothing here, but
// OpenSim gives it to makers.
const permExport = 0x10000

const (
	permMaker = permTransfer | permModify | permCopy | permMove | permExport // of a new prim
	permReal  = permTransfer | permModify | permCopy | permMove
)

// permits is what a client may do with a linkset, as OpenSim decides it: the
// owner by the owner's mask, members of its group by the group's or
// everyone's, others by everyone's. Nobody changes or moves what is locked:
// whose owner may not move it.
func (p *prim) permits(c *client) uint32 {
	p = p.root
	own := p.effective()
	lock := ^uint32(0)
	if p.perms.owner&permMove == 0 {
		lock = ^uint32(permModify | permMove)
	}
	switch {
	case p.owner == uuid.Nil:
		return 0
	case c.session.agentID == p.owner:
		return own & lock
	case c.region.grid.inGroup(c.session.agentID, p.group):
		return (p.perms.group | p.perms.everyone) & own & lock
	}
	return p.perms.everyone & own & lock
}

// inGroup tells whether a resident belongs to a group.
func (g *Grid) inGroup(who, id uuid.UUID) (in bool) {
	g.groups.with(id, func(gr *group) { in = gr.members[who] != nil })
	return in
}

// effective is the owner's mask, without Copy and Transfer where something in
// the linkset mustn't be copied or given away: what is in a box travels with
// it.
func (p *prim) effective() uint32 {
	mask := p.perms.owner
	for _, part := range p.all() {
		for _, it := range part.contents {
			mask &= it.perms.owner | ^uint32(permCopy|permTransfer)
		}
	}
	return mask
}

// The masks of ObjectPermissions.
const (
	fieldBase      = 1
	fieldOwner     = 2
	fieldGroup     = 4
	fieldEveryone  = 8
	fieldNextOwner = 16
)

// change sets or clears bits of one of the masks, by the owner's wish. The base
// is gods' to change, and there are none. Who may not copy may give away, and a
// new owner may always move.
func (m *permissions) change(field uint8, set bool, bits uint32) {
	apply := func(mask uint32) uint32 {
		if set {
			return (mask | bits) & m.base
		}
		return mask &^ bits & m.base
	}
	switch field {
	case fieldOwner:
		m.owner = apply(m.owner)
	case fieldGroup:
		m.group = apply(m.group)
	case fieldEveryone:
		m.everyone = apply(m.everyone) &^ permExport
	case fieldNextOwner:
		m.next = apply(m.next) | permMove
		if m.next&permCopy == 0 {
			m.next |= permTransfer
		}
	}
}

// handOver makes permissions the next owner's.
func (m *permissions) handOver() {
	m.base &= m.next | permExport
	m.owner &= m.next
	m.everyone &= m.next | permExport
	m.group = 0
}

// giveTo makes a linkset another's, with the next owner's permissions: its own
// and those of what is in it.
func (p *prim) giveTo(owner uuid.UUID) {
	for _, part := range p.all() {
		if part.owner != owner {
			part.lastOwner = part.owner
		}
		part.owner = owner
		part.perms.handOver()
		for _, it := range part.contents {
			it.owner = owner
			it.perms.owner &= it.perms.next
			it.perms.base &= it.perms.next
			it.perms.everyone &= it.perms.next
		}
	}
}
