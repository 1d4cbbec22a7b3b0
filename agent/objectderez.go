package agent

import (
	"context"

	"github.com/google/uuid"
	"github.com/slload/slload/message"
)

// What becomes of an object that is taken out of the region: DeRezObject's
// Destination.
const (
	derezTakeCopy = 1
	derezTake     = 4
	derezDelete   = 6
	derezReturn   = 9
)

// Delete throws linksets into the trash.
func (o Objects) Delete(ctx context.Context, ids ...uint32) error {
	return o.derez(ctx, derezDelete, uuid.Nil, ids)
}

// Return gives linksets back to their owners: they find them in Lost And
// Found.
func (o Objects) Return(ctx context.Context, ids ...uint32) error {
	return o.derez(ctx, derezReturn, uuid.Nil, ids)
}

func (o Objects) derez(ctx context.Context, how uint8, folder uuid.UUID, ids []uint32) error {
	return chunks(ids, func(part []uint32) error { return o.a.tellRegion(ctx, o.derezMessage(how, folder, part)) })
}

func (o Objects) derezMessage(how uint8, folder uuid.UUID, ids []uint32) *message.DeRezObject {
	m := &message.DeRezObject{}
	m.AgentData.AgentID, m.AgentData.SessionID = o.a.ID, o.a.session
	m.AgentBlock.Destination, m.AgentBlock.DestinationID = how, folder
	m.AgentBlock.TransactionID, m.AgentBlock.PacketCount = uuid.New(), 1
	for _, id := range ids {
		m.ObjectData = append(m.ObjectData, message.DeRezObjectObjectData{ObjectLocalID: id})
	}
	return m
}
