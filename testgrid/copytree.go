package testgrid

import (
	"github.com/google/uuid"
)

// copyTree copies a folder with all in it from one owner's inventory into
// another's, and gives the ids of the new folders, the top one first; nil if
// there is no such folder on either side.
func (s *inventories) copyTree(from, id, to, into uuid.UUID) []uuid.UUID {
	s.mu.Lock()
	defer s.mu.Unlock()
	source, target := s.tree(from), s.tree(to)
	if source.folders[id] == nil || target.folders[into] == nil {
		return nil
	}
	return target.copyFrom(source, id, into, to)
}

func (inv *inventory) copyFrom(source *inventory, id, into, owner uuid.UUID) []uuid.UUID {
	f := *source.folders[id]
	f.id, f.parent, f.kind, f.version = uuid.New(), into, noFolderType, 1
	inv.folders[f.id] = &f
	inv.folders[into].version++
	for _, it := range source.items {
		if it.folder == id {
			copied := it.given(owner)
			copied.folder = f.id
			inv.items[copied.id] = &copied
		}
	}
	made := []uuid.UUID{f.id}
	var below []uuid.UUID // listed before any is added: source may be inv
	for _, sub := range source.folders {
		if sub.parent == id && sub.id != f.id {
			below = append(below, sub.id)
		}
	}
	for _, sub := range below {
		made = append(made, inv.copyFrom(source, sub, f.id, owner)...)
	}
	return made
}

// itemsUnder gives the items of a folder, all the way down.
func (s *inventories) itemsUnder(owner, id uuid.UUID) []item {
	s.mu.Lock()
	defer s.mu.Unlock()
	inv := s.tree(owner)
	var found []item
	for _, it := range inv.items {
		if inv.under(it.folder, id) {
			found = append(found, *it)
		}
	}
	return found
}

// flagSlam marks an object's item whose permissions the next rezzing cuts to
// the next owner's.
const flagSlam = 0x100

// given is an item as its next owner has it: what they may do is cut to what
// the item says of next owners. Where that allows nothing at all, transfer is
// left, as OpenSim and Second Life do.
func (it *item) given(to uuid.UUID) item {
	const three = permCopy | permModify | permTransfer
	next := it.perms.next & three
	if next == 0 {
		next = permTransfer
	}
	next |= ^uint32(three)
	out := *it
	out.id, out.owner, out.group, out.groupOwned = uuid.New(), to, uuid.Nil, false
	out.saleType, out.price = 0, 0
	if to != it.owner {
		out.perms.base = (it.perms.base | permMove) & next
		out.perms.owner, out.perms.everyone, out.perms.group = it.perms.owner&next, it.perms.everyone&next, 0
		out.flags |= flagSlam
	}
	return out
}
