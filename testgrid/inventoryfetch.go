package testgrid

import (
	"slices"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// dispatchInventory says which messages of the inventory the grid acts on.
func (g *Grid) dispatchInventory(d *circuit.Dispatch) {
	d.On(message.IDFetchInventoryDescendents, g.onFetchDescendents)
	d.On(message.IDFetchInventory, g.onFetchInventory)
	d.On(message.IDCreateInventoryFolder, g.onCreateFolder)
	d.On(message.IDUpdateInventoryFolder, g.onUpdateFolder)
	d.On(message.IDMoveInventoryFolder, g.onMoveFolder)
	d.On(message.IDRemoveInventoryFolder, g.onRemoveFolder)
	d.On(message.IDPurgeInventoryDescendents, g.onPurge)
	d.On(message.IDRemoveInventoryObjects, g.onRemoveObjects)
	d.On(message.IDCreateInventoryItem, g.onCreateItem)
	d.On(message.IDLinkInventoryItem, g.onLinkItem)
	d.On(message.IDCopyInventoryItem, g.onCopyItem)
	d.On(message.IDMoveInventoryItem, g.onMoveItem)
	d.On(message.IDUpdateInventoryItem, g.onUpdateItem)
	d.On(message.IDRemoveInventoryItem, g.onRemoveItem)
}

// readable is whose inventory a client may read: its own, or the library.
func (c *client) readable(owner uuid.UUID) uuid.UUID {
	if owner == libraryOwner {
		return libraryOwner
	}
	return c.session.agentID
}

// foldersPerMessage is how many folders one InventoryDescendents carries, as
// OpenSim has it.
const foldersPerMessage = 6

// onFetchDescendents tells what is in a folder, folders first, never both in one
// message. Of one that isn't there nothing is said.
func (g *Grid) onFetchDescendents(ev *circuit.Event) {
	m := ev.Message.(*message.FetchInventoryDescendents)
	c := clientOf(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	owner := c.readable(m.InventoryData.OwnerID)
	f, folders, items, ok := g.inventories.contents(owner, m.InventoryData.FolderID)
	if !ok {
		return
	}
	total := int32(len(folders) + len(items))
	if !m.InventoryData.FetchFolders {
		folders = nil
	}
	if m.InventoryData.FetchItems {
		items = append(g.inventories.linked(owner, items), items...)
	} else {
		items = nil
	}
	page := func() *message.InventoryDescendents {
		p := &message.InventoryDescendents{}
		p.AgentData.AgentID, p.AgentData.FolderID, p.AgentData.OwnerID = c.session.agentID, f.id, owner
		p.AgentData.Version, p.AgentData.Descendents = f.version, total
		return p
	}
	if len(folders)+len(items) == 0 {
		c.tell(ev.Now, page())
	}
	for batch := range slices.Chunk(folders, foldersPerMessage) {
		p := page()
		for _, sub := range batch {
			p.FolderData = append(p.FolderData, message.InventoryDescendentsFolderData{
				FolderID: sub.id, ParentID: sub.parent, Type: int8(sub.kind), Name: message.Text(sub.name),
			})
		}
		c.tell(ev.Now, p)
	}
	for batch := range slices.Chunk(items, itemBatch) {
		p := page()
		for _, it := range batch {
			p.ItemData = append(p.ItemData, message.InventoryDescendentsItemData(it.reply()))
		}
		c.tell(ev.Now, p)
	}
}

// reply is an item as FetchInventoryReply carries it.
func (it *item) reply() message.FetchInventoryReplyInventoryData {
	b := it.block(0)
	return message.FetchInventoryReplyInventoryData{
		ItemID: b.ItemID, FolderID: b.FolderID, CreatorID: b.CreatorID, OwnerID: b.OwnerID,
		GroupID: b.GroupID, BaseMask: b.BaseMask, OwnerMask: b.OwnerMask, GroupMask: b.GroupMask,
		EveryoneMask: b.EveryoneMask, NextOwnerMask: b.NextOwnerMask, GroupOwned: b.GroupOwned,
		AssetID: b.AssetID, Type: b.Type, InvType: b.InvType, Flags: b.Flags, SaleType: b.SaleType, SalePrice: b.SalePrice,
		Name: b.Name, Description: b.Description, CreationDate: b.CreationDate,
	}
}

// onFetchInventory tells of the items that are there; of others nothing is said.
func (g *Grid) onFetchInventory(ev *circuit.Event) {
	m := ev.Message.(*message.FetchInventory)
	c := clientOf(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	var found []item
	for _, b := range m.InventoryData {
		if it, ok := g.inventories.item(c.readable(b.OwnerID), b.ItemID); ok {
			found = append(found, it)
		}
	}
	for batch := range slices.Chunk(found, itemBatch) {
		p := &message.FetchInventoryReply{}
		p.AgentData.AgentID = c.session.agentID
		for _, it := range batch {
			p.InventoryData = append(p.InventoryData, it.reply())
		}
		c.tell(ev.Now, p)
	}
}
