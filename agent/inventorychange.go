package agent

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// Changes that have no answer over UDP return when the simulator has
// acknowledged them. It may carry them out a little later, or not at all:
// Contents and Item tell.

// CreateFolder makes a folder. A kind other than NoFolderType is refused where
// the root has one of that kind already. Over UDP nothing answers.
func (i Inventory) CreateFolder(ctx context.Context, parent uuid.UUID, name string, kind FolderType) (Folder, error) {
	way, err := i.choose(ctx, "CreateInventoryCategory")
	f := Folder{ID: uuid.New(), Parent: parent, Name: name, Type: kind}
	if err == nil {
		switch way {
		case AIS:
			f, err = i.createFolderByAIS(ctx, parent, name, kind)
		case HTTP:
			err = i.createFolderByHTTP(ctx, f)
		default:
			m := message.CreateInventoryFolder{AgentData: message.CreateInventoryFolderAgentData{AgentID: i.a.ID, SessionID: i.a.session}}
			m.FolderData = message.CreateInventoryFolderFolderData{FolderID: f.ID, ParentID: parent, Type: int8(kind), Name: message.Text(name)}
			err = i.a.deliver(ctx, &m)
		}
	}
	if err != nil {
		return Folder{}, fmt.Errorf("create folder %q: %w", name, err)
	}
	return f, nil
}

func (i Inventory) createFolderByHTTP(ctx context.Context, f Folder) error {
	var out struct {
		ID uuid.UUID `llsd:"folder_id"`
	}
	err := i.a.call(ctx, http.MethodPost, "CreateInventoryCategory", map[string]any{
		"folder_id": f.ID, "parent_id": f.Parent, "type": int32(f.Type), "name": f.Name,
	}, &out)
	if err == nil && out.ID != f.ID {
		return errNothingMade
	}
	return err
}

// RenameFolder gives a folder another name. Over UDP nothing answers. Folders
// with a type keep their names on OpenSim.
func (i Inventory) RenameFolder(ctx context.Context, f Folder, name string) error {
	way, err := i.choose(ctx, "")
	if err != nil {
		return err
	}
	if way == AIS {
		return i.callAIS(ctx, http.MethodPatch, "category", f.ID, "", map[string]any{"name": name}, nil)
	}
	m := message.UpdateInventoryFolder{AgentData: message.UpdateInventoryFolderAgentData{AgentID: i.a.ID, SessionID: i.a.session}}
	m.FolderData = []message.UpdateInventoryFolderFolderData{{FolderID: f.ID, ParentID: f.Parent, Type: int8(f.Type), Name: message.Text(name)}}
	return i.a.deliver(ctx, &m)
}

// MoveFolder hangs a folder under another one. Nothing answers.
func (i Inventory) MoveFolder(ctx context.Context, folder, into uuid.UUID) error {
	m := message.MoveInventoryFolder{AgentData: message.MoveInventoryFolderAgentData{AgentID: i.a.ID, SessionID: i.a.session}}
	m.InventoryData = []message.MoveInventoryFolderInventoryData{{FolderID: folder, ParentID: into}}
	return i.a.deliver(ctx, &m)
}

// RemoveFolder takes a folder and all in it away for good. Over UDP nothing
// answers, and OpenSim does it only to what is in Trash or Lost And Found.
func (i Inventory) RemoveFolder(ctx context.Context, folder uuid.UUID) error {
	way, err := i.choose(ctx, "")
	if err != nil {
		return err
	}
	if way == AIS {
		return i.callAIS(ctx, http.MethodDelete, "category", folder, "", nil, nil)
	}
	m := message.RemoveInventoryFolder{AgentData: message.RemoveInventoryFolderAgentData{AgentID: i.a.ID, SessionID: i.a.session}}
	m.FolderData = []message.RemoveInventoryFolderFolderData{{FolderID: folder}}
	return i.a.deliver(ctx, &m)
}

// Purge empties a folder for good. Over UDP nothing answers, and OpenSim does
// it only to Trash, Lost And Found and what is in them.
func (i Inventory) Purge(ctx context.Context, folder uuid.UUID) error {
	way, err := i.choose(ctx, "")
	if err != nil {
		return err
	}
	if way == AIS {
		return i.callAIS(ctx, http.MethodDelete, "category", folder, "/children", nil, nil)
	}
	m := message.PurgeInventoryDescendents{
		AgentData:     message.PurgeInventoryDescendentsAgentData{AgentID: i.a.ID, SessionID: i.a.session},
		InventoryData: message.PurgeInventoryDescendentsInventoryData{FolderID: folder},
	}
	return i.a.deliver(ctx, &m)
}

// NewItem is an item to be created.
type NewItem struct {
	Folder            uuid.UUID // uuid.Nil: where its type belongs
	Name, Description string
	Type              AssetType
	Wearable          uint8 // of clothes and body parts
	NextOwner         Mask  // 0: PermAll
	Transaction       uuid.UUID
}

// CreateItem makes an item. A script, a note or a landmark gets a first asset
// from the simulator (a script that says hello, an empty note, the place where
// the agent stands); others have none, unless Transaction is that of an upload
// over UDP.
func (i Inventory) CreateItem(ctx context.Context, n NewItem) (Item, error) {
	a := i.a
	if n.NextOwner == 0 {
		n.NextOwner = PermAll
	}
	it, err := i.created(ctx, func(now circuit.Instant, callback uint32) error {
		m := message.CreateInventoryItem{AgentData: message.CreateInventoryItemAgentData{AgentID: a.ID, SessionID: a.session}}
		m.InventoryBlock = message.CreateInventoryItemInventoryBlock{
			CallbackID: callback, FolderID: n.Folder, TransactionID: n.Transaction, NextOwnerMask: uint32(n.NextOwner),
			Type: int8(n.Type), InvType: n.Type.invType(), WearableType: n.Wearable,
			Name: message.Text(n.Name), Description: message.Text(n.Description),
		}
		return a.send(now, &m)
	})
	if err != nil {
		return Item{}, fmt.Errorf("create item %q: %w", n.Name, err)
	}
	return it, nil
}

// created sends a request for a new item and waits for it; the callback is the
// number by which the answer is known.
func (i Inventory) created(ctx context.Context, send func(now circuit.Instant, callback uint32) error) (Item, error) {
	callback := rand.Uint32() | 1 // 0 is no callback
	return request(ctx, i.a, "UpdateCreateInventoryItem", message.IDUpdateCreateInventoryItem, func(now circuit.Instant) error {
		return send(now, callback)
	}, func(m message.Message) (Item, bool) {
		for _, b := range m.(*message.UpdateCreateInventoryItem).InventoryData {
			if b.CallbackID == callback {
				return createdItem(&b), true
			}
		}
		return Item{}, false
	})
}

func createdItem(b *message.UpdateCreateInventoryItemInventoryData) Item {
	return itemOf(message.FetchInventoryReplyInventoryData{
		ItemID: b.ItemID, FolderID: b.FolderID, CreatorID: b.CreatorID, OwnerID: b.OwnerID, GroupID: b.GroupID,
		BaseMask: b.BaseMask, OwnerMask: b.OwnerMask, GroupMask: b.GroupMask, EveryoneMask: b.EveryoneMask,
		NextOwnerMask: b.NextOwnerMask, GroupOwned: b.GroupOwned, AssetID: b.AssetID, Type: b.Type, InvType: b.InvType,
		Flags: b.Flags, SaleType: b.SaleType, SalePrice: b.SalePrice, Name: b.Name, Description: b.Description, CreationDate: b.CreationDate,
	})
}

// Copy makes a copy of an item, of the library's too, in a folder of the
// agent's own. An empty name keeps it. An item that may not be copied gets no
// answer on OpenSim.
func (i Inventory) Copy(ctx context.Context, item, into uuid.UUID, name string) (Item, error) {
	a := i.a
	it, err := i.created(ctx, func(now circuit.Instant, callback uint32) error {
		m := message.CopyInventoryItem{AgentData: message.CopyInventoryItemAgentData{AgentID: a.ID, SessionID: a.session}}
		m.InventoryData = []message.CopyInventoryItemInventoryData{{
			CallbackID: callback, OldAgentID: i.owner, OldItemID: item, NewFolderID: into, NewName: message.Text(name),
		}}
		return a.send(now, &m)
	})
	if err != nil {
		return Item{}, fmt.Errorf("copy item %s: %w", item, err)
	}
	return it, nil
}

// Link makes a link to an item, as outfits have them.
func (i Inventory) Link(ctx context.Context, to Item, in uuid.UUID) (Item, error) {
	a := i.a
	way, err := i.choose(ctx, "")
	if err != nil {
		return Item{}, err
	}
	if way == AIS {
		return i.linkByAIS(ctx, in, to)
	}
	return i.created(ctx, func(now circuit.Instant, callback uint32) error {
		m := message.LinkInventoryItem{AgentData: message.LinkInventoryItemAgentData{AgentID: a.ID, SessionID: a.session}}
		m.InventoryBlock = message.LinkInventoryItemInventoryBlock{
			CallbackID: callback, FolderID: in, OldItemID: to.ID, Type: int8(AssetLink), InvType: to.InvType,
			Name: message.Text(to.Name), Description: message.Text(to.Description),
		}
		return a.send(now, &m)
	})
}

// Move puts items into another folder. Nothing answers.
func (i Inventory) Move(ctx context.Context, into uuid.UUID, items ...uuid.UUID) error {
	m := message.MoveInventoryItem{AgentData: message.MoveInventoryItemAgentData{AgentID: i.a.ID, SessionID: i.a.session}}
	for _, id := range items {
		m.InventoryData = append(m.InventoryData, message.MoveInventoryItemInventoryData{ItemID: id, FolderID: into, NewName: message.Text("")})
	}
	return i.a.deliver(ctx, &m)
}

// Update gives an item the name, description, permissions (but base and
// owner), group, flags and sale of it. Over UDP nothing answers.
func (i Inventory) Update(ctx context.Context, it Item) error {
	way, err := i.choose(ctx, "")
	if err != nil {
		return err
	}
	if way == AIS {
		return i.callAIS(ctx, http.MethodPatch, "item", it.ID, "", map[string]any{
			"name": it.Name, "desc": it.Description, "flags": int32(it.Flags),
			"permissions": map[string]any{
				"group_mask": int32(it.Permissions.Group), "everyone_mask": int32(it.Everyone), "next_owner_mask": int32(it.NextOwner), "group_id": it.Group,
			},
			"sale_info": map[string]any{"sale_type": int32(it.SaleType), "sale_price": it.SalePrice},
		}, nil)
	}
	m := message.UpdateInventoryItem{AgentData: message.UpdateInventoryItemAgentData{AgentID: i.a.ID, SessionID: i.a.session}}
	m.InventoryData = []message.UpdateInventoryItemInventoryData{updateOf(it)}
	return i.a.deliver(ctx, &m)
}

// Rename gives an item another name.
func (i Inventory) Rename(ctx context.Context, it Item, name string) error {
	it.Name = name
	return i.Update(ctx, it)
}

// Remove takes items away for good. Over UDP nothing answers.
func (i Inventory) Remove(ctx context.Context, items ...uuid.UUID) error {
	way, err := i.choose(ctx, "")
	if err != nil {
		return err
	}
	if way == AIS {
		for _, id := range items {
			if err := i.callAIS(ctx, http.MethodDelete, "item", id, "", nil, nil); err != nil {
				return err
			}
		}
		return nil
	}
	m := message.RemoveInventoryItem{AgentData: message.RemoveInventoryItemAgentData{AgentID: i.a.ID, SessionID: i.a.session}}
	for _, id := range items {
		m.InventoryData = append(m.InventoryData, message.RemoveInventoryItemInventoryData{ItemID: id})
	}
	return i.a.deliver(ctx, &m)
}

func updateOf(it Item) message.UpdateInventoryItemInventoryData {
	return message.UpdateInventoryItemInventoryData{
		ItemID: it.ID, FolderID: it.Folder, CreatorID: it.Creator, OwnerID: it.Owner, GroupID: it.Group,
		BaseMask: uint32(it.Base), OwnerMask: uint32(it.Permissions.Owner), GroupMask: uint32(it.Permissions.Group),
		EveryoneMask: uint32(it.Everyone), NextOwnerMask: uint32(it.NextOwner), GroupOwned: it.GroupOwned,
		Type: int8(it.Type), InvType: it.InvType, Flags: it.Flags, SaleType: it.SaleType, SalePrice: it.SalePrice,
		Name: message.Text(it.Name), Description: message.Text(it.Description), CreationDate: int32(it.Created.Unix()),
	}
}
