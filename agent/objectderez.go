package agent

import (
	"context"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
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
	return chunks(ids, func(part []uint32) error {
		m := o.derezMessage(derezDelete, uuid.Nil, part)
		return o.a.do(ctx, func(now circuit.Instant) error {
			if o.a.trash == nil {
				o.a.trash = new(uuid.UUID)
			}
			return o.a.send(now, m)
		})
	})
}

// trash gives the folder that thrown away objects go into; uuid.Nil for an
// agent that has thrown none away. An inventory without such a folder is an
// error.
func (o Objects) trash(ctx context.Context) (uuid.UUID, error) {
	known, err := ask(ctx, o.a, func(circuit.Instant) (*uuid.UUID, error) { return o.a.trash, nil })
	if err != nil || known == nil {
		return uuid.Nil, err
	}
	if *known != uuid.Nil {
		return *known, nil
	}
	f, err := o.a.Inventory().FolderFor(ctx, TrashFolder)
	if err != nil {
		return uuid.Nil, err
	}
	return f.ID, o.a.do(ctx, func(circuit.Instant) error { o.a.trash = &f.ID; return nil })
}

// Return gives linksets back to their owners: they find them in Lost And
// Found.
func (o Objects) Return(ctx context.Context, ids ...uint32) error {
	return chunks(ids, func(part []uint32) error {
		return o.a.tellRegion(ctx, o.derezMessage(derezReturn, uuid.Nil, part))
	})
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
