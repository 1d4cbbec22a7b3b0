package testgrid

import (
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// The inventories are the grid's inventory service: what residents and the
// library own. Regions' loops and HTTP goroutines use it by short calls, each
// locked for itself; values go in and come out as copies. How to use it:
//
//	g.inventories.put(owner, it)         a new item; without folder it goes where its kind belongs
//	g.inventories.item(owner, id)        find one
//	g.inventories.change(owner, id, f)   change one in place
//	g.inventories.remove(owner, id)      away with it
//	g.assets.put(a), g.assets.get(id)    what items stand for
//	c.tellCreated(now, callback, it)     UpdateCreateInventoryItem: the client asked for it
//	c.tellItems(now, it...)              BulkUpdateInventory: it came by itself
//
// An inventory is made when it is first used: ten thousand residents who never
// open theirs cost nothing.
type inventories struct {
	mu sync.Mutex
	of map[uuid.UUID]*inventory // by owner
}

// inventory is one owner's tree.
type inventory struct {
	root    uuid.UUID
	folders map[uuid.UUID]*folder
	items   map[uuid.UUID]*item
}

// folder holds folders and items. Its version counts the changes of what is
// in it.
type folder struct {
	id, parent uuid.UUID
	name       string
	kind       int32 // its folder type: what it is the default folder for, -1 nothing
	version    int32
}

// item is one thing in an inventory, of a resident or of an object.
type item struct {
	id, folder        uuid.UUID
	name, description string
	asset             uuid.UUID // nil for what has none; of a link what it points to
	kind              int8      // asset type
	use               int8      // inventory type
	creator, owner    uuid.UUID
	group             uuid.UUID
	groupOwned        bool
	perms             permissions
	flags             uint32
	saleType          uint8
	price             int32
	created           int32 // Unix seconds
}

// permissions are masks of permission bits.
type permissions struct{ base, owner, group, everyone, next uint32 }

// Bits of permissions.
const (
	permTransfer = 0x2000
	permModify   = 0x4000
	permCopy     = 0x8000
	permMove     = 0x80000
	permAll      = 0x7fffffff
	permNext     = permTransfer | permMove // what OpenSim gives the next owner by default
)

// Asset types. Folder types have the same numbers.
const (
	kindTexture      = 0
	kindSound        = 1
	kindCallingCard  = 2
	kindLandmark     = 3
	kindClothing     = 5
	kindObject       = 6
	kindNotecard     = 7
	kindRoot         = 8 // a folder type only
	kindScript       = 10
	kindBodyPart     = 13
	kindTrash        = 14 // a folder type only
	kindLostAndFound = 16 // a folder type only
	kindAnimation    = 20
	kindGesture      = 21
	kindLink         = 24
	kindLinkFolder   = 25
	kindMesh         = 49
)

// invTypes are the inventory types of the asset types that have another
// number.
var invTypes = map[int8]int8{
	kindClothing: 18, kindBodyPart: 18, kindAnimation: 19, kindGesture: 20, kindMesh: 22,
}

// invType is the inventory type of an asset type.
func invType(kind int8) int8 {
	if use, ok := invTypes[kind]; ok {
		return use
	}
	return kind
}

// newItem is an item of owner's making, with all permissions.
func newItem(owner uuid.UUID, kind int8, name string, asset uuid.UUID) item {
	return item{
		id: uuid.New(), name: name, asset: asset, kind: kind, use: invType(kind), creator: owner, owner: owner,
		perms: permissions{base: permAll, owner: permAll, next: permNext}, created: int32(time.Now().Unix()),
	}
}

func newInventories() *inventories {
	return &inventories{of: map[uuid.UUID]*inventory{}}
}

// tree gives an owner's inventory, made if it is new. The lock is held.
func (s *inventories) tree(owner uuid.UUID) *inventory {
	inv := s.of[owner]
	if inv != nil {
		return inv
	}
	root := rootFolder(owner)
	inv = &inventory{root: root, folders: map[uuid.UUID]*folder{}, items: map[uuid.UUID]*item{}}
	for _, f := range systemFolders(root) {
		inv.folders[f.id] = &f
	}
	s.of[owner] = inv
	return inv
}

// put adds an item, or replaces the one of that id. One without a folder of
// the owner's goes where its kind belongs; one without an id gets one. It gives
// the item as it was put.
func (s *inventories) put(owner uuid.UUID, it item) item {
	s.mu.Lock()
	defer s.mu.Unlock()
	inv := s.tree(owner)
	if it.id == uuid.Nil {
		it.id = uuid.New()
	}
	if inv.folders[it.folder] == nil {
		it.folder = inv.folderFor(int32(it.kind)).id
	}
	it.owner = owner
	inv.items[it.id] = &it
	inv.folders[it.folder].version++
	return it
}

// item finds one.
func (s *inventories) item(owner, id uuid.UUID) (item, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if it := s.tree(owner).items[id]; it != nil {
		return *it, true
	}
	return item{}, false
}

// change lets f change an item, in which it keeps id and folder, and gives it as
// it is then; false if there is none.
func (s *inventories) change(owner, id uuid.UUID, f func(it *item)) (item, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	inv := s.tree(owner)
	it := inv.items[id]
	if it == nil {
		return item{}, false
	}
	in := it.folder
	f(it)
	it.id, it.folder = id, in
	inv.folders[in].version++
	return *it, true
}

// move puts an item into another folder of the same owner; an empty name
// leaves it as it is. It tells whether both are there.
func (s *inventories) move(owner, id, to uuid.UUID, name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	inv := s.tree(owner)
	it, target := inv.items[id], inv.folders[to]
	if it == nil || target == nil {
		return false
	}
	inv.folders[it.folder].version++
	it.folder = to
	if name != "" {
		it.name = name
	}
	target.version++
	return true
}

// remove takes items out for good and tells how many there were.
func (s *inventories) remove(owner uuid.UUID, ids ...uuid.UUID) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	inv := s.tree(owner)
	n := 0
	for _, id := range ids {
		if it := inv.items[id]; it != nil {
			inv.folders[it.folder].version++
			delete(inv.items, id)
			n++
		}
	}
	return n
}

func byName(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) }

func sortFolders(list []folder) {
	slices.SortFunc(list, func(a, b folder) int { return byName(a.name, b.name) })
}

func sortItems(list []item) {
	slices.SortFunc(list, func(a, b item) int { return byName(a.name, b.name) })
}
