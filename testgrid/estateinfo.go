package testgrid

import (
	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

const (
	estateID   = 101 // the first that OpenSim gives
	estateName = "Embedded Estate"
)

// onRegionInfo tells how the region is run.
func (g *Grid) onRegionInfo(ev *circuit.Event) {
	m := &ev.Message.(*message.RequestRegionInfo).AgentData
	c := clientOf(ev, m.AgentID, m.SessionID)
	if c == nil {
		return
	}
	most := uint32(g.cfg.Capacity)
	reply := &message.RegionInfo{}
	reply.AgentData.AgentID, reply.AgentData.SessionID = m.AgentID, m.SessionID
	r, r2 := &reply.RegionInfo, &reply.RegionInfo2
	r.SimName, r.EstateID, r.ParentEstateID = message.Text(c.region.name), estateID, 1
	r.RegionFlags, r.SimAccess, r.MaxAgents = regionFlags, accessMature, uint8(min(most, 255))
	r.BillableFactor, r.ObjectBonusFactor, r.WaterHeight = 1, 1, waterHeight
	r.TerrainRaiseLimit, r.TerrainLowerLimit = 100, -100
	r2.ProductName, r2.MaxAgents32, r2.HardMaxAgents, r2.HardMaxObjects = message.Text("slload testgrid"), most, most, primCapacity
	c.tell(ev.Now, reply)
}

// onCovenant tells that there is none, and whose estate it is.
func (g *Grid) onCovenant(ev *circuit.Event) {
	m := &ev.Message.(*message.EstateCovenantRequest).AgentData
	c := clientOf(ev, m.AgentID, m.SessionID)
	if c == nil {
		return
	}
	reply := &message.EstateCovenantReply{}
	reply.Data.EstateName, reply.Data.EstateOwnerID = message.Text(estateName), estateOwner
	c.tell(ev.Now, reply)
}
