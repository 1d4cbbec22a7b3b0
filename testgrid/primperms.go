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
	owner, group, everyone := p.effective()
	lock := ^uint32(0)
	if p.perms.owner&permMove == 0 {
		lock = ^uint32(permModify | permMove)
	}
	switch {
	case p.owner == uuid.Nil:
		return 0
	case c.session.agentID == p.owner:
		return owner & lock
	case c.region.grid.inGroup(c.session.agentID, p.group):
		return (group | everyone) & lock
	}
	return everyone & lock
}

// inGroup tells whether a resident belongs to a group.
func (g *Grid) inGroup(who, id uuid.UUID) (in bool) {
	g.groups.with(id, func(gr *group) { in = gr.members[who] != nil })
	return in
}

// effective is what a linkset's masks come to with what is in it, which travels
// with it: things that mustn't be copied or given away bind the box. Whoever
// may have a copy gets it given, if the owner may give away; only the owner and
// the group ever modify.
func (p *prim) effective() (owner, group, everyone uint32) {
	m := &p.perms
	owner, group, everyone = m.owner, m.group, m.everyone
	for _, part := range p.all() {
		for _, it := range part.contents {
			if it.kind != kindLandmark {
				owner, group, everyone = owner&it.perms.owner, group&it.perms.group, everyone&it.perms.everyone
			}
		}
	}
	const hands = permModify | permMove
	owner = (owner | m.owner&hands) & (m.base | permMove)
	if owner&(permCopy|permTransfer) == 0 {
		owner |= permTransfer & m.base
	}
	group, everyone = group|m.group&hands, (everyone|m.everyone&permMove)&^permModify
	if m.base&permTransfer == 0 {
		group, everyone = group&^permCopy, everyone&^permCopy
	} else {
		group, everyone = group|owner&permTransfer, everyone|owner&permTransfer
	}
	return owner, group & owner, everyone & owner
}

// leaves is what the next owner of a linkset may do with it: less where its
// contents leave less.
func (p *prim) leaves() uint32 {
	mask := p.perms.next
	for _, part := range p.all() {
		for _, it := range part.contents {
			if it.kind != kindLandmark {
				mask &= it.perms.owner&it.perms.next | ^uint32(permCopy|permTransfer)
			}
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
