package agent

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// RegionDetails is what a region tells of how it is run.
type RegionDetails struct {
	Name        string
	Estate      uint32
	Flags       uint32 // REGION_FLAGS of the protocol
	Access      uint8  // 13 general, 21 moderate, 42 adult
	MaxAgents   uint32
	MaxObjects  uint32 // 0: not told
	Product     string
	WaterHeight float32 // metres
	RaiseLimit  float32 // metres by which terrain may be raised, and
	LowerLimit  float32 // lowered
	ObjectBonus float32
}

// RegionDetails asks the region that the agent stands in.
func (a *Agent) RegionDetails(ctx context.Context) (RegionDetails, error) {
	send := func(now circuit.Instant) error {
		return a.send(now, &message.RequestRegionInfo{
			AgentData: message.RequestRegionInfoAgentData{AgentID: a.ID, SessionID: a.session},
		})
	}
	return request(ctx, a, "RegionInfo", message.IDRegionInfo, send, func(m message.Message) (RegionDetails, bool) {
		info := m.(*message.RegionInfo)
		r, r2 := &info.RegionInfo, &info.RegionInfo2
		return RegionDetails{
			Name: message.String(r.SimName), Estate: r.EstateID, Flags: r.RegionFlags, Access: r.SimAccess,
			MaxAgents: max(r2.MaxAgents32, uint32(r.MaxAgents)), MaxObjects: r2.HardMaxObjects, Product: message.String(r2.ProductName),
			WaterHeight: r.WaterHeight, RaiseLimit: r.TerrainRaiseLimit, LowerLimit: r.TerrainLowerLimit, ObjectBonus: r.ObjectBonusFactor,
		}, info.AgentData.AgentID == a.ID
	})
}

// Covenant is what an estate's residents agree to.
type Covenant struct {
	Estate  string
	Owner   uuid.UUID
	Asset   uuid.UUID // a note card; the zero id: there is none
	Changed time.Time
}

// Covenant asks for that of the region that the agent stands in.
func (a *Agent) Covenant(ctx context.Context) (Covenant, error) {
	send := func(now circuit.Instant) error {
		return a.send(now, &message.EstateCovenantRequest{
			AgentData: message.EstateCovenantRequestAgentData{AgentID: a.ID, SessionID: a.session},
		})
	}
	return request(ctx, a, "EstateCovenantReply", message.IDEstateCovenantReply, send, func(m message.Message) (Covenant, bool) {
		d := &m.(*message.EstateCovenantReply).Data
		return Covenant{
			Estate: message.String(d.EstateName), Owner: d.EstateOwnerID, Asset: d.CovenantID,
			Changed: time.Unix(int64(d.CovenantTimestamp), 0).UTC(),
		}, true
	})
}

// errHome is a home that the simulator didn't set; why, it tells people by an
// AlertMessage.
var errHome = &failure{"refused", "the simulator didn't make it the home: who may live there is its business"}

// SetHome makes pos (metres in the region that the agent stands in) the
// resident's home, by the capability HomeLocation.
func (a *Agent) SetHome(ctx context.Context, pos message.Vector3) error {
	const homeLocation = 1 // LocationId
	place := func(v message.Vector3) map[string]any {
		return map[string]any{"X": float64(v.X), "Y": float64(v.Y), "Z": float64(v.Z)}
	}
	in := map[string]any{"HomeLocation": map[string]any{
		"LocationId": int32(homeLocation), "LocationPos": place(pos), "LocationLookAt": place(message.Vector3{X: 1}),
	}}
	var out struct {
		Success string `llsd:"success"` // OpenSim's is text
	}
	if err := a.call(ctx, http.MethodPost, "HomeLocation", in, &out); err != nil {
		return err
	}
	if out.Success != "true" {
		return errHome
	}
	return nil
}
