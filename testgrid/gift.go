package testgrid

import (
	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// Dialogs of inventory offers.
const (
	dialogOffer       = 4
	dialogAccept      = 5
	dialogDecline     = 6
	dialogTaskAccept  = 10
	dialogTaskDecline = 11
)

// kindFolder is the asset type by which an offer names a whole folder.
const kindFolder = 8

// offerBucket is what an offer's bucket begins with: a byte of asset type and an
// id.
const offerBucket = 17

// onGift acts on the dialogs of inventory offers; it tells whether m is one.
// What is offered is put into the receiver's inventory at once, as OpenSim does;
// accepting leaves it there, declining puts it into Trash.
func (g *Grid) onGift(now circuit.Instant, c *client, m *message.ImprovedInstantMessage) bool {
	b := &m.MessageBlock
	switch b.Dialog {
	case dialogOffer:
		g.offer(now, c, m)
	case dialogAccept:
		c.region.forward(now, c, m)
	case dialogDecline, dialogTaskDecline:
		g.throwAway(now, c, b.ID)
		if b.Dialog == dialogDecline {
			c.region.forward(now, c, m)
		}
	case dialogTaskAccept:
		if len(b.BinaryBucket) >= 16 {
			g.inventories.move(c.session.agentID, b.ID, uuid.UUID(b.BinaryBucket[:16]), "")
		}
	default:
		return false
	}
	return true
}

// offer gives an item or a folder to a resident, and sends the offer on with
// the copy's id in place of the original's.
func (g *Grid) offer(now circuit.Instant, c *client, m *message.ImprovedInstantMessage) {
	b := &m.MessageBlock
	if len(b.BinaryBucket) < offerBucket {
		return
	}
	kind, id := int8(b.BinaryBucket[0]), uuid.UUID(b.BinaryBucket[1:offerBucket])
	if _, _, known := g.directory.name(b.ToAgentID); !known {
		c.region.bounce(now, c, m)
		return
	}
	var copied uuid.UUID
	var why string
	if kind == kindFolder {
		copied, why = g.giveFolder(now, c, id, b.ToAgentID)
	} else {
		copied, why = g.giveItem(now, c, id, b.ToAgentID)
	}
	if why != "" {
		c.alert(now, why)
		return
	}
	out := *m
	out.MessageBlock.ID = copied
	out.MessageBlock.BinaryBucket = append([]byte{byte(kind)}, copied[:]...)
	c.region.forward(now, c, &out)
}

// giveItem copies an item to another resident; one that may not be copied goes.
// Why says what is against it.
func (g *Grid) giveItem(now circuit.Instant, c *client, id, to uuid.UUID) (copied uuid.UUID, why string) {
	from := c.session.agentID
	it, ok := g.inventories.item(from, id)
	switch {
	case !ok:
		return uuid.Nil, "Item not found: " + id.String() + "."
	case it.kind == kindLink || it.kind == kindLinkFolder:
		return uuid.Nil, "Can't give a link. Nothing given."
	case it.perms.owner&permTransfer == 0:
		return uuid.Nil, "Item doesn't have the Transfer permission."
	}
	gift := it.given(to)
	gift.folder = uuid.Nil
	gift = g.inventories.put(to, gift)
	if it.perms.owner&permCopy == 0 {
		g.inventories.remove(from, id)
	}
	c.region.withAnyone(now, to, func(now circuit.Instant, target *client) { target.tellItems(now, gift) })
	return gift.id, ""
}

// giveFolder copies a folder with all that may be given of it into another
// resident's root.
func (g *Grid) giveFolder(now circuit.Instant, c *client, id, to uuid.UUID) (copied uuid.UUID, why string) {
	from := c.session.agentID
	for _, it := range g.inventories.itemsUnder(from, id) {
		if it.perms.owner&(permTransfer|permCopy) != permTransfer|permCopy {
			return uuid.Nil, "The folder holds what can't be given or copied. Nothing given."
		}
	}
	made := g.inventories.copyTree(from, id, to, rootFolder(to))
	if made == nil {
		return uuid.Nil, "Can't find folder to give. Nothing given."
	}
	f, _, items, _ := g.inventories.contents(to, made[0])
	c.region.withAnyone(now, to, func(now circuit.Instant, target *client) {
		target.tellFolder(now, f)
		target.tellItems(now, items...)
	})
	return made[0], ""
}

// throwAway puts an item or a folder into Trash and tells the client so.
func (g *Grid) throwAway(now circuit.Instant, c *client, id uuid.UUID) {
	owner := c.session.agentID
	trash := g.inventories.folderFor(owner, kindTrash)
	if g.inventories.move(owner, id, trash, "") {
		it, _ := g.inventories.item(owner, id)
		c.tellCreated(now, 0, it)
	} else if g.inventories.moveFolder(owner, id, trash, "") {
		f, _ := g.inventories.folder(owner, id)
		c.tellFolder(now, f)
	}
}
