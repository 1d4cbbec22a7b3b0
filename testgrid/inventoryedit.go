package testgrid

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// What clients call their things and say of them is cut, so that what carries
// it fits a datagram: bytes of items' and objects' texts.
const (
	longestItemName    = 63
	longestDescription = 127
)

func clip(b []byte, most int) string { return cut(message.String(b), most) }

func (g *Grid) onCreateFolder(ev *circuit.Event) {
	m := ev.Message.(*message.CreateInventoryFolder)
	if c := clientOf(ev, m.AgentData.AgentID, m.AgentData.SessionID); c != nil {
		f := &m.FolderData
		g.makeFolder(c.session.agentID, folder{id: f.FolderID, parent: f.ParentID, name: clip(f.Name, longestItemName), kind: int32(f.Type)})
	}
}

// makeFolder adds a folder of a resident's making. The root has one system
// folder of each type at most.
func (g *Grid) makeFolder(owner uuid.UUID, f folder) bool {
	if f.kind != noFolderType && f.parent == rootFolder(owner) && g.inventories.folderFor(owner, f.kind) != rootFolder(owner) {
		return false
	}
	return g.inventories.addFolder(owner, f)
}

// onUpdateFolder renames and moves folders; those with a type keep their names.
func (g *Grid) onUpdateFolder(ev *circuit.Event) {
	m := ev.Message.(*message.UpdateInventoryFolder)
	c := clientOf(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	for _, b := range m.FolderData {
		if f, ok := g.inventories.folder(c.session.agentID, b.FolderID); ok && f.kind == noFolderType {
			g.inventories.moveFolder(c.session.agentID, b.FolderID, b.ParentID, clip(b.Name, longestItemName))
		}
	}
}

func (g *Grid) onMoveFolder(ev *circuit.Event) {
	m := ev.Message.(*message.MoveInventoryFolder)
	c := clientOf(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	for _, b := range m.InventoryData {
		g.inventories.moveFolder(c.session.agentID, b.FolderID, b.ParentID, "")
	}
}

func (g *Grid) onRemoveFolder(ev *circuit.Event) {
	m := ev.Message.(*message.RemoveInventoryFolder)
	if c := clientOf(ev, m.AgentData.AgentID, m.AgentData.SessionID); c != nil {
		for _, b := range m.FolderData {
			g.discard(c.session.agentID, b.FolderID)
		}
	}
}

// discard removes a folder for good, if it lies in Trash or Lost And Found: so
// OpenSim guards against clients that delete what they didn't mean to.
func (g *Grid) discard(owner, id uuid.UUID) {
	if g.inventories.rubbish(owner, id) {
		g.inventories.removeFolder(owner, id)
	}
}

func (g *Grid) onPurge(ev *circuit.Event) {
	m := ev.Message.(*message.PurgeInventoryDescendents)
	c := clientOf(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c != nil && g.inventories.rubbish(c.session.agentID, m.InventoryData.FolderID) {
		g.inventories.purge(c.session.agentID, m.InventoryData.FolderID)
	}
}

func (g *Grid) onRemoveItem(ev *circuit.Event) {
	m := ev.Message.(*message.RemoveInventoryItem)
	if c := clientOf(ev, m.AgentData.AgentID, m.AgentData.SessionID); c != nil {
		for _, b := range m.InventoryData {
			g.inventories.remove(c.session.agentID, b.ItemID)
		}
	}
}

func (g *Grid) onRemoveObjects(ev *circuit.Event) {
	m := ev.Message.(*message.RemoveInventoryObjects)
	c := clientOf(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	for _, b := range m.FolderData {
		g.discard(c.session.agentID, b.FolderID)
	}
	for _, b := range m.ItemData {
		g.inventories.remove(c.session.agentID, b.ItemID)
	}
}

func (g *Grid) onMoveItem(ev *circuit.Event) {
	m := ev.Message.(*message.MoveInventoryItem)
	c := clientOf(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	for _, b := range m.InventoryData {
		g.inventories.move(c.session.agentID, b.ItemID, b.FolderID, clip(b.NewName, longestItemName))
	}
}

// onCreateItem makes an item. Its data is what the client uploads in the
// transaction that it names, else what a new thing of that kind begins with.
func (g *Grid) onCreateItem(ev *circuit.Event) {
	m := ev.Message.(*message.CreateInventoryItem)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	b := &m.InventoryBlock
	it := newItem(c.session.agentID, b.Type, clip(b.Name, longestItemName), uuid.Nil)
	it.use, it.folder, it.description = b.InvType, b.FolderID, clip(b.Description, longestDescription)
	it.perms.next = b.NextOwnerMask
	if b.Type == kindClothing || b.Type == kindBodyPart {
		it.flags = uint32(b.WearableType)
	}
	if transaction, callback := b.TransactionID, b.CallbackID; transaction != uuid.Nil {
		c.awaitUpload(ev.Now, transaction, func(now circuit.Instant, assetID uuid.UUID) {
			it.asset = assetID
			c.tellCreatedFor(now, transaction, callback, g.inventories.put(c.session.agentID, it))
		})
		return
	}
	it.asset = g.firstAsset(c, b.Type)
	if b.Type == kindLandmark {
		it.perms.group, it.perms.everyone = permAll, permAll&^permModify
	}
	c.tellCreated(ev.Now, b.CallbackID, g.inventories.put(c.session.agentID, it))
}

// firstAsset is what a new item of a kind stands for before anybody has written
// to it.
func (g *Grid) firstAsset(c *client, kind int8) uuid.UUID {
	a := asset{kind: kind}
	switch kind {
	case kindNotecard:
		a.id, a.data = derivedID(agentNamespace, "empty note"), notecard("")
	case kindScript:
		a.id, a.data = derivedID(agentNamespace, "new script"), []byte(helloScript)
	case kindLandmark:
		a.data = c.landmark()
	default:
		return uuid.Nil
	}
	id, err := g.assets.put(a)
	if err != nil {
		g.log.Warn("new item without data", "error", err)
	}
	return id
}

// landmark is the asset of a landmark: where the avatar stands.
func (c *client) landmark() []byte {
	p, handle := c.motion.pos, c.region.handle()
	return fmt.Appendf(nil, "Landmark version 2\nregion_id %s\nlocal_pos %g %g %g\nregion_handle %d\ngatekeeper \n",
		c.region.id, p.X, p.Y, p.Z, handle)
}

func (g *Grid) onLinkItem(ev *circuit.Event) {
	m := ev.Message.(*message.LinkInventoryItem)
	c := clientOf(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	b := &m.InventoryBlock
	it := newItem(c.session.agentID, b.Type, clip(b.Name, longestItemName), b.OldItemID)
	it.use, it.folder, it.description = b.InvType, b.FolderID, clip(b.Description, longestDescription)
	c.tellCreated(ev.Now, b.CallbackID, g.inventories.put(c.session.agentID, it))
}

// onCopyItem copies an item of the client's own or of the library, if it may be
// copied; else nothing is said.
func (g *Grid) onCopyItem(ev *circuit.Event) {
	m := ev.Message.(*message.CopyInventoryItem)
	c := clientOf(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	for _, b := range m.InventoryData {
		it, ok := g.inventories.item(libraryOwner, b.OldItemID)
		if !ok {
			it, ok = g.inventories.item(c.session.agentID, b.OldItemID)
		}
		if !ok || it.perms.owner&permCopy == 0 {
			continue
		}
		it.id, it.folder, it.created = uuid.New(), b.NewFolderID, int32(time.Now().Unix())
		if name := clip(b.NewName, longestItemName); name != "" {
			it.name = name
		}
		c.tellCreated(ev.Now, b.CallbackID, g.inventories.put(c.session.agentID, it))
	}
}

// onUpdateItem changes what a resident may change of an item. Next owner's
// permissions are never none: a message that says so is about name and
// description only.
func (g *Grid) onUpdateItem(ev *circuit.Event) {
	m := ev.Message.(*message.UpdateInventoryItem)
	c := clientOf(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	for _, b := range m.InventoryData {
		it, ok := g.inventories.change(c.session.agentID, b.ItemID, func(it *item) {
			it.name, it.description = clip(b.Name, longestItemName), clip(b.Description, longestDescription)
			it.flags = it.flags&^0xff | b.Flags&0xff
			if b.NextOwnerMask != 0 {
				it.perms.next, it.perms.everyone = b.NextOwnerMask&it.perms.base, b.EveryoneMask&it.perms.base
				it.perms.group, it.group, it.groupOwned = b.GroupMask&it.perms.base, b.GroupID, b.GroupOwned
				it.saleType, it.price = b.SaleType, b.SalePrice
			}
		})
		if ok && b.TransactionID != uuid.Nil {
			c.awaitUpload(ev.Now, b.TransactionID, func(now circuit.Instant, assetID uuid.UUID) {
				if it, ok := g.inventories.change(c.session.agentID, it.id, func(it *item) { it.asset = assetID }); ok {
					c.tellCreatedFor(now, b.TransactionID, 0, it)
				}
			})
		}
	}
}
