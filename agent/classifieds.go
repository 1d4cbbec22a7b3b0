package agent

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/slload/slload/message"
)

// Classified is an advertisement that a resident has in its profile.
type Classified struct {
	ID                uuid.UUID // uuid.Nil: a new one, for SetClassified
	Creator           uuid.UUID // not updated
	Created, Expires  time.Time // not updated
	Category          uint32    // 1 shopping, 2 land, 3 property, 4 special, 5 new, 6 jobs, 7 wanted, 8 service, 9 personal
	Name, Description string
	Parcel, Snapshot  uuid.UUID
	Region, Original  string           // the names of the region and of the parcel; not updated
	Position          message.Vector3d // metres in the grid, not in the region
	Flags             uint8
	Price             int32 // L$, for listing it
}

// Classifieds lists a resident's classifieds: names by id, as Picks does.
func (a *Agent) Classifieds(ctx context.Context, of uuid.UUID, quiet time.Duration) (map[uuid.UUID]string, error) {
	ask := a.generic("avatarclassifiedsrequest", of.String())
	list, err := requestParts(ctx, a, "the classifieds (AvatarClassifiedReply)", message.IDAvatarClassifiedReply, quiet, a.sending(ask), func(m message.Message) (part []shownEntry, ours bool) {
		reply := m.(*message.AvatarClassifiedReply)
		for _, d := range reply.Data {
			part = append(part, shownEntry{d.ClassifiedID, message.String(d.Name)})
		}
		return part, reply.AgentData.TargetID == of
	})
	return byID(list), err
}

// Classified fetches one. Of one that isn't there grids say nothing: bound
// ctx.
func (a *Agent) Classified(ctx context.Context, id uuid.UUID) (Classified, error) {
	ask := &message.ClassifiedInfoRequest{AgentData: message.ClassifiedInfoRequestAgentData{AgentID: a.ID, SessionID: a.session}}
	ask.Data.ClassifiedID = id
	return request(ctx, a, "the classified (ClassifiedInfoReply)", message.IDClassifiedInfoReply, a.sending(ask), func(m message.Message) (Classified, bool) {
		d := &m.(*message.ClassifiedInfoReply).Data
		return Classified{
			ID: d.ClassifiedID, Creator: d.CreatorID, Category: d.Category, Name: message.String(d.Name), Description: message.String(d.Desc),
			Created: time.Unix(int64(d.CreationDate), 0), Expires: time.Unix(int64(d.ExpirationDate), 0),
			Parcel: d.ParcelID, Snapshot: d.SnapshotID, Region: message.String(d.SimName), Original: message.String(d.ParcelName),
			Position: d.PosGlobal, Flags: d.ClassifiedFlags, Price: d.PriceForListing,
		}, d.ClassifiedID == id
	})
}

// SetClassified makes or changes one of the agent's own classifieds, and gives
// its id. The protocol has no answer to it: Classified tells.
func (a *Agent) SetClassified(ctx context.Context, c Classified) (uuid.UUID, error) {
	if c.ID == uuid.Nil {
		c.ID = uuid.New()
	}
	m := &message.ClassifiedInfoUpdate{AgentData: message.ClassifiedInfoUpdateAgentData{AgentID: a.ID, SessionID: a.session}}
	m.Data = message.ClassifiedInfoUpdateData{
		ClassifiedID: c.ID, Category: c.Category, Name: message.Text(c.Name), Desc: message.Text(c.Description), ParcelID: c.Parcel,
		SnapshotID: c.Snapshot, PosGlobal: c.Position, ClassifiedFlags: c.Flags, PriceForListing: c.Price,
	}
	return c.ID, a.tellRegion(ctx, m)
}

// DeleteClassified takes one of the agent's own classifieds away. Nothing
// answers.
func (a *Agent) DeleteClassified(ctx context.Context, id uuid.UUID) error {
	m := &message.ClassifiedDelete{AgentData: message.ClassifiedDeleteAgentData{AgentID: a.ID, SessionID: a.session}}
	m.Data.ClassifiedID = id
	return a.tellRegion(ctx, m)
}
