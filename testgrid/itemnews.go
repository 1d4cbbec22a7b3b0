package testgrid

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// itemBatch is how many items one message carries, each of at most 350 bytes:
// a datagram holds 1,400.
const itemBatch = 3

// tellCreated tells the client of a new item that it asked for. The callback is
// the number by which it asked.
func (c *client) tellCreated(now circuit.Instant, callback uint32, it item) {
	c.tellCreatedFor(now, uuid.Nil, callback, it)
}

// tellCreatedFor is tellCreated with the asset transaction that the item came of.
func (c *client) tellCreatedFor(now circuit.Instant, transaction uuid.UUID, callback uint32, it item) {
	m := &message.UpdateCreateInventoryItem{}
	m.AgentData.AgentID, m.AgentData.SimApproved, m.AgentData.TransactionID = c.session.agentID, true, transaction
	m.InventoryData = []message.UpdateCreateInventoryItemInventoryData{it.block(callback)}
	c.tell(now, m)
}

// block is an item as UpdateCreateInventoryItem carries it.
func (it *item) block(callback uint32) message.UpdateCreateInventoryItemInventoryData {
	return message.UpdateCreateInventoryItemInventoryData{
		ItemID: it.id, FolderID: it.folder, CallbackID: callback, CreatorID: it.creator, OwnerID: it.owner,
		GroupID: it.group, BaseMask: it.perms.base, OwnerMask: it.perms.owner, GroupMask: it.perms.group,
		EveryoneMask: it.perms.everyone, NextOwnerMask: it.perms.next, GroupOwned: it.groupOwned,
		AssetID: it.asset, Type: it.kind, InvType: it.use, Flags: it.flags, SaleType: it.saleType, SalePrice: it.price,
		Name: message.Text(it.name), Description: message.Text(it.description), CreationDate: it.created,
	}
}

// bulk is an item as BulkUpdateInventory carries it.
func (it *item) bulk() message.BulkUpdateInventoryItemData {
	b := it.block(0)
	return message.BulkUpdateInventoryItemData{
		ItemID: b.ItemID, CallbackID: b.CallbackID, FolderID: b.FolderID, CreatorID: b.CreatorID, OwnerID: b.OwnerID,
		GroupID: b.GroupID, BaseMask: b.BaseMask, OwnerMask: b.OwnerMask, GroupMask: b.GroupMask,
		EveryoneMask: b.EveryoneMask, NextOwnerMask: b.NextOwnerMask, GroupOwned: b.GroupOwned,
		AssetID: b.AssetID, Type: b.Type, InvType: b.InvType, Flags: b.Flags, SaleType: b.SaleType, SalePrice: b.SalePrice,
		Name: b.Name, Description: b.Description, CreationDate: b.CreationDate,
	}
}

// tellItems tells the client of items that came by themselves: given, taken,
// copied.
func (c *client) tellItems(now circuit.Instant, items ...item) {
	for batch := range slices.Chunk(items, itemBatch) {
		m := &message.BulkUpdateInventory{}
		m.AgentData.AgentID, m.AgentData.TransactionID = c.session.agentID, uuid.New()
		for _, it := range batch {
			m.ItemData = append(m.ItemData, it.bulk())
		}
		// A block without a folder says so by its id: OpenSim always sends one.
		m.FolderData = []message.BulkUpdateInventoryFolderData{{Type: noFolderType, Name: message.Text("")}}
		c.tell(now, m)
	}
}

// tellFolder tells the client of a folder that came by itself.
func (c *client) tellFolder(now circuit.Instant, f folder) {
	m := &message.BulkUpdateInventory{}
	m.AgentData.AgentID, m.AgentData.TransactionID = c.session.agentID, uuid.New()
	m.FolderData = []message.BulkUpdateInventoryFolderData{
		{FolderID: f.id, ParentID: f.parent, Type: int8(f.kind), Name: message.Text(f.name)},
	}
	m.ItemData = []message.BulkUpdateInventoryItemData{{Type: -1, InvType: -1, Name: message.Text(""), Description: message.Text("")}}
	c.tell(now, m)
}

// withClient runs f on the loop of the region that a session is in, if it is
// still there. From an HTTP goroutine: it waits for room in the loop's mailbox,
// for which no loop may wait. That the grid closes meanwhile is no matter.
func (g *Grid) withClient(s *session, f func(now circuit.Instant, c *client)) {
	r := s.entry.region
	_ = r.loop.Post(context.Background(), func(now circuit.Instant) {
		if c := r.clients[s.agentID]; c != nil && c.session == s {
			f(now, c)
		}
	})
}
