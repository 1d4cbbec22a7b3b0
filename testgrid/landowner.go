package testgrid

import (
	"slices"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// hand gives a parcel to somebody, and tells everybody.
func (r *region) hand(now circuit.Instant, p *parcel, owner uuid.UUID, group bool) {
	p.owner, p.groupLand, p.abandoned = owner, group, false
	p.update.ParcelFlags &^= parcelForSale | parcelSearch
	p.update.SalePrice, p.update.AuthBuyerID, p.update.GroupID = 0, uuid.Nil, uuid.Nil
	if group {
		p.update.GroupID = owner
	}
	r.landChanged(now)
	r.parcelChanged(p)
}

// onBuyParcel sells a parcel that is for sale to who pays its price.
func (g *Grid) onBuyParcel(ev *circuit.Event) {
	m := ev.Message.(*message.ParcelBuy)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	p := c.region.land.byID(m.Data.LocalID)
	if p == nil || p.update.ParcelFlags&parcelForSale == 0 || m.ParcelData.Price < p.update.SalePrice || m.Data.IsGroupOwned {
		return
	}
	buyer := c.session.agentID
	if only := p.update.AuthBuyerID; only != uuid.Nil && only != buyer || p.owner == buyer {
		return
	}
	if price := p.update.SalePrice; price > 0 {
		if _, _, ok := g.records.pay(buyer, p.owner, price); !ok {
			c.alert(ev.Now, "You don't have enough L$.")
			return
		}
	}
	c.region.hand(ev.Now, p, buyer, false)
}

// onReleaseParcel gives a parcel back to the estate, and anybody may claim it.
func (g *Grid) onReleaseParcel(ev *circuit.Event) {
	m := ev.Message.(*message.ParcelRelease)
	if c, p := parcelOf(ev, m.AgentData.AgentID, m.AgentData.SessionID, m.Data.LocalID); p != nil {
		c.region.hand(ev.Now, p, estateOwner, false)
		p.abandoned = true
	}
}

// onClaimParcels gives who claims pieces of land the parcels that lie in them
// whole and that their owners have released. OpenSim knows no such request.
func (g *Grid) onClaimParcels(ev *circuit.Event) {
	m := ev.Message.(*message.ParcelClaim)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil || m.Data.IsGroupOwned {
		return
	}
	for _, d := range m.ParcelData {
		list, ok := within(d.West, d.South, d.East, d.North)
		if !ok {
			continue
		}
		for _, p := range c.region.land.among(list) {
			if p.abandoned && p.liesIn(list) {
				c.region.hand(ev.Now, p, c.session.agentID, false)
			}
		}
	}
}

// liesIn tells whether these squares are all of a parcel's, or more.
func (p *parcel) liesIn(list []int) bool {
	n := int32(0)
	for _, i := range list {
		if p.squares[i] {
			n++
		}
	}
	return n*landUnit*landUnit == p.area()
}

// onReclaimParcel takes a parcel back, for the estate's owner.
func (g *Grid) onReclaimParcel(ev *circuit.Event) {
	m := ev.Message.(*message.ParcelReclaim)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil || c.session.agentID != estateOwner {
		return
	}
	if p := c.region.land.byID(m.Data.LocalID); p != nil {
		c.region.hand(ev.Now, p, estateOwner, false)
	}
}

// onDeedParcel gives a parcel to a group in which its owner may take land.
func (g *Grid) onDeedParcel(ev *circuit.Event) {
	m := ev.Message.(*message.ParcelDeedToGroup)
	c, p := parcelOf(ev, m.AgentData.AgentID, m.AgentData.SessionID, m.Data.LocalID)
	if p == nil || !g.groups.allowed(m.Data.GroupID, c.session.agentID, powerLandDeed, func(*group) {}) {
		return
	}
	c.region.hand(ev.Now, p, m.Data.GroupID, true)
}

// Which objects ParcelSelectObjects and ParcelReturnObjects mean, as bits.
const (
	objectsOwners = 1 << 1
	objectsGroups = 1 << 2
	objectsOthers = 1 << 3
	objectsListed = 1 << 4
)

// chosen lists the linksets on a parcel that a request means.
func (r *region) chosen(p *parcel, kind uint32, owners []uuid.UUID) []*prim {
	var list []*prim
	for _, q := range r.prims.list {
		if q.root != q || q.owner == uuid.Nil || r.land.at(q.pos.X, q.pos.Y) != p {
			continue
		}
		inGroup := p.update.GroupID != uuid.Nil && q.group == p.update.GroupID
		if kind&objectsOwners != 0 && q.owner == p.owner || kind&objectsGroups != 0 && inGroup ||
			kind&objectsOthers != 0 && q.owner != p.owner && !inGroup || kind&objectsListed != 0 && slices.Contains(owners, q.owner) {
			list = append(list, q)
		}
	}
	return list
}

func (g *Grid) onSelectObjects(ev *circuit.Event) {
	m := ev.Message.(*message.ParcelSelectObjects)
	c, p := parcelOf(ev, m.AgentData.AgentID, m.AgentData.SessionID, m.ParcelData.LocalID)
	if p == nil {
		return
	}
	var owners []uuid.UUID
	for _, d := range m.ReturnIDs {
		owners = append(owners, d.ReturnID)
	}
	const perMessage = 200
	chosen := c.region.chosen(p, m.ParcelData.ReturnType, owners)
	for start := 0; start < len(chosen); start += perMessage {
		out := &message.ForceObjectSelect{}
		out.Header.ResetList = start == 0
		for _, q := range chosen[start:min(start+perMessage, len(chosen))] {
			out.Data = append(out.Data, message.ForceObjectSelectData{LocalID: q.localID})
		}
		c.tell(ev.Now, out)
	}
}

// onReturnObjects sends objects back to their owners' inventories.
func (g *Grid) onReturnObjects(ev *circuit.Event) {
	m := ev.Message.(*message.ParcelReturnObjects)
	c, p := parcelOf(ev, m.AgentData.AgentID, m.AgentData.SessionID, m.ParcelData.LocalID)
	if p == nil {
		return
	}
	var owners []uuid.UUID
	for _, d := range m.OwnerIDs {
		owners = append(owners, d.OwnerID)
	}
	for _, q := range c.region.chosen(p, m.ParcelData.ReturnType, owners) {
		folder := g.inventories.folderFor(q.owner, kindLostAndFound)
		if g.stow(ev.Now, c, q, q.owner, folder) {
			c.region.removePrim(q)
		}
	}
}

// onDisableObjects stops the scripts of objects. OpenSim knows no such request;
// this is what its senders mean by it.
func (g *Grid) onDisableObjects(ev *circuit.Event) {
	m := ev.Message.(*message.ParcelDisableObjects)
	c, p := parcelOf(ev, m.AgentData.AgentID, m.AgentData.SessionID, m.ParcelData.LocalID)
	if p == nil {
		return
	}
	var owners []uuid.UUID
	for _, d := range m.OwnerIDs {
		owners = append(owners, d.OwnerID)
	}
	for _, root := range c.region.chosen(p, m.ParcelData.ReturnType, owners) {
		for _, q := range root.all() {
			for _, it := range q.contents {
				it.running = false
			}
		}
		c.region.looksAll(root)
	}
}

func (g *Grid) onObjectOwners(ev *circuit.Event) {
	m := ev.Message.(*message.ParcelObjectOwnersRequest)
	c, p := parcelOf(ev, m.AgentData.AgentID, m.AgentData.SessionID, m.ParcelData.LocalID)
	if p == nil {
		return
	}
	const perReply = 40
	reply := &message.ParcelObjectOwnersReply{}
	for _, q := range c.region.chosen(p, objectsOwners|objectsGroups|objectsOthers, nil) {
		i := slices.IndexFunc(reply.Data, func(d message.ParcelObjectOwnersReplyData) bool { return d.OwnerID == q.owner })
		if i < 0 && len(reply.Data) < perReply {
			i = len(reply.Data)
			online := g.directory.byAgent(q.owner) != nil
			reply.Data = append(reply.Data, message.ParcelObjectOwnersReplyData{OwnerID: q.owner, OnlineStatus: online})
		}
		if i >= 0 {
			reply.Data[i].Count += int32(len(q.all()))
		}
	}
	if len(reply.Data) == 0 {
		reply.Data = make([]message.ParcelObjectOwnersReplyData, 1)
	}
	c.tell(ev.Now, reply)
}
