package testgrid

import (
	"encoding/binary"
	"math"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

const (
	avatarCode = 47 // PCode of an avatar
	primCode   = 9
	flesh      = 4 // Material
	wood       = 3

	// avatarsPerPacket keeps ObjectUpdate in one datagram: a block is 320 bytes at
	// most with the longest names, before zero-coding.
	avatarsPerPacket = 3
)

var avatarSize = message.Vector3{X: 0.45, Y: 0.6, Z: 1.9}

// dilation is the region's time dilation as messages carry it.
func (r *region) dilation() uint16 { return uint16(r.frame.dilation() * 65535) }

// sendAvatars sends whole avatars. It tells whether all of them could be sent.
func (r *region) sendAvatars(now circuit.Instant, c *client, slots []int32) bool {
	for len(slots) > 0 {
		n := min(len(slots), avatarsPerPacket)
		m := r.objectUpdate()
		for _, slot := range slots[:n] {
			m.ObjectData = append(m.ObjectData, r.avatarBlock(r.avatars[slot]))
		}
		if c.circuit.SendReliable(now, m, nil) != nil {
			return false
		}
		slots = slots[n:]
	}
	return true
}

// objectUpdate gives the loop's ObjectUpdate, emptied.
func (r *region) objectUpdate() *message.ObjectUpdate {
	m := &r.scratch.objects
	m.RegionData.RegionHandle, m.RegionData.TimeDilation = r.handle(), r.dilation()
	m.ObjectData = m.ObjectData[:0]
	r.scratch.motion = r.scratch.motion[:0]
	return m
}

func (r *region) avatarBlock(c *client) message.ObjectUpdateObjectData {
	start := len(r.scratch.motion)
	body := c.motion
	if body.seat != 0 {
		body.pos = seatOffset // counted from the parent
	}
	r.scratch.motion = appendObjectData(r.scratch.motion, &body)
	return message.ObjectUpdateObjectData{
		ID: c.localID, FullID: c.session.agentID, PCode: avatarCode, Material: flesh, Scale: avatarSize,
		ParentID:   c.motion.seat,
		ObjectData: r.scratch.motion[start:],
		NameValue:  c.session.nameValue,
	}
}

// nameValue is how ObjectUpdate tells an avatar's name.
func nameValue(first, last string) []byte {
	return message.Text("FirstName STRING RW SV " + first + "\nLastName STRING RW SV " + last + "\nTitle STRING RW SV ")
}

// Textures that every viewer has.
var (
	plywood       = uuid.MustParse("89556747-24cb-43ed-920b-47caed15465f")
	avatarTexture = uuid.MustParse("c228d1cf-4b5d-4ba8-84f4-899a0796aa97")

	plywoodTextures = textureEntry(plywood)
)

// textureEntry is the same texture on all faces, at scale 1: each property is its
// default value, followed by 0 where faces that differ would be listed.
func textureEntry(texture uuid.UUID) []byte {
	one := math.Float32bits(1)
	b := append(texture[:], 0)
	b = append(b, 0, 0, 0, 0, 0)                            // colour, inverted
	b = append(binary.LittleEndian.AppendUint32(b, one), 0) // repeats across
	b = append(binary.LittleEndian.AppendUint32(b, one), 0) // repeats up
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0, 0)                // offsets and rotation
	return append(b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) // material, media, glow, material id
}
