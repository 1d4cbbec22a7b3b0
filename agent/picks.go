package agent

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/slload/slload/message"
)

// Pick is a place that a resident recommends in its profile.
type Pick struct {
	ID                uuid.UUID // uuid.Nil: a new one, for SetPick
	Creator           uuid.UUID // not updated
	Name, Description string
	Parcel, Snapshot  uuid.UUID
	Region, Original  string           // the names of the region and of the parcel; not updated
	Position          message.Vector3d // metres in the grid, not in the region
	Top, Enabled      bool
	Order             int32
	CreatorsName      string // not updated
}

// generic is a GenericMessage: a method's name and its parameters as text.
func (a *Agent) generic(method string, params ...string) *message.GenericMessage {
	m := &message.GenericMessage{AgentData: message.GenericMessageAgentData{AgentID: a.ID, SessionID: a.session}}
	m.MethodData.Method = message.Text(method)
	for _, p := range params {
		m.ParamList = append(m.ParamList, message.GenericMessageParamList{Parameter: message.Text(p)})
	}
	return m
}

// Picks lists a resident's picks: names by id. A long list comes in several
// replies, of which none says that it is the last: what comes until none has come
// for the time of quiet is it. A reply that was lost comes a second later.
func (a *Agent) Picks(ctx context.Context, of uuid.UUID, quiet time.Duration) (map[uuid.UUID]string, error) {
	ask := a.generic("avatarpicksrequest", of.String())
	list, err := requestParts(ctx, a, "the picks (AvatarPicksReply)", message.IDAvatarPicksReply, quiet, a.sending(ask), func(m message.Message) (part []shownEntry, ours bool) {
		reply := m.(*message.AvatarPicksReply)
		for _, d := range reply.Data {
			part = append(part, shownEntry{d.PickID, message.String(d.PickName)})
		}
		return part, reply.AgentData.TargetID == of
	})
	return byID(list), err
}

// shownEntry is an entry of such a list.
type shownEntry struct {
	id   uuid.UUID
	name string
}

func byID(list []shownEntry) map[uuid.UUID]string {
	names := make(map[uuid.UUID]string, len(list))
	for _, n := range list {
		names[n.id] = n.name
	}
	return names
}

// Pick fetches one of a resident's picks. Of one that isn't there grids say
// nothing: bound ctx.
func (a *Agent) Pick(ctx context.Context, of, id uuid.UUID) (Pick, error) {
	ask := a.generic("pickinforequest", of.String(), id.String())
	return request(ctx, a, "the pick (PickInfoReply)", message.IDPickInfoReply, a.sending(ask), func(m message.Message) (Pick, bool) {
		d := &m.(*message.PickInfoReply).Data
		return Pick{
			ID: d.PickID, Creator: d.CreatorID, Name: message.String(d.Name), Description: message.String(d.Desc),
			Parcel: d.ParcelID, Snapshot: d.SnapshotID, Region: message.String(d.SimName), Original: message.String(d.OriginalName),
			Position: d.PosGlobal, Top: d.TopPick, Enabled: d.Enabled, Order: d.SortOrder, CreatorsName: message.String(d.User),
		}, d.PickID == id
	})
}

// SetPick makes or changes one of the agent's own picks, and gives its id. The
// protocol has no answer to it: Pick tells.
func (a *Agent) SetPick(ctx context.Context, p Pick) (uuid.UUID, error) {
	if p.ID == uuid.Nil {
		p.ID = uuid.New()
	}
	m := &message.PickInfoUpdate{AgentData: message.PickInfoUpdateAgentData{AgentID: a.ID, SessionID: a.session}}
	m.Data = message.PickInfoUpdateData{
		PickID: p.ID, CreatorID: a.ID, TopPick: p.Top, ParcelID: p.Parcel, Name: message.Text(p.Name), Desc: message.Text(p.Description),
		SnapshotID: p.Snapshot, PosGlobal: p.Position, SortOrder: p.Order, Enabled: p.Enabled,
	}
	return p.ID, a.tellRegion(ctx, m)
}

// DeletePick takes one of the agent's own picks away. Nothing answers.
func (a *Agent) DeletePick(ctx context.Context, id uuid.UUID) error {
	m := &message.PickDelete{AgentData: message.PickDeleteAgentData{AgentID: a.ID, SessionID: a.session}}
	m.Data.PickID = id
	return a.tellRegion(ctx, m)
}

// Notes fetches what the agent has noted down about a resident: it alone sees
// that.
func (a *Agent) Notes(ctx context.Context, about uuid.UUID) (string, error) {
	ask := a.generic("avatarnotesrequest", about.String())
	return request(ctx, a, "the notes (AvatarNotesReply)", message.IDAvatarNotesReply, a.sending(ask), func(m message.Message) (string, bool) {
		d := &m.(*message.AvatarNotesReply).Data
		return message.String(d.Notes), d.TargetID == about
	})
}

// SetNotes notes something down about a resident. The protocol has no answer
// to it: Notes tells.
func (a *Agent) SetNotes(ctx context.Context, about uuid.UUID, text string) error {
	m := &message.AvatarNotesUpdate{AgentData: message.AvatarNotesUpdateAgentData{AgentID: a.ID, SessionID: a.session}}
	m.Data = message.AvatarNotesUpdateData{TargetID: about, Notes: message.Text(text)}
	return a.tellRegion(ctx, m)
}
