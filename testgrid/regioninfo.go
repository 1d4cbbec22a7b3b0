package testgrid

import (
	"github.com/slload/slload/message"
)

const (
	// regionFlags: nothing is restricted but building and terraforming.
	regionFlags   = 0x14000006
	accessMature  = 21
	primCapacity  = 45000
	homestead     = 9       // CPUClassID of a full region
	protocolFlags = 1 << 63 // RegionProtocols of OpenSim
)

// estateOwner is the resident called Estate Owner, who decides about all land
// that nobody else has.
var estateOwner = agentID("Estate", "Owner")

// handshake describes the region to a client that enters.
func (r *region) handshake() message.Message {
	m := &message.RegionHandshake{}
	info := &m.RegionInfo
	info.RegionFlags, info.SimAccess = regionFlags, accessMature
	info.SimName, info.SimOwner = message.Text(r.name), estateOwner
	info.WaterHeight = waterHeight
	info.CacheID = r.id
	for _, height := range []*float32{
		&info.TerrainStartHeight00, &info.TerrainStartHeight01, &info.TerrainStartHeight10, &info.TerrainStartHeight11,
	} {
		*height = groundHeight
	}
	m.RegionInfo2.RegionID = r.id
	m.RegionInfo3.CPUClassID, m.RegionInfo3.CPURatio = homestead, 1
	protocols := uint64(protocolFlags)
	if r.grid.cfg.ServerBake {
		protocols |= bakingProtocol
	}
	m.RegionInfo4 = []message.RegionHandshakeRegionInfo4{{RegionFlagsExtended: regionFlags, RegionProtocols: protocols}}
	return m
}
