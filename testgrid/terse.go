package testgrid

import (
	"encoding/binary"
	"math"

	"github.com/slload/slload/message"
)

// terseSize is the length of an avatar's Data in ImprovedTerseObjectUpdate.
const terseSize = 60

// appendTerse appends an avatar's Data: local id U32, attachment state U8, 1 for
// an avatar, the plane it stands on F32 x 4, position F32 x 3; then U16 each that
// spread a range over 0 to 65,535: velocity x 3 (±128 m/s), acceleration x 3 (±64),
// rotation x 4 (±1), angular velocity x 3 (±64).
func appendTerse(dst []byte, localID uint32, m *motion) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, localID)
	dst = append(dst, 0, 1)
	dst = appendPlane(dst)
	dst = appendVector(dst, m.pos)
	dst = appendQuantized(dst, 128, m.velocity.X, m.velocity.Y, m.velocity.Z)
	dst = appendQuantized(dst, 64, 0, 0, 0)
	facing := m.facing()
	dst = appendQuantized(dst, 1, facing.X, facing.Y, facing.Z, facing.W())
	return appendQuantized(dst, 64, 0, 0, 0)
}

// appendPlane writes the plane that an avatar collides with: level, through the
// point (0, 0, 0), which is what OpenSim says of one in the air.
func appendPlane(dst []byte) []byte {
	for _, v := range [...]float32{0, 0, 0, 1} {
		dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(v))
	}
	return dst
}

func appendVector(dst []byte, v message.Vector3) []byte {
	for _, v := range [...]float32{v.X, v.Y, v.Z} {
		dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(v))
	}
	return dst
}

// appendQuantized spreads -limit to limit over the U16s. Zero becomes 32,767, as
// OpenSim writes it.
func appendQuantized(dst []byte, limit float32, values ...float32) []byte {
	for _, v := range values {
		part := (clamp(v, -limit, limit) + limit) / (2 * limit)
		dst = binary.LittleEndian.AppendUint16(dst, uint16(part*65535))
	}
	return dst
}

// objectDataSize is the length of an avatar's ObjectData in ObjectUpdate.
const objectDataSize = 76

// appendObjectData appends an avatar's motion as ObjectUpdate carries it: plane,
// position, velocity, acceleration, rotation and angular velocity, all F32.
func appendObjectData(dst []byte, m *motion) []byte {
	dst = appendPlane(dst)
	dst = appendVector(dst, m.pos)
	dst = appendVector(dst, m.velocity)
	dst = appendVector(dst, message.Vector3{})
	dst = appendVector(dst, message.Vector3(m.facing()))
	return appendVector(dst, message.Vector3{})
}
