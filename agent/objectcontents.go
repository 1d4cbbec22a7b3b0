package agent

import (
	"context"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// Contents lists what is in a prim. Whoever may not modify it doesn't learn
// the assets' ids.
func (o Objects) Contents(ctx context.Context, b Object) ([]Item, error) {
	file, err := request(ctx, o.a, "ReplyTaskInventory", message.IDReplyTaskInventory, func(now circuit.Instant) error {
		m := &message.RequestTaskInventory{}
		m.AgentData.AgentID, m.AgentData.SessionID = o.a.ID, o.a.session
		m.InventoryData.LocalID = b.LocalID
		return o.a.send(now, m)
	}, func(m message.Message) (string, bool) {
		d := &m.(*message.ReplyTaskInventory).InventoryData
		return message.String(d.Filename), d.TaskID == b.ID
	})
	if err != nil || file == "" { // nothing in it
		return nil, err
	}
	data, err := o.a.downloadFile(ctx, file)
	if err != nil {
		return nil, err
	}
	return parseContents(string(data))
}

// Insert puts a copy of an item of the agent's inventory into a prim: the item
// itself, where it mustn't be copied. Scripts don't run: see RezScript.
func (o Objects) Insert(ctx context.Context, id uint32, it Item) error {
	return o.updateContent(ctx, id, it)
}

// UpdateContent changes name, description and permissions of an item in a
// prim.
func (o Objects) UpdateContent(ctx context.Context, id uint32, it Item) error {
	return o.updateContent(ctx, id, it)
}

func (o Objects) updateContent(ctx context.Context, id uint32, it Item) error {
	m := &message.UpdateTaskInventory{}
	m.AgentData.AgentID, m.AgentData.SessionID = o.a.ID, o.a.session
	m.UpdateData.LocalID = id
	m.InventoryData = message.UpdateTaskInventoryInventoryData{
		ItemID: it.ID, FolderID: it.Folder, CreatorID: it.Creator, OwnerID: it.Owner, GroupID: it.Group,
		BaseMask: uint32(it.Base), OwnerMask: uint32(it.Permissions.Owner), GroupMask: uint32(it.Permissions.Group),
		EveryoneMask: uint32(it.Everyone), NextOwnerMask: uint32(it.NextOwner), GroupOwned: it.GroupOwned,
		Type: int8(it.Type), InvType: it.InvType, Flags: it.Flags, SaleType: it.SaleType, SalePrice: it.SalePrice,
		Name: message.Text(it.Name), Description: message.Text(it.Description), CreationDate: int32(it.Created.Unix()),
	}
	return o.a.tellRegion(ctx, m)
}

// RemoveContent throws an item away that is in a prim.
func (o Objects) RemoveContent(ctx context.Context, id uint32, item uuid.UUID) error {
	m := &message.RemoveTaskInventory{}
	m.AgentData.AgentID, m.AgentData.SessionID = o.a.ID, o.a.session
	m.InventoryData.LocalID, m.InventoryData.ItemID = id, item
	return o.a.tellRegion(ctx, m)
}

// MoveContent takes an item out of a prim into a folder of the agent's
// inventory: a copy, where it may be copied.
func (o Objects) MoveContent(ctx context.Context, id uint32, item, folder uuid.UUID) error {
	m := &message.MoveTaskInventory{}
	m.AgentData.AgentID, m.AgentData.SessionID, m.AgentData.FolderID = o.a.ID, o.a.session, folder
	m.InventoryData.LocalID, m.InventoryData.ItemID = id, item
	return o.a.tellRegion(ctx, m)
}

// ContentsWhen lists what is in a prim until ok accepts it.
func (o Objects) ContentsWhen(ctx context.Context, b Object, ok func(list []Item) bool) ([]Item, error) {
	var last []Item
	for {
		list, err := o.Contents(ctx, b)
		if err != nil {
			return last, err
		}
		if last = list; ok(list) {
			return list, nil
		}
		o.a.pause(ctx, askAgain)
	}
}
