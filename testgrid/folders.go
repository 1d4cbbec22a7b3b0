package testgrid

import (
	"github.com/google/uuid"
)

// systemFolderTypes is the inventory that everybody has: the system folders by
// name, each with its folder type.
var systemFolderTypes = []struct {
	name string
	kind int32
}{
	{"Animations", 20}, {"Body Parts", 13}, {"Calling Cards", 2}, {"Clothing", 5}, {"Current Outfit", 46},
	{"Favorites", 23}, {"Gestures", 21}, {"Landmarks", 3}, {"Lost And Found", 16}, {"Notecards", 7},
	{"Objects", 6}, {"Photo Album", 15}, {"Scripts", 10}, {"Settings", 56}, {"Sounds", 1}, {"Textures", 0}, {"Trash", 14},
}

// rootFolder is the id of an owner's root. Ids of folders that everybody has
// follow from the owner's, so they are the same at every login.
func rootFolder(owner uuid.UUID) uuid.UUID {
	if owner == libraryOwner {
		return libraryRoot
	}
	return derivedID(owner, "My Inventory")
}

// systemFolders are those of a new inventory, its root first.
func systemFolders(root uuid.UUID) []folder {
	if root == libraryRoot {
		return []folder{{id: root, name: "Library", kind: kindRoot, version: 1}}
	}
	list := make([]folder, 0, len(systemFolderTypes)+1)
	list = append(list, folder{id: root, name: "My Inventory", kind: kindRoot, version: 1})
	for _, f := range systemFolderTypes {
		list = append(list, folder{id: derivedID(root, f.name), parent: root, name: f.name, kind: f.kind, version: 1})
	}
	return list
}

// noFolderType is the type of folders that people make.
const noFolderType = -1

// folderFor is the default folder of a folder type, which has the asset type's
// number: the one in the root, where a client has made others elsewhere. It is
// the root where there is none.
func (inv *inventory) folderFor(kind int32) *folder {
	found := inv.folders[inv.root]
	if kind == noFolderType {
		return found
	}
	for _, f := range inv.folders {
		if f.kind != kind {
			continue
		}
		if found = f; f.parent == inv.root {
			break
		}
	}
	return found
}

// folderFor gives the id of an owner's default folder for an asset type.
func (s *inventories) folderFor(owner uuid.UUID, kind int32) uuid.UUID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tree(owner).folderFor(kind).id
}

// folder finds one.
func (s *inventories) folder(owner, id uuid.UUID) (folder, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.tree(owner).folders[id]; f != nil {
		return *f, true
	}
	return folder{}, false
}

// contents gives a folder and what is directly in it, by name.
func (s *inventories) contents(owner, id uuid.UUID) (f folder, folders []folder, items []item, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	inv := s.tree(owner)
	if inv.folders[id] == nil {
		return folder{}, nil, nil, false
	}
	for _, sub := range inv.folders {
		if sub.parent == id && sub.id != id {
			folders = append(folders, *sub)
		}
	}
	for _, it := range inv.items {
		if it.folder == id {
			items = append(items, *it)
		}
	}
	sortFolders(folders)
	sortItems(items)
	return *inv.folders[id], folders, items, true
}

// linked gives what links among items point to, each once: OpenSim sends it along
// with the folder that has the links, wherever it lies.
func (s *inventories) linked(owner uuid.UUID, items []item) []item {
	s.mu.Lock()
	defer s.mu.Unlock()
	inv := s.tree(owner)
	seen := map[uuid.UUID]bool{}
	var found []item
	for _, it := range items {
		if it.kind != kindLink || seen[it.asset] {
			continue
		}
		seen[it.asset] = true
		if target := inv.items[it.asset]; target != nil && target.kind != kindLink && target.kind != kindLinkFolder {
			found = append(found, *target)
		}
	}
	return found
}

// skeleton lists all folders of an owner, the root first. One that was never
// used is listed without being made.
func (s *inventories) skeleton(owner uuid.UUID) []folder {
	s.mu.Lock()
	defer s.mu.Unlock()
	inv := s.of[owner]
	if inv == nil {
		return systemFolders(rootFolder(owner))
	}
	list := make([]folder, 0, len(inv.folders))
	for id, f := range inv.folders {
		if id != inv.root {
			list = append(list, *f)
		}
	}
	sortFolders(list)
	return append([]folder{*inv.folders[inv.root]}, list...)
}

// mostKept bounds what an inventory gets by folders: made ones, and whole ones
// that are given. Folders given to oneself again and again would double it.
const mostKept = 50_000

// room tells whether there is some for n folders and items more.
func (inv *inventory) room(n int) bool { return len(inv.folders)+len(inv.items)+n <= mostKept }

// addFolder makes a folder; false if it is there already, or its parent or room
// for it isn't.
func (s *inventories) addFolder(owner uuid.UUID, f folder) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	inv := s.tree(owner)
	parent := inv.folders[f.parent]
	if f.id == uuid.Nil || inv.folders[f.id] != nil || parent == nil || !inv.room(1) {
		return false
	}
	f.version = 1
	inv.folders[f.id] = &f
	parent.version++
	return true
}

// moveFolder hangs a folder under another one, which must not be below it; an
// empty name leaves it as it is. The root stays where it is.
func (s *inventories) moveFolder(owner, id, to uuid.UUID, name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	inv := s.tree(owner)
	f, target := inv.folders[id], inv.folders[to]
	if f == nil || target == nil || id == inv.root || inv.under(to, id) {
		return false
	}
	inv.folders[f.parent].version++
	f.parent = to
	if name != "" {
		f.name = name
	}
	f.version++
	target.version++
	return true
}

// under tells whether id is top or lies somewhere in it. The lock is held.
func (inv *inventory) under(id, top uuid.UUID) bool {
	for range len(inv.folders) {
		if id == top {
			return true
		}
		f := inv.folders[id]
		if f == nil {
			return false
		}
		id = f.parent
	}
	return false
}

// purge empties a folder, all the way down. It gives the ids of the folders and
// items that went.
func (s *inventories) purge(owner, id uuid.UUID) (folders, items []uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tree(owner).purge(id)
}

func (inv *inventory) purge(id uuid.UUID) (folders, items []uuid.UUID) {
	f := inv.folders[id]
	if f == nil {
		return nil, nil
	}
	for below := range inv.folders {
		if below != id && inv.under(below, id) {
			folders = append(folders, below)
		}
	}
	for _, it := range inv.items {
		if inv.under(it.folder, id) {
			items = append(items, it.id)
		}
	}
	for _, id := range items {
		delete(inv.items, id)
	}
	for _, id := range folders {
		delete(inv.folders, id)
	}
	f.version++
	return folders, items
}

// removeFolder purges a folder and takes it away; a system folder stays. It
// tells whether it went.
func (s *inventories) removeFolder(owner, id uuid.UUID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	inv := s.tree(owner)
	f := inv.folders[id]
	if f == nil || f.kind != noFolderType {
		return false
	}
	inv.purge(id)
	delete(inv.folders, id)
	if parent := inv.folders[f.parent]; parent != nil {
		parent.version++
	}
	return true
}

// rubbish tells whether a folder is Trash or Lost And Found, or lies in them.
func (s *inventories) rubbish(owner, id uuid.UUID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	inv := s.tree(owner)
	return inv.under(id, inv.folderFor(kindTrash).id) || inv.under(id, inv.folderFor(kindLostAndFound).id)
}
