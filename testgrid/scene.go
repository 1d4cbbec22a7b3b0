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

	// avatarsBytes keeps ObjectUpdate in one datagram, with the header and the
	// region's data, by what blockSize gives.
	avatarsBytes = circuit.MaxDatagram - 40
)

var avatarSize = message.Vector3{X: 0.45, Y: 0.6, Z: 1.9}

// dilation is the region's time dilation as messages carry it.
func (r *region) dilation() uint16 { return uint16(r.frame.dilation() * 65535) }

// sendAvatars sends whole avatars. It tells whether all of them could be sent.
func (r *region) sendAvatars(now circuit.Instant, c *client, slots []int32) bool {
	m, size := r.objectUpdate(), 0
	for i, slot := range slots {
		block := r.avatarBlock(r.avatars[slot])
		more := blockSize(&block)
		if size += more; size > avatarsBytes {
			if c.circuit.SendReliable(now, m, nil) != nil {
				return false
			}
			m, size = r.objectUpdate(), more
			block = r.avatarBlock(r.avatars[slots[i]])
		}
		m.ObjectData = append(m.ObjectData, block)
	}
	return len(m.ObjectData) == 0 || c.circuit.SendReliable(now, m, nil) == nil
}

// blockSize is the most that an avatar's block takes, zero-coded: its texts, the
// fields that aren't 0, in which a zero by itself takes two bytes, and two for
// each run of zeros between them.
func blockSize(b *message.ObjectUpdateObjectData) int {
	const fields = 6 + 24 + 2 + 12 + 6 // local id, id, code and material, scale, parent
	const lengths = 1 + 3              // of the two texts
	const runs = 2 * 6
	return fields + lengths + runs + zeroCoded(b.ObjectData) + len(b.NameValue) + 1
}

// zeroCoded is how long b becomes by zero-coding.
func zeroCoded(b []byte) (n int) {
	zeros := false
	for _, c := range b {
		if c != 0 {
			n++
		} else if !zeros {
			n += 2
		}
		zeros = c == 0
	}
	return n
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
