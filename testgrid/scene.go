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

// object is a prim that stands in the region. Nothing moves it.
type object struct {
	id      uuid.UUID
	localID uint32
	pos     message.Vector3
	motion  []byte // its ObjectData
}

const (
	furnitureCount = 8
	furnitureRing  = 12 // metres around the middle
)

var furnitureSize = message.Vector3{X: 2, Y: 2, Z: 0.5}

// furniture is what stands in every region: a ring of low boxes around its
// middle, to be seen and sat on.
func furniture(r *region) []object {
	list := make([]object, furnitureCount)
	for i := range list {
		angle := 2 * math.Pi * float64(i) / furnitureCount
		o := &list[i]
		o.id, o.localID = derivedID(r.id, string(rune('a'+i))), uint32(i+1)
		o.pos = message.Vector3{
			X: regionSize/2 + float32(furnitureRing*math.Cos(angle)),
			Y: regionSize/2 + float32(furnitureRing*math.Sin(angle)),
			Z: groundHeight + furnitureSize.Z/2,
		}
		// A prim's ObjectData: position, velocity, acceleration, rotation, angular
		// velocity, all F32.
		o.motion = appendVector(nil, o.pos)
		o.motion = append(o.motion, make([]byte, 60-len(o.motion))...)
	}
	return list
}

// sendObjects sends what stands in the region, once.
func (r *region) sendObjects(now circuit.Instant, c *client) {
	if c.sceneSent {
		return
	}
	for at := 0; at < len(r.objects); at += avatarsPerPacket {
		m := r.objectUpdate()
		for _, o := range r.objects[at:min(at+avatarsPerPacket, len(r.objects))] {
			m.ObjectData = append(m.ObjectData, message.ObjectUpdateObjectData{
				ID: o.localID, FullID: o.id, PCode: primCode, Material: wood, Scale: furnitureSize,
				ObjectData: o.motion, PathCurve: 16, ProfileCurve: 1, PathScaleX: 100, PathScaleY: 100,
				TextureEntry: plywoodTextures,
			})
		}
		if c.circuit.SendReliable(now, m, nil) != nil {
			return // the next frame sends all of it again
		}
	}
	c.sceneSent = true
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
