package agent

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// OpInventory is the operation that fetching a folder or an item over UDP
// reports; over HTTP it is caps.<Name>.
const OpInventory = "msg.inventory"

// contentsByUDP asks by FetchInventoryDescendents. The answer comes in as many
// InventoryDescendents as it takes, in any order, each of which says how many
// folders and items there are in all. A block of an empty folder has no id.
func (i Inventory) contentsByUDP(ctx context.Context, folder uuid.UUID) (Contents, error) {
	a := i.a
	c := Contents{Folder: folder}
	seen := map[uuid.UUID]bool{}
	return timed(ctx, a, OpInventory, func() (Contents, error) {
		return request(ctx, a, "InventoryDescendents", message.IDInventoryDescendents, func(now circuit.Instant) error {
			m := message.FetchInventoryDescendents{AgentData: message.FetchInventoryDescendentsAgentData{AgentID: a.ID, SessionID: a.session}}
			m.InventoryData = message.FetchInventoryDescendentsInventoryData{
				FolderID: folder, OwnerID: i.owner, FetchFolders: true, FetchItems: true,
			}
			return a.send(now, &m)
		}, func(got message.Message) (Contents, bool) {
			m := got.(*message.InventoryDescendents)
			if m.AgentData.FolderID != folder {
				return c, false // of another request
			}
			c.add(m, seen)
			return c, int32(len(seen)) >= c.Descendents
		})
	})
}

// add takes in one message of the answer. OpenSim adds the items that links
// point to, wherever they are: those are no contents of this folder.
func (c *Contents) add(m *message.InventoryDescendents, seen map[uuid.UUID]bool) {
	c.Version, c.Descendents = m.AgentData.Version, m.AgentData.Descendents
	for _, f := range m.FolderData {
		if f.FolderID != uuid.Nil && !seen[f.FolderID] {
			seen[f.FolderID] = true
			c.Folders = append(c.Folders, Folder{ID: f.FolderID, Parent: f.ParentID, Name: message.String(f.Name), Type: FolderType(f.Type)})
		}
	}
	for _, b := range m.ItemData {
		if b.ItemID != uuid.Nil && b.FolderID == c.Folder && !seen[b.ItemID] {
			seen[b.ItemID] = true
			c.Items = append(c.Items, itemOf(message.FetchInventoryReplyInventoryData(b)))
		}
	}
}

func (i Inventory) itemByUDP(ctx context.Context, id uuid.UUID) (Item, error) {
	a := i.a
	return timed(ctx, a, OpInventory, func() (Item, error) {
		return request(ctx, a, "FetchInventoryReply", message.IDFetchInventoryReply, func(now circuit.Instant) error {
			m := message.FetchInventory{AgentData: message.FetchInventoryAgentData{AgentID: a.ID, SessionID: a.session}}
			m.InventoryData = []message.FetchInventoryInventoryData{{OwnerID: i.owner, ItemID: id}}
			return a.send(now, &m)
		}, func(m message.Message) (Item, bool) {
			for _, b := range m.(*message.FetchInventoryReply).InventoryData {
				if b.ItemID == id {
					return itemOf(b), true
				}
			}
			return Item{}, false
		})
	})
}

// itemOf reads an item's block, of which it copies all.
func itemOf(b message.FetchInventoryReplyInventoryData) Item {
	return Item{
		ID: b.ItemID, Folder: b.FolderID, Name: message.String(b.Name), Description: message.String(b.Description),
		Asset: b.AssetID, Type: AssetType(b.Type), InvType: b.InvType, Creator: b.CreatorID, Owner: b.OwnerID,
		Group: b.GroupID, GroupOwned: b.GroupOwned, Flags: b.Flags, SaleType: b.SaleType, SalePrice: b.SalePrice,
		Permissions: Permissions{Mask(b.BaseMask), Mask(b.OwnerMask), Mask(b.GroupMask), Mask(b.EveryoneMask), Mask(b.NextOwnerMask)},
		Created:     time.Unix(int64(b.CreationDate), 0).UTC(),
	}
}

// timed runs f and reports how long it took, from the planned start that ctx
// carries.
func timed[T any](ctx context.Context, a *Agent, op string, f func() (T, error)) (T, error) {
	sent := a.loop.Now()
	planned := intended(ctx, sent)
	v, err := f()
	a.report(op, planned, sent, a.loop.Now(), err)
	return v, err
}
