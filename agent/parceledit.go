package agent

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"
	"github.com/slload/slload/message"
)

// Simulators carry out what a parcel's owner asks for and tell everybody of
// the parcel then; what they refuse they don't answer, and the wait ends with
// ctx.

// Update sets what a parcel's owner may: name, description, flags, sale,
// pass, media, music, landing, category and snapshot, by the capability
// ParcelPropertiesUpdate or, without it, by the circuit.
func (p Parcels) Update(ctx context.Context, parcel Parcel) (Parcel, error) {
	send := func(ctx context.Context) error {
		err := p.a.call(ctx, http.MethodPost, "ParcelPropertiesUpdate", updateBody(&parcel), nil)
		var none *NoCapabilityError
		if errors.As(err, &none) {
			return p.a.tellRegion(ctx, p.updateMessage(&parcel))
		}
		return err
	}
	return p.await(ctx, fmt.Sprintf("parcel %d to change", parcel.LocalID), send, func(now Parcel) bool {
		return now.LocalID == parcel.LocalID && now.Name == parcel.Name && now.Description == parcel.Description &&
			now.MusicURL == parcel.MusicURL && now.MediaURL == parcel.MediaURL && now.SalePrice == parcel.SalePrice
	})
}

// updateBody is ParcelPropertiesUpdate's. What isn't known of a parcel is left
// as viewers leave it.
func updateBody(p *Parcel) map[string]any {
	u32 := func(v uint32) []byte { return binary.BigEndian.AppendUint32(nil, v) }
	vector := func(v message.Vector3) []any { return []any{float64(v.X), float64(v.Y), float64(v.Z)} }
	return map[string]any{
		"local_id": p.LocalID, "flags": u32(1), "parcel_flags": u32(uint32(p.Flags)), "name": p.Name, "description": p.Description,
		"sale_price": p.SalePrice, "auth_buyer_id": p.Buyer, "group_id": p.Group, "pass_price": p.PassPrice, "pass_hours": float64(p.PassHours),
		"category": p.Category, "snapshot_id": p.Snapshot, "music_url": p.MusicURL, "media_url": p.MediaURL, "media_id": p.MediaID,
		"media_auto_scale": p.MediaScale, "media_desc": "", "media_type": "", "media_width": int32(0), "media_height": int32(0), "media_loop": false,
		"obscure_media": false, "obscure_music": false, "landing_type": p.LandingType,
		"user_location": vector(p.Landing), "user_look_at": vector(p.LandingLook),
		"see_avs": true, "any_av_sounds": true, "group_av_sounds": true,
	}
}

func (p Parcels) updateMessage(parcel *Parcel) message.Message {
	m := &message.ParcelPropertiesUpdate{
		AgentData: message.ParcelPropertiesUpdateAgentData{AgentID: p.a.ID, SessionID: p.a.session},
		ParcelData: message.ParcelPropertiesUpdateParcelData{
			LocalID: parcel.LocalID, Flags: 1, ParcelFlags: uint32(parcel.Flags), SalePrice: parcel.SalePrice,
			Name: message.Text(parcel.Name), Desc: message.Text(parcel.Description), MusicURL: message.Text(parcel.MusicURL),
			MediaURL: message.Text(parcel.MediaURL), MediaID: parcel.MediaID, GroupID: parcel.Group,
			PassPrice: parcel.PassPrice, PassHours: parcel.PassHours, Category: uint8(parcel.Category), AuthBuyerID: parcel.Buyer,
			SnapshotID: parcel.Snapshot, UserLocation: parcel.Landing, UserLookAt: parcel.LandingLook, LandingType: uint8(parcel.LandingType),
		},
	}
	if parcel.MediaScale {
		m.ParcelData.MediaAutoScale = 1
	}
	return m
}

// Square is a piece of a region, in metres from its south-west corner; its
// sides are at multiples of 4.
type Square struct{ West, South, East, North float32 }

// Divide cuts a square out of a parcel, and waits until the simulator sends
// the new overlay. All of it must be one parcel's.
func (p Parcels) Divide(ctx context.Context, s Square) error {
	return p.awaitOverlay(ctx, "divide", &message.ParcelDivide{
		AgentData:  message.ParcelDivideAgentData{AgentID: p.a.ID, SessionID: p.a.session},
		ParcelData: message.ParcelDivideParcelData(s),
	})
}

// Join makes the parcels that a square touches one, and waits until the
// simulator sends the new overlay. They must be of one owner.
func (p Parcels) Join(ctx context.Context, s Square) error {
	return p.awaitOverlay(ctx, "join", &message.ParcelJoin{
		AgentData:  message.ParcelJoinAgentData{AgentID: p.a.ID, SessionID: p.a.session},
		ParcelData: message.ParcelJoinParcelData(s),
	})
}

func (p Parcels) awaitOverlay(ctx context.Context, do string, m message.Message) error {
	_, err := request(ctx, p.a, "the new overlay (ParcelOverlay) to "+do+" parcels", message.IDParcelOverlay, p.a.sending(m), func(message.Message) (struct{}, bool) {
		return struct{}{}, true
	})
	return err
}

// Buy buys a parcel for the agent at its price, and waits until it is the
// agent's.
func (p Parcels) Buy(ctx context.Context, parcel Parcel) (Parcel, error) {
	return p.toBe(ctx, parcel.LocalID, "bought", &message.ParcelBuy{
		AgentData:  message.ParcelBuyAgentData{AgentID: p.a.ID, SessionID: p.a.session},
		Data:       message.ParcelBuyData{LocalID: parcel.LocalID, Final: true},
		ParcelData: message.ParcelBuyParcelData{Price: parcel.SalePrice, Area: parcel.Area},
	}, func(now Parcel) bool { return now.Owner == p.a.ID })
}

// Claim takes public land, and waits until it is the agent's. OpenSim knows no
// such request.
func (p Parcels) Claim(ctx context.Context, parcel Parcel, s Square) (Parcel, error) {
	return p.toBe(ctx, parcel.LocalID, "claimed", &message.ParcelClaim{
		AgentData:  message.ParcelClaimAgentData{AgentID: p.a.ID, SessionID: p.a.session},
		Data:       message.ParcelClaimData{Final: true},
		ParcelData: []message.ParcelClaimParcelData{message.ParcelClaimParcelData(s)},
	}, func(now Parcel) bool { return now.Owner == p.a.ID })
}

// Release gives a parcel up, and waits until it is somebody else's.
func (p Parcels) Release(ctx context.Context, localID int32) (Parcel, error) {
	return p.toBe(ctx, localID, "released", &message.ParcelRelease{
		AgentData: message.ParcelReleaseAgentData{AgentID: p.a.ID, SessionID: p.a.session},
		Data:      message.ParcelReleaseData{LocalID: localID},
	}, func(now Parcel) bool { return now.Owner != p.a.ID })
}

// Deed gives a parcel to a group, and waits until it is the group's.
func (p Parcels) Deed(ctx context.Context, localID int32, group uuid.UUID) (Parcel, error) {
	return p.toBe(ctx, localID, "deeded", &message.ParcelDeedToGroup{
		AgentData: message.ParcelDeedToGroupAgentData{AgentID: p.a.ID, SessionID: p.a.session},
		Data:      message.ParcelDeedToGroupData{GroupID: group, LocalID: localID},
	}, func(now Parcel) bool { return now.GroupOwned && now.Group == group })
}

// Reclaim takes a parcel back for the estate, whose owner the agent must be,
// and waits until it is the estate's.
func (p Parcels) Reclaim(ctx context.Context, localID int32) (Parcel, error) {
	return p.toBe(ctx, localID, "reclaimed", &message.ParcelReclaim{
		AgentData: message.ParcelReclaimAgentData{AgentID: p.a.ID, SessionID: p.a.session},
		Data:      message.ParcelReclaimData{LocalID: localID},
	}, func(now Parcel) bool { return now.Owner == p.a.ID && !now.GroupOwned })
}

func (p Parcels) toBe(ctx context.Context, localID int32, what string, m message.Message, match func(Parcel) bool) (Parcel, error) {
	send := func(ctx context.Context) error { return p.a.tellRegion(ctx, m) }
	return p.await(ctx, fmt.Sprintf("parcel %d to be %s", localID, what), send, func(now Parcel) bool {
		return now.LocalID == localID && match(now)
	})
}

// SetAccess makes a list of who may enter a parcel, or may not. The protocol
// has no answer to it: Access tells.
func (p Parcels) SetAccess(ctx context.Context, localID int32, kind AccessKind, list []AccessEntry) error {
	const perMessage = 48 // as viewers send
	transaction := uuid.New()
	sections := max(1, (len(list)+perMessage-1)/perMessage)
	for i := range sections {
		m := message.ParcelAccessListUpdate{
			AgentData: message.ParcelAccessListUpdateAgentData{AgentID: p.a.ID, SessionID: p.a.session},
			Data: message.ParcelAccessListUpdateData{
				Flags: uint32(kind), LocalID: localID, TransactionID: transaction, SequenceID: int32(i + 1), Sections: int32(sections),
			},
		}
		for _, e := range list[i*perMessage : min((i+1)*perMessage, len(list))] {
			m.List = append(m.List, message.ParcelAccessListUpdateList{ID: e.ID, Time: e.Expires, Flags: uint32(kind)})
		}
		if len(m.List) == 0 { // how a list is emptied
			m.List = []message.ParcelAccessListUpdateList{{Flags: uint32(kind)}}
		}
		if err := p.a.tellRegion(ctx, &m); err != nil {
			return err
		}
	}
	return nil
}
