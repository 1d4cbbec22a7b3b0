package testgrid

import (
	"encoding/binary"
	"maps"
	"net/http"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/llsd"
	"github.com/slload/slload/message"
)

func (g *Grid) dispatchLand(d *circuit.Dispatch) {
	d.On(message.IDParcelPropertiesRequest, g.onParcelProperties)
	d.On(message.IDParcelPropertiesRequestByID, g.onParcelByID)
	d.On(message.IDParcelDwellRequest, g.onDwell)
	d.On(message.IDParcelInfoRequest, g.onParcelInfo)
	d.On(message.IDParcelAccessListRequest, g.onAccessList)
	d.On(message.IDParcelAccessListUpdate, g.onAccessListUpdate)
	d.On(message.IDParcelPropertiesUpdate, g.onParcelUpdate)
	d.On(message.IDParcelDivide, g.onDivide)
	d.On(message.IDParcelJoin, g.onJoinParcels)
	d.On(message.IDParcelBuy, g.onBuyParcel)
	d.On(message.IDParcelRelease, g.onReleaseParcel)
	d.On(message.IDParcelReclaim, g.onReclaimParcel)
	d.On(message.IDParcelDeedToGroup, g.onDeedParcel)
	d.On(message.IDParcelSelectObjects, g.onSelectObjects)
	d.On(message.IDParcelReturnObjects, g.onReturnObjects)
	d.On(message.IDParcelDisableObjects, g.onDisableObjects)
	d.On(message.IDParcelClaim, g.onClaimParcels)
	d.On(message.IDParcelObjectOwnersRequest, g.onObjectOwners)
}

// sendOverlay sends a client the region's overlay.
func (c *client) sendOverlay(now circuit.Instant) {
	for i, part := range c.region.overlayFor(c.session.agentID) {
		m := &message.ParcelOverlay{}
		m.ParcelData.SequenceID, m.ParcelData.Data = int32(i), part
		c.tell(now, m)
	}
}

// properties is ParcelProperties' body. What nobody asked for is made once and
// shared by all queues: nobody may change it.
func (r *region) properties(p *parcel) map[string]any {
	if p.told != nil {
		return p.told
	}
	u := &p.update
	west, south, east, north := p.bounds()
	count, selected := r.countPrims(p)
	data := map[string]any{
		"LocalID": p.id, "SequenceID": int32(0), "RequestResult": int32(0), "SnapSelection": false,
		"Name": message.String(u.Name), "Desc": message.String(u.Desc), "OwnerID": p.owner, "IsGroupOwned": p.groupLand, "GroupID": u.GroupID,
		"Area": p.area(), "ParcelFlags": binary.BigEndian.AppendUint32(nil, u.ParcelFlags), "Status": int32(0), "Category": int32(u.Category),
		"AABBMin": []any{west, south, 0.0}, "AABBMax": []any{east, north, 0.0}, "Bitmap": p.bitmap(),
		"MaxPrims": int32(primCapacity), "SimWideMaxPrims": int32(primCapacity), "SimWideTotalPrims": int32(len(r.prims.list)),
		"TotalPrims": count, "OwnerPrims": count, "SelectedPrims": selected, "ParcelPrimBonus": 1.0, "SalePrice": u.SalePrice, "AuthBuyerID": u.AuthBuyerID,
		"PassPrice": u.PassPrice, "PassHours": float64(u.PassHours), "LandingType": int32(u.LandingType),
		"UserLocation": reals(u.UserLocation), "UserLookAt": reals(u.UserLookAt),
		"MediaID": u.MediaID, "MediaURL": message.String(u.MediaURL), "MusicURL": message.String(u.MusicURL), "SnapshotID": u.SnapshotID,
		"MediaAutoScale": u.MediaAutoScale != 0, "SeeAVs": true, "AnyAVSounds": true, "GroupAVSounds": true,
	}
	p.told = map[string]any{
		"ParcelData":           []any{data},
		"AgeVerificationBlock": []any{map[string]any{"RegionDenyAgeUnverified": false}},
	}
	return p.told
}

// countPrims counts what stands on a parcel, and what of it somebody has hold
// of. What was moved there isn't counted before anything else changes.
func (r *region) countPrims(p *parcel) (n, selected int32) {
	for _, q := range r.prims.list {
		if at := q.place(); r.land.at(at.X, at.Y) != p {
			continue
		}
		n++
		if q.root.inHand() {
			selected++
		}
	}
	return n, selected
}

// answer puts a parcel into a client's queue as the answer to a request.
func (c *client) answer(p *parcel, sequence, result int32, snap bool) {
	body := maps.Clone(c.region.properties(p))
	data := maps.Clone(body["ParcelData"].([]any)[0].(map[string]any))
	data["SequenceID"], data["RequestResult"], data["SnapSelection"] = sequence, result, snap
	body["ParcelData"] = []any{data}
	c.session.events.put("ParcelProperties", body)
}

// onParcelProperties answers with each parcel of the place that was asked for.
func (g *Grid) onParcelProperties(ev *circuit.Event) {
	m := ev.Message.(*message.ParcelPropertiesRequest)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	d := &m.ParcelData
	list, ok := within(d.West, d.South, d.East, d.North)
	if !ok {
		return
	}
	found := c.region.land.among(list)
	result := int32(0)
	if len(found) > 1 {
		result = 1
	}
	for _, p := range found {
		c.answer(p, d.SequenceID, result, d.SnapSelection)
	}
}

// among gives the parcels that have some of these squares.
func (l *land) among(list []int) []*parcel {
	var found []*parcel
	for _, p := range l.parcels {
		for _, i := range list {
			if p.squares[i] {
				found = append(found, p)
				break
			}
		}
	}
	return found
}

func (g *Grid) onParcelByID(ev *circuit.Event) {
	m := ev.Message.(*message.ParcelPropertiesRequestByID)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	if p := c.region.land.byID(m.ParcelData.LocalID); p != nil {
		c.answer(p, m.ParcelData.SequenceID, 0, false)
	}
}

func (g *Grid) onDwell(ev *circuit.Event) {
	m := ev.Message.(*message.ParcelDwellRequest)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	p := c.region.land.byID(m.Data.LocalID)
	if p == nil {
		return
	}
	x, y := p.first()
	reply := &message.ParcelDwellReply{}
	reply.AgentData.AgentID = c.session.agentID
	reply.Data.LocalID, reply.Data.ParcelID, reply.Data.Dwell = p.id, parcelID(c.region, x, y), 1
	c.tell(ev.Now, reply)
}

// serveRemoteParcel tells the grid-wide id of the parcel at a place in a region.
func (g *Grid) serveRemoteParcel(_ *session, w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Region   uuid.UUID `llsd:"region_id"`
		Location []float64 `llsd:"location"`
	}
	if !readLLSD(w, r, preferencesLimit, &asked) {
		return
	}
	id := uuid.Nil
	for _, region := range g.regions {
		if region.id == asked.Region && len(asked.Location) >= 2 {
			x, y := clamp(float32(asked.Location[0]), 0, regionSize-1), clamp(float32(asked.Location[1]), 0, regionSize-1)
			id = parcelID(region, uint16(x), uint16(y))
		}
	}
	writeLLSD(w, llsd.ContentTypeXML, map[string]any{"parcel_id": id})
}

// onParcelInfo answers for a parcel anywhere in the grid: its region's loop
// looks, the asker's tells.
func (g *Grid) onParcelInfo(ev *circuit.Event) {
	m := ev.Message.(*message.ParcelInfoRequest)
	c := present(ev, m.AgentData.AgentID, m.AgentData.SessionID)
	if c == nil {
		return
	}
	id, asker := m.Data.ParcelID, c.session.agentID
	there, x, y := g.parcelPlace(id)
	if there == nil {
		return
	}
	look := func(now circuit.Instant) {
		if info := there.parcelInfo(id, asker, x, y); info != nil {
			there.tellAnyone(now, asker, info)
		}
	}
	if there == c.region {
		look(ev.Now)
	} else if there.loop.Post(dontWait, look) != nil {
		c.region.counters.unsent++
	}
}

func (r *region) parcelInfo(id, asker uuid.UUID, x, y float32) message.Message {
	p := r.land.at(x, y)
	if p == nil {
		return nil
	}
	reply := &message.ParcelInfoReply{}
	reply.AgentData.AgentID = asker
	d := &reply.Data
	d.ParcelID, d.OwnerID, d.Name, d.Desc, d.SimName = id, p.owner, p.update.Name, p.update.Desc, message.Text(r.name)
	d.ActualArea, d.BillableArea = p.area(), p.area()
	d.GlobalX, d.GlobalY, d.GlobalZ = float32(r.x)+x, float32(r.y)+y, groundHeight
	d.SalePrice, d.SnapshotID, d.Dwell = p.update.SalePrice, p.update.SnapshotID, 1
	return reply
}
