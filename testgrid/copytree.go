package testgrid

import (
	"github.com/google/uuid"
)

// copyTree copies a folder with all in it from one owner's inventory into
// another's, and gives the ids of the new folders, the top one first; nil if
// there is no such folder on either side, or no room.
func (s *inventories) copyTree(from, id, to, into uuid.UUID) []uuid.UUID {
	s.mu.Lock()
	defer s.mu.Unlock()
	source, target := s.tree(from), s.tree(to)
	if source.folders[id] == nil || target.folders[into] == nil {
		return nil
	}
	tree, in, size := source.branch(id)
	if !target.room(size) {
		return nil
	}
	made, twins := make([]uuid.UUID, 0, len(tree)), map[uuid.UUID]uuid.UUID{source.folders[id].parent: into}
	for _, f := range tree {
		twin := *f
		twin.id, twin.parent, twin.kind, twin.version = uuid.New(), twins[f.parent], noFolderType, 1
		twins[f.id] = twin.id
		target.folders[twin.id] = &twin
		target.folders[twin.parent].version++
		for _, it := range in[f.id] {
			copied := it.given(to)
			copied.folder = twin.id
			target.items[copied.id] = &copied
		}
		made = append(made, twin.id)
	}
	return made
}

// branch lists a folder and those below it, each after the one that it is in,
// and what items are in which; size counts all of them.
func (inv *inventory) branch(id uuid.UUID) (tree []*folder, in map[uuid.UUID][]*item, size int) {
	below := map[uuid.UUID][]*folder{}
	for _, f := range inv.folders {
		below[f.parent] = append(below[f.parent], f)
	}
	in = map[uuid.UUID][]*item{}
	for _, it := range inv.items {
		in[it.folder] = append(in[it.folder], it)
	}
	tree = []*folder{inv.folders[id]}
	for i := 0; i < len(tree); i++ {
		tree = append(tree, below[tree[i].id]...)
		size += 1 + len(in[tree[i].id])
	}
	return tree, in, size
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
