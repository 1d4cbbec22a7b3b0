package agent

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// ObjectProperties are what a simulator tells of an object to who selects it.
type ObjectProperties struct {
	ID          uuid.UUID
	Creator     uuid.UUID
	Owner       uuid.UUID // nil where a group owns it
	Group       uuid.UUID
	LastOwner   uuid.UUID
	Created     time.Time
	Name        string
	Description string
	TouchName   string
	SitName     string
	Permissions Permissions // the linkset's
	Sale        SaleType
	Price       int32 // L$
	Category    uint32
	Serial      int16     // counts changes of what is in the object; 0: nothing ever was
	Item        uuid.UUID // of the owner's inventory, that it was rezzed from
}

// SaleType is what a buyer gets.
type SaleType uint8

// What may be for sale.
const (
	NotForSale   SaleType = 0
	SaleOriginal SaleType = 1
	SaleCopy     SaleType = 2
	SaleContents SaleType = 3
)

func propertiesOf(m *message.ObjectPropertiesObjectData) ObjectProperties {
	return ObjectProperties{
		ID: m.ObjectID, Creator: m.CreatorID, Owner: m.OwnerID, Group: m.GroupID, LastOwner: m.LastOwnerID,
		Created: time.UnixMicro(int64(m.CreationDate)),
		Name:    message.String(m.Name), Description: message.String(m.Description),
		TouchName: message.String(m.TouchName), SitName: message.String(m.SitName),
		Permissions: Permissions{Mask(m.BaseMask), Mask(m.OwnerMask), Mask(m.GroupMask), Mask(m.EveryoneMask), Mask(m.NextOwnerMask)},
		Sale:        SaleType(m.SaleType), Price: m.SalePrice, Category: m.Category,
		Serial: m.InventorySerial, Item: m.ItemID,
	}
}

// Select tells the simulator that the agent has its hands on objects, by
// local id: it answers with their ObjectProperties, and physics leaves them
// alone.
func (o Objects) Select(ctx context.Context, ids ...uint32) error {
	return chunks(ids, func(part []uint32) error {
		return o.a.do(ctx, func(now circuit.Instant) error { return o.sendSelect(now, part) })
	})
}

func (o Objects) sendSelect(now circuit.Instant, ids []uint32) error {
	m := &message.ObjectSelect{}
	m.AgentData.AgentID, m.AgentData.SessionID = o.a.ID, o.a.session
	for _, id := range ids {
		m.ObjectData = append(m.ObjectData, message.ObjectSelectObjectData{ObjectLocalID: id})
	}
	return o.a.send(now, m)
}

// Deselect lets go of them.
func (o Objects) Deselect(ctx context.Context, ids ...uint32) error {
	return chunks(ids, func(part []uint32) error {
		m := &message.ObjectDeselect{}
		m.AgentData.AgentID, m.AgentData.SessionID = o.a.ID, o.a.session
		for _, id := range part {
			m.ObjectData = append(m.ObjectData, message.ObjectDeselectObjectData{ObjectLocalID: id})
		}
		return o.a.tellRegion(ctx, m)
	})
}

// Properties selects an object, waits for what the simulator tells of it, and
// lets go.
func (o Objects) Properties(ctx context.Context, b Object) (ObjectProperties, error) {
	p, err := request(ctx, o.a, "ObjectProperties", message.IDObjectProperties, func(now circuit.Instant) error {
		return o.sendSelect(now, []uint32{b.LocalID})
	}, func(m message.Message) (ObjectProperties, bool) {
		for i := range m.(*message.ObjectProperties).ObjectData {
			if d := &m.(*message.ObjectProperties).ObjectData[i]; d.ObjectID == b.ID {
				return propertiesOf(d), true
			}
		}
		return ObjectProperties{}, false
	})
	if err != nil {
		return p, err
	}
	return p, o.Deselect(ctx, b.LocalID)
}

// askAgain is how long PropertiesWhen waits between two looks.
const askAgain = 200 * time.Millisecond

// PropertiesWhen looks at an object's properties until ok accepts them: the
// simulator doesn't tell when it has done what was asked. It gives those that
// it saw last, also where ctx ends first.
func (o Objects) PropertiesWhen(ctx context.Context, b Object, ok func(p ObjectProperties) bool) (ObjectProperties, error) {
	var last ObjectProperties
	for {
		p, err := o.Properties(ctx, b)
		if err != nil {
			return last, err
		}
		if last = p; ok(p) {
			return p, nil
		}
		o.a.pause(ctx, askAgain)
	}
}

// pause waits for d, or less if ctx ends before or the agent leaves.
func (a *Agent) pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-a.done:
	}
}

// ObjectFamily is what a simulator tells of an object to who only points at
// it.
type ObjectFamily struct {
	ID, Owner, Group, LastOwner uuid.UUID
	Permissions                 Permissions
	Sale                        SaleType
	Price                       int32 // L$
	Category                    uint32
	Name, Description           string
}

// Family asks who owns an object and what it is called, without selecting it.
func (o Objects) Family(ctx context.Context, object uuid.UUID) (ObjectFamily, error) {
	return request(ctx, o.a, "ObjectPropertiesFamily", message.IDObjectPropertiesFamily, func(now circuit.Instant) error {
		m := &message.RequestObjectPropertiesFamily{}
		m.AgentData.AgentID, m.AgentData.SessionID = o.a.ID, o.a.session
		m.ObjectData.ObjectID = object
		return o.a.send(now, m)
	}, func(m message.Message) (ObjectFamily, bool) {
		d := &m.(*message.ObjectPropertiesFamily).ObjectData
		return ObjectFamily{
			ID: d.ObjectID, Owner: d.OwnerID, Group: d.GroupID, LastOwner: d.LastOwnerID,
			Permissions: Permissions{Mask(d.BaseMask), Mask(d.OwnerMask), Mask(d.GroupMask), Mask(d.EveryoneMask), Mask(d.NextOwnerMask)},
			Sale:        SaleType(d.SaleType), Price: d.SalePrice, Category: d.Category,
			Name: message.String(d.Name), Description: message.String(d.Description),
		}, d.ObjectID == object
	})
}
