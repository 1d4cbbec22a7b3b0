package testgrid

import (
	"github.com/google/uuid"

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

var estateOwner = derivedID(agentNamespace, "estate owner")

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
	m.RegionInfo4 = []message.RegionHandshakeRegionInfo4{{RegionFlagsExtended: regionFlags, RegionProtocols: protocolFlags}}
	return m
}

// wholeParcel is ParcelProperties of the one parcel that every region is. It is
// shared by all queues: nobody may change it.
var wholeParcel = map[string]any{
	"ParcelData": []any{map[string]any{
		"LocalID": int32(1), "SequenceID": int32(0), "RequestResult": int32(0), "SnapSelection": false,
		"Name": "The whole region", "Desc": "", "OwnerID": estateOwner, "IsGroupOwned": false, "GroupID": uuid.Nil,
		"Area": int32(regionSize * regionSize), "ParcelFlags": uint32(0x4B2000E8), "Status": int32(0), "Category": int32(0),
		"AABBMin": []any{0.0, 0.0, 0.0}, "AABBMax": []any{float64(regionSize), float64(regionSize), 0.0},
		"Bitmap":   wholeBitmap(),
		"MaxPrims": int32(primCapacity), "SimWideMaxPrims": int32(primCapacity), "SimWideTotalPrims": int32(furnitureCount),
		"TotalPrims": int32(furnitureCount), "OwnerPrims": int32(furnitureCount), "ParcelPrimBonus": 1.0,
		"UserLocation": []any{0.0, 0.0, 0.0}, "UserLookAt": []any{0.0, 0.0, 0.0}, "LandingType": int32(2),
		"MediaID": uuid.Nil, "MediaURL": "", "MusicURL": "", "SnapshotID": uuid.Nil, "SeeAVs": true,
		"AnyAVSounds": true, "GroupAVSounds": true,
	}},
	"AgeVerificationBlock": []any{map[string]any{"RegionDenyAgeUnverified": false}},
}

// wholeBitmap says of each square of 4 m that it belongs to the parcel.
func wholeBitmap() []byte {
	bitmap := make([]byte, regionSize/4*regionSize/4/8)
	for i := range bitmap {
		bitmap[i] = 0xFF
	}
	return bitmap
}
