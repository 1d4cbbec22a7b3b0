package agent

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// Parcels is the service of the land in the region that the agent stands in:
// what there is of it. What changes land stands at parceledit.go.
type Parcels struct{ a *Agent }

// Parcels gives the service. It costs nothing.
func (a *Agent) Parcels() Parcels { return Parcels{a} }

// On calls on, on the loop, for each parcel that the simulator tells of, by
// the event queue or the circuit: on must not block.
func (p Parcels) On(on func(Parcel)) (cancel func()) {
	stopQueue := Subscribe(p.a, func(e QueueEvent) {
		if parcel, ok := parcelOf(e); ok {
			on(parcel)
		}
	})
	stopCircuit := onEach(p.a, message.IDParcelProperties, func(_ circuit.Instant, m *message.ParcelProperties) { on(parcelOfMessage(m)) })
	return func() { stopQueue(); stopCircuit() }
}

// await sends m and waits for a parcel that match accepts.
func (p Parcels) await(ctx context.Context, what string, send func(ctx context.Context) error, match func(Parcel) bool) (Parcel, error) {
	came := make(chan Parcel, 1)
	defer p.On(func(parcel Parcel) {
		if match(parcel) {
			select {
			case came <- parcel:
			default: // the first is the answer
			}
		}
	})()
	if err := send(ctx); err != nil {
		return Parcel{}, err
	}
	select {
	case parcel := <-came:
		return parcel, nil
	case <-p.a.done:
		return Parcel{}, p.a.gone()
	case <-ctx.Done():
		return Parcel{}, fmt.Errorf("wait for %s (ParcelProperties): %w", what, context.Cause(ctx))
	}
}

// sequence tells a request's answer from others under way.
func sequence() int32 { return rand.Int32N(math.MaxInt32-1) + 1 }

// At gives the parcel at a place, in metres from the region's south-west
// corner.
func (p Parcels) At(ctx context.Context, x, y float64) (Parcel, error) {
	west, south := 4*math.Floor(x/4), 4*math.Floor(y/4)
	n := sequence()
	ask := message.ParcelPropertiesRequest{
		AgentData: message.ParcelPropertiesRequestAgentData{AgentID: p.a.ID, SessionID: p.a.session},
		ParcelData: message.ParcelPropertiesRequestParcelData{
			SequenceID: n, West: float32(west), South: float32(south), East: float32(west + 4), North: float32(south + 4),
		},
	}
	send := func(ctx context.Context) error { return p.a.tellRegion(ctx, &ask) }
	return p.await(ctx, fmt.Sprintf("the parcel at %g, %g", x, y), send, func(parcel Parcel) bool { return parcel.Sequence == n })
}

// ByID gives a parcel by its local id. OpenSim doesn't answer such a request:
// All finds it there.
func (p Parcels) ByID(ctx context.Context, localID int32) (Parcel, error) {
	n := sequence()
	ask := message.ParcelPropertiesRequestByID{
		AgentData:  message.ParcelPropertiesRequestByIDAgentData{AgentID: p.a.ID, SessionID: p.a.session},
		ParcelData: message.ParcelPropertiesRequestByIDParcelData{SequenceID: n, LocalID: localID},
	}
	send := func(ctx context.Context) error { return p.a.tellRegion(ctx, &ask) }
	return p.await(ctx, fmt.Sprintf("parcel %d", localID), send, func(parcel Parcel) bool { return parcel.Sequence == n })
}

// All gives every parcel of the region: it asks for a square that none of
// those it has covers, until there is none.
func (p Parcels) All(ctx context.Context) ([]Parcel, error) {
	state, err := p.a.State(ctx)
	if err != nil {
		return nil, err
	}
	var all []Parcel
	for y := 2.0; y < float64(state.Region.SizeY); y += 4 {
		for x := 2.0; x < float64(state.Region.SizeX); x += 4 {
			if covered(all, x, y) {
				continue
			}
			parcel, err := p.At(ctx, x, y)
			if err != nil {
				return all, err
			}
			if !parcel.Contains(x, y) {
				return all, fmt.Errorf("the simulator gave parcel %d for %g, %g, which it doesn't contain", parcel.LocalID, x, y)
			}
			all = append(all, parcel)
		}
	}
	return all, nil
}

func covered(all []Parcel, x, y float64) bool {
	for i := range all {
		if all[i].Contains(x, y) {
			return true
		}
	}
	return false
}

// OnOverlay calls on, on the loop, for each part of the region's overlay that
// comes: 1,024 squares, part by part from the south, on arrival and when land
// changes. On must not block, nor keep the squares.
func (p Parcels) OnOverlay(on func(part int, squares []ParcelSquare)) (cancel func()) {
	return onEach(p.a, message.IDParcelOverlay, func(_ circuit.Instant, m *message.ParcelOverlay) {
		squares := make([]ParcelSquare, len(m.ParcelData.Data))
		for i, b := range m.ParcelData.Data {
			squares[i] = ParcelSquare(b)
		}
		on(int(m.ParcelData.SequenceID), squares)
	})
}

// Dwell gives how much a parcel is visited, in the grid's own measure, and the
// parcel's id.
func (p Parcels) Dwell(ctx context.Context, localID int32) (dwell float32, id uuid.UUID, err error) {
	ask := message.ParcelDwellRequest{
		AgentData: message.ParcelDwellRequestAgentData{AgentID: p.a.ID, SessionID: p.a.session},
		Data:      message.ParcelDwellRequestData{LocalID: localID},
	}
	reply, err := request(ctx, p.a, "the dwell (ParcelDwellReply)", message.IDParcelDwellReply, p.a.sending(&ask), func(m message.Message) (message.ParcelDwellReplyData, bool) {
		d := m.(*message.ParcelDwellReply).Data
		return d, d.LocalID == localID
	})
	return reply.Dwell, reply.ParcelID, err
}

// ID gives the grid-wide id of the parcel at a place in a region (capability
// RemoteParcelRequest), which Info wants.
func (p Parcels) ID(ctx context.Context, region uuid.UUID, at message.Vector3) (uuid.UUID, error) {
	ask := map[string]any{"region_id": region, "location": []any{float64(at.X), float64(at.Y), float64(at.Z)}}
	var answer struct {
		ID uuid.UUID `llsd:"parcel_id"`
	}
	err := p.a.call(ctx, http.MethodPost, "RemoteParcelRequest", ask, &answer)
	return answer.ID, err
}

// ParcelInfo is what a grid tells of a parcel anywhere in it.
type ParcelInfo struct {
	ID, Owner         uuid.UUID
	Name, Description string
	Region            string
	Area              int32 // m²
	Flags             uint8
	X, Y, Z           float32 // on the grid's map, metres
	Dwell             float32
	SalePrice         int32
	Snapshot          uuid.UUID
}

// Info fetches a parcel by its grid-wide id (ParcelInfoRequest). Of one that
// isn't there OpenSim says nothing.
func (p Parcels) Info(ctx context.Context, id uuid.UUID) (ParcelInfo, error) {
	ask := message.ParcelInfoRequest{
		AgentData: message.ParcelInfoRequestAgentData{AgentID: p.a.ID, SessionID: p.a.session},
		Data:      message.ParcelInfoRequestData{ParcelID: id},
	}
	return request(ctx, p.a, "the parcel (ParcelInfoReply)", message.IDParcelInfoReply, p.a.sending(&ask), func(m message.Message) (ParcelInfo, bool) {
		d := &m.(*message.ParcelInfoReply).Data
		return ParcelInfo{
			ID: d.ParcelID, Owner: d.OwnerID, Name: message.String(d.Name), Description: message.String(d.Desc), Region: message.String(d.SimName),
			Area: d.ActualArea, Flags: d.Flags, X: d.GlobalX, Y: d.GlobalY, Z: d.GlobalZ, Dwell: d.Dwell, SalePrice: d.SalePrice, Snapshot: d.SnapshotID,
		}, d.ParcelID == id
	})
}

// AccessKind is which of a parcel's lists.
type AccessKind uint32

// The lists.
const (
	AccessAllowed AccessKind = 1
	AccessBanned  AccessKind = 2
)

// AccessEntry is a resident of such a list.
type AccessEntry struct {
	ID      uuid.UUID
	Expires int32 // seconds since 1970; 0: never
}

// Access lists who may enter a parcel, or may not.
func (p Parcels) Access(ctx context.Context, localID int32, kind AccessKind) ([]AccessEntry, error) {
	ask := message.ParcelAccessListRequest{
		AgentData: message.ParcelAccessListRequestAgentData{AgentID: p.a.ID, SessionID: p.a.session},
		Data:      message.ParcelAccessListRequestData{Flags: uint32(kind), LocalID: localID},
	}
	return request(ctx, p.a, "the access list (ParcelAccessListReply)", message.IDParcelAccessListReply, p.a.sending(&ask), func(m message.Message) ([]AccessEntry, bool) {
		reply := m.(*message.ParcelAccessListReply)
		var list []AccessEntry
		for _, e := range reply.List {
			if e.ID != uuid.Nil { // how an empty list may come
				list = append(list, AccessEntry{e.ID, e.Time})
			}
		}
		return list, reply.Data.LocalID == localID && reply.Data.Flags == uint32(kind)
	})
}

// ObjectOwner is how many prims somebody has on a parcel.
type ObjectOwner struct {
	Owner  uuid.UUID
	Group  bool
	Prims  int
	Online bool
}

// ObjectOwners lists who has objects on a parcel, for its owner.
func (p Parcels) ObjectOwners(ctx context.Context, localID int32) ([]ObjectOwner, error) {
	ask := message.ParcelObjectOwnersRequest{
		AgentData:  message.ParcelObjectOwnersRequestAgentData{AgentID: p.a.ID, SessionID: p.a.session},
		ParcelData: message.ParcelObjectOwnersRequestParcelData{LocalID: localID},
	}
	return requestAlone(ctx, p.a, "the objects' owners (ParcelObjectOwnersReply)", message.IDParcelObjectOwnersReply, p.a.sending(&ask), func(m message.Message) ([]ObjectOwner, bool) {
		var list []ObjectOwner
		for _, d := range m.(*message.ParcelObjectOwnersReply).Data {
			if d.OwnerID != uuid.Nil {
				list = append(list, ObjectOwner{d.OwnerID, d.IsGroupOwned, int(d.Count), d.OnlineStatus})
			}
		}
		return list, true
	})
}
