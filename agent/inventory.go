package agent

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

// AssetType says what an asset is, by the protocol's numbers.
type AssetType int8

// The asset types that clients handle.
const (
	AssetTexture     AssetType = 0
	AssetSound       AssetType = 1
	AssetCallingCard AssetType = 2
	AssetLandmark    AssetType = 3
	AssetClothing    AssetType = 5
	AssetObject      AssetType = 6
	AssetNotecard    AssetType = 7
	AssetFolder      AssetType = 8 // in offers: a whole folder is given
	AssetScript      AssetType = 10
	AssetBodyPart    AssetType = 13
	AssetAnimation   AssetType = 20
	AssetGesture     AssetType = 21
	AssetLink        AssetType = 24
	AssetLinkFolder  AssetType = 25
	AssetMesh        AssetType = 49
	AssetSettings    AssetType = 56
)

// FolderType says what a folder is the default for: the asset type of that
// number, or one of these.
type FolderType int32

// Folder types that no asset type has, or that clients need.
const (
	NoFolderType       FolderType = -1 // of folders that people make
	RootFolder         FolderType = 8
	TrashFolder        FolderType = 14
	LostAndFoundFolder FolderType = 16
	FavoritesFolder    FolderType = 23
	OutfitFolder       FolderType = 46 // Current Outfit
)

// invTypes are the inventory types of the asset types that have another
// number.
var invTypes = map[AssetType]int8{
	AssetClothing: 18, AssetBodyPart: 18, AssetAnimation: 19, AssetGesture: 20, AssetMesh: 22, AssetSettings: 25,
}

// invType is the inventory type that goes with an asset type.
func (t AssetType) invType() int8 {
	if use, ok := invTypes[t]; ok {
		return use
	}
	return int8(t)
}

// Folder is one of an inventory. Version counts the changes of what is in it.
type Folder struct {
	ID, Parent uuid.UUID
	Name       string
	Type       FolderType
	Version    int32
}

// Item is one thing in an inventory.
type Item struct {
	ID, Folder        uuid.UUID
	Name, Description string
	Asset             uuid.UUID // what it stands for; uuid.Nil for none; of a link the item that it points to
	Type              AssetType
	InvType           int8
	Creator, Owner    uuid.UUID
	Group             uuid.UUID
	GroupOwned        bool
	Permissions
	Flags     uint32 // of clothes and body parts the lowest byte is the wearable's type
	SaleType  uint8  // 0 not for sale, 1 original, 2 copy, 3 contents
	SalePrice int32  // L$
	Created   time.Time
}

// Contents is what is directly in a folder. What is there to be told of is
// Descendents; it differs from what came where not all was asked for.
type Contents struct {
	Folder      uuid.UUID
	Version     int32
	Descendents int32
	Folders     []Folder
	Items       []Item
}

// Item finds an item by name.
func (c *Contents) Item(name string) (Item, bool) {
	for _, it := range c.Items {
		if it.Name == name {
			return it, true
		}
	}
	return Item{}, false
}

// Subfolder finds a folder by name.
func (c *Contents) Subfolder(name string) (Folder, bool) {
	for _, f := range c.Folders {
		if f.Name == name {
			return f, true
		}
	}
	return Folder{}, false
}

// Way is how an inventory is reached.
type Way uint8

// The ways to an inventory.
const (
	BestWay Way = iota // the first of the others that the region offers
	AIS                // the capabilities InventoryAPIv3 and LibraryAPIv3; OpenSim has none
	HTTP               // FetchInventoryDescendents2, FetchInventory2, their FetchLib twins, CreateInventoryCategory
	UDP                // messages; every grid has them
)

func (w Way) String() string { return [...]string{"the best way", "AIS", "HTTP", "UDP"}[w] }

// Inventory is an agent's own inventory, or the library. It is a handle:
// nothing is kept of what it fetches.
type Inventory struct {
	a       *Agent
	way     Way
	owner   uuid.UUID
	root    uuid.UUID
	library bool
}

// libraryRef tells where the library of a grid is. It is the same for
// everybody there, so agents share it.
type libraryRef struct{ owner, root uuid.UUID }

// Inventory is the agent's own.
func (a *Agent) Inventory() Inventory {
	return Inventory{a: a, owner: a.ID, root: a.inventoryRoot}
}

// Library is the inventory that everybody on the grid can read and nobody can
// change.
func (a *Agent) Library() Inventory {
	l := a.library.Value()
	return Inventory{a: a, owner: l.owner, root: l.root, library: true}
}

// Over is the same inventory, reached in a way of the caller's choice. What
// that way can't do goes over UDP, but for BestWay's choice.
func (i Inventory) Over(w Way) Inventory {
	i.way = w
	return i
}

// Root is the folder that all others are in; uuid.Nil where the login told of
// none.
func (i Inventory) Root() uuid.UUID { return i.root }

// NotThereError is a folder or an item that the inventory hasn't got.
type NotThereError struct {
	What string // folder or item
	ID   uuid.UUID
}

func (e *NotThereError) Error() string {
	return fmt.Sprintf("there is no %s %s in the inventory", e.What, e.ID)
}

// Reason is the word by which a run counts this failure.
func (e *NotThereError) Reason() string { return "not_in_inventory" }
