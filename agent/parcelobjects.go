package agent

import (
	"context"

	"github.com/google/uuid"
	"github.com/slload/slload/message"
)

// ObjectChoice is which of a parcel's objects.
type ObjectChoice uint32

// The choices; they can be joined.
const (
	ObjectsOfOwner  ObjectChoice = 1 << 1 // the land's
	ObjectsOfGroup  ObjectChoice = 1 << 2 // set to its group
	ObjectsOfOthers ObjectChoice = 1 << 3
	ObjectsListed   ObjectChoice = 1 << 4 // of the owners that are named
)

// SelectObjects gives the local ids of objects on a parcel, for its owner
// (ForceObjectSelect). None at all are not told of.
func (p Parcels) SelectObjects(ctx context.Context, localID int32, choice ObjectChoice, owners ...uuid.UUID) ([]uint32, error) {
	ask := message.ParcelSelectObjects{
		AgentData:  message.ParcelSelectObjectsAgentData{AgentID: p.a.ID, SessionID: p.a.session},
		ParcelData: message.ParcelSelectObjectsParcelData{LocalID: localID, ReturnType: uint32(choice)},
	}
	for _, id := range orNone(owners) {
		ask.ReturnIDs = append(ask.ReturnIDs, message.ParcelSelectObjectsReturnIDs{ReturnID: id})
	}
	return requestAlone(ctx, p.a, "the selection (ForceObjectSelect)", message.IDForceObjectSelect, p.a.sending(&ask), func(m message.Message) ([]uint32, bool) {
		var ids []uint32
		for _, d := range m.(*message.ForceObjectSelect).Data {
			ids = append(ids, d.LocalID)
		}
		return ids, true
	})
}

// ReturnObjects sends objects of a parcel back to their owners' inventories.
// What became of it is seen: KillObject.
func (p Parcels) ReturnObjects(ctx context.Context, localID int32, choice ObjectChoice, owners ...uuid.UUID) error {
	m := message.ParcelReturnObjects{
		AgentData:  message.ParcelReturnObjectsAgentData{AgentID: p.a.ID, SessionID: p.a.session},
		ParcelData: message.ParcelReturnObjectsParcelData{LocalID: localID, ReturnType: uint32(choice)},
		TaskIDs:    []message.ParcelReturnObjectsTaskIDs{{}},
	}
	for _, id := range orNone(owners) {
		m.OwnerIDs = append(m.OwnerIDs, message.ParcelReturnObjectsOwnerIDs{OwnerID: id})
	}
	return p.a.tellRegion(ctx, &m)
}

// DisableObjects stops the scripts of a parcel's objects. OpenSim knows no
// such request.
func (p Parcels) DisableObjects(ctx context.Context, localID int32, choice ObjectChoice, owners ...uuid.UUID) error {
	m := message.ParcelDisableObjects{
		AgentData:  message.ParcelDisableObjectsAgentData{AgentID: p.a.ID, SessionID: p.a.session},
		ParcelData: message.ParcelDisableObjectsParcelData{LocalID: localID, ReturnType: uint32(choice)},
		TaskIDs:    []message.ParcelDisableObjectsTaskIDs{{}},
	}
	for _, id := range orNone(owners) {
		m.OwnerIDs = append(m.OwnerIDs, message.ParcelDisableObjectsOwnerIDs{OwnerID: id})
	}
	return p.a.tellRegion(ctx, &m)
}

// orNone is ids, or a nil one: the lists of these messages are never empty.
func orNone(ids []uuid.UUID) []uuid.UUID {
	if len(ids) == 0 {
		return []uuid.UUID{uuid.Nil}
	}
	return ids
}
