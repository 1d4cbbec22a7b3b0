package agent

import (
	"context"

	"github.com/google/uuid"
	"github.com/slload/slload/message"
)

// Take takes a linkset into a folder of the agent's inventory (uuid.Nil: where
// it came from, or the simulator's choice) and gives the item that it is now.
func (o Objects) Take(ctx context.Context, id uint32, folder uuid.UUID) (Item, error) {
	return o.take(ctx, id, derezTake, folder)
}

// TakeCopy puts a copy of a linkset into the agent's inventory: OpenSim puts
// it into Objects, whatever the folder. Of others' objects it has the next
// owner's permissions. A simulator that refuses says so in an AlertMessage.
func (o Objects) TakeCopy(ctx context.Context, id uint32, folder uuid.UUID) (Item, error) {
	return o.take(ctx, id, derezTakeCopy, folder)
}

func (o Objects) take(ctx context.Context, id uint32, how uint8, folder uuid.UUID) (Item, error) {
	return o.newItem(ctx, o.derezMessage(how, folder, []uint32{id}))
}

// newItem sends m and waits for the item that it makes of an object. No number
// ties the two together: one such request of an agent is under way at a time,
// and the first object that comes into the inventory is it, but for those that
// were asked for by a callback's number (CreateItem, Copy), and those that were
// thrown away before: OpenSim tells of them half a second later.
func (o Objects) newItem(ctx context.Context, m message.Message) (Item, error) {
	trash, err := o.trash(ctx)
	if err != nil {
		return Item{}, err
	}
	return requestAlone(ctx, o.a, "the object's item (UpdateCreateInventoryItem)", message.IDUpdateCreateInventoryItem, o.a.sending(m),
		func(m message.Message) (Item, bool) {
			for i := range m.(*message.UpdateCreateInventoryItem).InventoryData {
				b := &m.(*message.UpdateCreateInventoryItem).InventoryData[i]
				thrown := trash != uuid.Nil && b.FolderID == trash
				if AssetType(b.Type) == AssetObject && b.CallbackID == 0 && !thrown {
					return createdItem(b), true
				}
			}
			return Item{}, false
		})
}

// Rez puts an object of the agent's inventory into the region, and waits until
// the agent sees it. An item that mustn't be copied leaves the inventory.
func (o Objects) Rez(ctx context.Context, it Item, at message.Vector3) (Object, error) {
	m := &message.RezObject{}
	m.AgentData.AgentID, m.AgentData.SessionID = o.a.ID, o.a.session
	m.RezData = message.RezObjectRezData{
		BypassRaycast: 1, RayStart: at, RayEnd: at, RayEndIsIntersection: true, RezSelected: true,
		RemoveItem: !it.Permissions.Owner.Has(PermCopy), ItemFlags: it.Flags,
		GroupMask: uint32(it.Permissions.Group), EveryoneMask: uint32(it.Everyone), NextOwnerMask: uint32(it.NextOwner),
	}
	m.InventoryData = message.RezObjectInventoryData{
		ItemID: it.ID, FolderID: it.Folder, CreatorID: it.Creator, OwnerID: it.Owner, GroupID: it.Group,
		BaseMask: uint32(it.Base), OwnerMask: uint32(it.Permissions.Owner), GroupMask: uint32(it.Permissions.Group),
		EveryoneMask: uint32(it.Everyone), NextOwnerMask: uint32(it.NextOwner), GroupOwned: it.GroupOwned,
		Type: int8(it.Type), InvType: it.InvType, Flags: it.Flags, SaleType: it.SaleType, SalePrice: it.SalePrice,
		Name: message.Text(it.Name), Description: message.Text(it.Description), CreationDate: int32(it.Created.Unix()),
	}
	return o.appear(ctx, "", m, nil)
}

// Buy buys a linkset as it is offered: what it costs and how it is sold must
// be as the properties say. What is bought, if it is a copy or contents, goes
// into folder (uuid.Nil: where its kind belongs). PropertiesWhen tells when an
// original has changed hands; a refusal comes as an AlertMessage.
func (o Objects) Buy(ctx context.Context, id uint32, sale SaleType, price int32, folder uuid.UUID) error {
	return o.a.tellRegion(ctx, o.buyMessage(id, sale, price, folder))
}

// BuyCopy is Buy for what is sold as a copy, and gives its item.
func (o Objects) BuyCopy(ctx context.Context, id uint32, price int32, folder uuid.UUID) (Item, error) {
	return o.newItem(ctx, o.buyMessage(id, SaleCopy, price, folder))
}

func (o Objects) buyMessage(id uint32, sale SaleType, price int32, folder uuid.UUID) *message.ObjectBuy {
	m := &message.ObjectBuy{ObjectData: []message.ObjectBuyObjectData{{ObjectLocalID: id, SaleType: uint8(sale), SalePrice: price}}}
	m.AgentData.AgentID, m.AgentData.SessionID, m.AgentData.CategoryID = o.a.ID, o.a.session, folder
	return m
}
