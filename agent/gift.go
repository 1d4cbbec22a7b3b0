package agent

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// Dialogs of instant messages that offer things.
const (
	DialogInventoryOffer    = 4
	DialogInventoryAccept   = 5
	DialogInventoryDecline  = 6
	DialogObjectOffer       = 9 // an object gives something
	DialogObjectGiftAccept  = 10
	DialogObjectGiftDecline = 11
)

// InventoryOffered is something that a resident or an object gives. On OpenSim
// it is in the agent's inventory already, as Item, whatever becomes of the
// offer.
type InventoryOffered struct {
	At         circuit.Instant
	From       uuid.UUID // the resident, or the object's owner
	FromName   string
	FromObject bool
	ID         uuid.UUID // of the offer
	Type       AssetType // AssetFolder for a folder with all in it
	Item       uuid.UUID // or folder; uuid.Nil where the offer doesn't say
	Name       string
}

// InventoryAnswered is what the receiver of a gift did with it.
type InventoryAnswered struct {
	At       circuit.Instant
	From     uuid.UUID // who was given to
	ID       uuid.UUID // of the offer
	Accepted bool
}

// offerBucket is what an offer's bucket holds: a byte of asset type and an id.
const offerBucket = 17

// tellGift makes the events of the dialogs about gifts, for those who listen.
func (r *region) tellGift(at circuit.Instant, m *message.ImprovedInstantMessage) {
	b := &m.MessageBlock
	switch b.Dialog {
	case DialogInventoryOffer, DialogObjectOffer:
		if !listens[InventoryOffered](r.agent) {
			return
		}
		e := InventoryOffered{
			At: at, From: m.AgentData.AgentID, FromName: message.String(b.FromAgentName), Name: message.String(b.Message),
			FromObject: b.Dialog == DialogObjectOffer, ID: b.ID,
		}
		if len(b.BinaryBucket) > 0 {
			e.Type = AssetType(b.BinaryBucket[0])
		}
		if len(b.BinaryBucket) >= offerBucket {
			e.Item = uuid.UUID(b.BinaryBucket[1:offerBucket])
		}
		emit(r.agent, e)
	case DialogInventoryAccept, DialogInventoryDecline:
		if listens[InventoryAnswered](r.agent) {
			emit(r.agent, InventoryAnswered{At: at, From: m.AgentData.AgentID, ID: b.ID, Accepted: b.Dialog == DialogInventoryAccept})
		}
	}
}

// Give offers an item to a resident, who gets an InventoryOffered. It returns
// when the simulator has acknowledged the offer: what is done to the item after
// that, by HTTP, must not overtake it. An item that may not be copied leaves the
// agent's inventory. What may not be given, or can't be, is answered by an alert
// only.
func (i Inventory) Give(ctx context.Context, it Item, to uuid.UUID) error {
	return i.give(ctx, it.Type, it.ID, it.Name, to)
}

// GiveFolder offers a folder with all that is in it.
func (i Inventory) GiveFolder(ctx context.Context, f Folder, to uuid.UUID) error {
	return i.give(ctx, AssetFolder, f.ID, f.Name, to)
}

func (i Inventory) give(ctx context.Context, kind AssetType, id uuid.UUID, name string, to uuid.UUID) error {
	offer := dialog{kind: DialogInventoryOffer, to: to, id: uuid.New(), text: name, bucket: append([]byte{byte(kind)}, id[:]...)}
	err := i.a.deliverMade(ctx, func() message.Message {
		m := i.a.instantMessage(offer)
		return &m
	})
	if err != nil {
		return fmt.Errorf("give %q: %w", name, err)
	}
	return nil
}

// Accept takes what was offered, into a folder; uuid.Nil leaves it where its
// kind belongs. The giver gets an InventoryAnswered.
func (i Inventory) Accept(ctx context.Context, o InventoryOffered, into uuid.UUID) error {
	kind := uint8(DialogInventoryAccept)
	if o.FromObject {
		kind = DialogObjectGiftAccept
	}
	return i.a.tellDialog(ctx, dialog{kind: kind, to: o.From, id: o.ID, bucket: into[:]})
}

// Decline refuses what was offered: it goes to Trash. The giver, if it is a
// resident, gets an InventoryAnswered.
func (i Inventory) Decline(ctx context.Context, o InventoryOffered) error {
	kind := uint8(DialogInventoryDecline)
	if o.FromObject {
		kind = DialogObjectGiftDecline
	}
	return i.a.tellDialog(ctx, dialog{kind: kind, to: o.From, id: o.ID})
}
