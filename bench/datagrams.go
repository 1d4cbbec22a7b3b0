package main

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/google/uuid"

	"github.com/slload/slload/message"
)

// datagram is a whole packet whose sequence number and flags are set when it
// is sent: encoding each anew would cost the simulator what the generator
// needs of the machine.
type datagram []byte

const (
	flagsAt    = 0
	sequenceAt = 1
)

func encode(m message.Message) datagram {
	var scratch []byte
	d, err := message.AppendPacket(nil, 0, 0, m, &scratch)
	if err != nil {
		panic(fmt.Sprintf("bench: encode %v: %v", m.ID(), err)) // fixed content
	}
	return d
}

// stamp copies the datagram to the beginning of buf as packet number seq.
func (d datagram) stamp(buf []byte, flags message.Flags, seq uint32) []byte {
	n := copy(buf, d)
	buf[flagsAt] |= byte(flags)
	binary.BigEndian.PutUint32(buf[sequenceAt:], seq)
	return buf[:n]
}

// terseObjects is how many avatars move in one ImprovedTerseObjectUpdate.
const terseObjects = 10

// ownLocalID is the local id of the avatar of every agent, each of which
// believes itself in a region with the same nine others.
const ownLocalID = 1000

// regionHandle is that of the region at 1000, 1000: metres, x << 32 | y.
const regionHandle = 256000<<32 | 256000

// chatLine is what is said, at the length of a short sentence.
func chatLine() datagram {
	return encode(&message.ChatFromSimulator{ChatData: message.ChatFromSimulatorChatData{
		FromName: message.Text("Bench Speaker"), SourceID: uuid.UUID{15: 99}, OwnerID: uuid.UUID{15: 99},
		SourceType: 1, ChatType: 1, Audible: 1, Position: message.Vector3{X: 128, Y: 128, Z: 25},
		Message: message.Text("so that everybody has something to hear"),
	}})
}

// terseUpdate moves ten avatars, the agent's own among them.
func terseUpdate() datagram {
	m := &message.ImprovedTerseObjectUpdate{RegionData: message.ImprovedTerseObjectUpdateRegionData{
		RegionHandle: regionHandle, TimeDilation: math.MaxUint16,
	}}
	for i := range terseObjects {
		m.ObjectData = append(m.ObjectData, message.ImprovedTerseObjectUpdateObjectData{
			Data: terseAvatar(ownLocalID+uint32(i), message.Vector3{X: 100 + float32(i), Y: 128, Z: 25}),
		})
	}
	return encode(m)
}

// terseAvatar is an avatar's Data of 60 bytes: local id U32, state U8, 1 for
// an avatar, collision plane F32 x 4, position F32 x 3; then as U16 that
// spread a range velocity x 3, acceleration x 3, rotation x 4, spin x 3.
func terseAvatar(localID uint32, at message.Vector3) []byte {
	b := binary.LittleEndian.AppendUint32(nil, localID)
	b = append(b, 0, 1)
	b = appendPlaneAndPlace(b, at)
	for range 3 + 3 + 4 + 3 {
		b = binary.LittleEndian.AppendUint16(b, math.MaxUint16/2)
	}
	return b
}

func appendPlaneAndPlace(b []byte, at message.Vector3) []byte {
	for _, f := range [...]float32{0, 0, 0, 1, at.X, at.Y, at.Z} {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(f))
	}
	return b
}

// ownAvatar tells an agent which of the objects it is itself, in the 76 bytes
// of an avatar's ObjectData: plane, position, velocity, acceleration,
// rotation, spin.
func ownAvatar(agent uuid.UUID) datagram {
	const avatar = 47 // PCode
	data := appendPlaneAndPlace(nil, message.Vector3{X: 100, Y: 128, Z: 25})
	data = append(data, make([]byte, 76-len(data))...)
	m := &message.ObjectUpdate{ObjectData: []message.ObjectUpdateObjectData{
		{ID: ownLocalID, FullID: agent, PCode: avatar, ObjectData: data},
	}}
	m.RegionData.RegionHandle = regionHandle
	return encode(m)
}

func handshake() datagram {
	m := &message.RegionHandshake{}
	m.RegionInfo.SimName = message.Text("Bench")
	m.RegionInfo2.RegionID = uuid.UUID{15: 1}
	return encode(m)
}

func movementComplete(agent, session uuid.UUID) datagram {
	m := &message.AgentMovementComplete{}
	m.AgentData.AgentID, m.AgentData.SessionID = agent, session
	m.Data.Position, m.Data.RegionHandle = message.Vector3{X: 100, Y: 128, Z: 25}, regionHandle
	m.SimData.ChannelVersion = message.Text("slload bench")
	return encode(m)
}
