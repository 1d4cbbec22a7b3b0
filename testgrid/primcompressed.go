package testgrid

import (
	"encoding/binary"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/circuit"
	"github.com/slload/slload/message"
)

// primForm is by which message a client hears what a prim looks like.
type primForm uint8

const (
	primFull       primForm = iota // ObjectUpdate
	primCompressed                 // ObjectUpdateCompressed
	primProbe                      // ObjectUpdateCached: the client asks if it hasn't got it
)

// primsPerForm is how many prims one message of a form tells of at most: see
// primsPerPacket; a probe has 12 bytes. Compressed ones go by their size.
var primsPerForm = [...]int{primFull: primsPerPacket, primCompressed: 20, primProbe: 80}

// compressedBytes keeps ObjectUpdateCompressed in one datagram, with the header
// and the region's data: it isn't zero-coded.
const compressedBytes = circuit.MaxDatagram - 40

// cacheAfter is how long a linkset must have been as it is before OpenSim sends
// it in the compressed form, which viewers cache.
const cacheAfter = 5 * time.Minute

// cacheable tells whether viewers may cache a prim: its linkset stays as it is.
func (p *prim) cacheable(now circuit.Instant) bool {
	root := p.root
	return !root.physical && !root.temporary && !root.inHand() && now.Sub(root.changed) >= cacheAfter
}

// form is how a client hears of a prim: what it may have in its cache is only
// named, where it has one and may be asked.
func (p *prim) form(now circuit.Instant, c *client, probe bool) primForm {
	switch {
	case !p.cacheable(now):
		return primFull
	case probe && c.caches:
		return primProbe
	}
	return primCompressed
}

// sendPrims sends the first prims of a list that go by one message, and gives
// the others; false where that couldn't be sent.
func (r *region) sendPrims(now circuit.Instant, c *client, list []*prim, probe bool) (rest []*prim, ok bool) {
	form, n, size := list[0].form(now, c, probe), 0, 0
	for n < min(len(list), primsPerForm[form]) && list[n].form(now, c, probe) == form {
		if size += list[n].compressedSize(); n > 0 && form == primCompressed && size > compressedBytes {
			break
		}
		n++
	}
	return list[n:], c.circuit.SendReliable(now, r.primMessage(c, list[:n], form), nil) == nil
}

func (r *region) primMessage(c *client, part []*prim, form primForm) message.Message {
	switch form {
	case primCompressed:
		m := &r.scratch.compressed
		m.RegionData.RegionHandle, m.RegionData.TimeDilation = r.handle(), r.dilation()
		m.ObjectData = m.ObjectData[:0]
		data := r.scratch.motion[:0]
		for _, p := range part {
			begin := len(data)
			data = p.appendCompressed(data)
			m.ObjectData = append(m.ObjectData, message.ObjectUpdateCompressedObjectData{UpdateFlags: p.flags(c), Data: data[begin:]})
		}
		r.scratch.motion = data
		return m
	case primProbe:
		m := &message.ObjectUpdateCached{}
		m.RegionData.RegionHandle, m.RegionData.TimeDilation = r.handle(), r.dilation()
		for _, p := range part {
			m.ObjectData = append(m.ObjectData, message.ObjectUpdateCachedObjectData{ID: p.localID, CRC: p.crc(), UpdateFlags: p.flags(c)})
		}
		return m
	}
	m := r.objectUpdate()
	for _, p := range part {
		m.ObjectData = append(m.ObjectData, p.block(c))
	}
	return m
}

// crc tells a cache whether a prim is still as it was.
func (p *prim) crc() uint32 { return uint32(max(p.fullAt, p.movedAt)) + 1 }

// Flags of the optional parts that prims have here.
const (
	hasSpecies = 0x02 // of a plant
	hasParent  = 0x20
)

// compressedSize is the most that a prim takes of an ObjectUpdateCompressed:
// flags, a length, what every prim has, a parent, a species, its texture entry.
func (p *prim) compressedSize() int { return 4 + 2 + 112 + 4 + 1 + len(p.texture) }

// appendCompressed writes ObjectUpdateCompressed's Data: id, local id, code, state, CRC,
// material, click action, scale, position, rotation (three floats, as in
// ObjectUpdate), flags of the optional parts, owner (of sounds and particles),
// those parts, extra parameters (their count), shape, and the texture entry
// behind a U32 of its length.
func (p *prim) appendCompressed(b []byte) []byte {
	b = append(b, p.id[:]...)
	b = binary.LittleEndian.AppendUint32(b, p.localID)
	b = append(b, p.pcode, p.state)
	b = binary.LittleEndian.AppendUint32(b, p.crc())
	b = append(b, p.material, p.click)
	b = appendVector(b, p.scale)
	b = appendVector(b, p.pos)
	b = appendVector(b, message.Vector3(p.rotation))
	var parts uint32
	if p.root != p {
		parts |= hasParent
	}
	if p.plant() {
		parts |= hasSpecies
	}
	b = binary.LittleEndian.AppendUint32(b, parts)
	b = append(b, uuid.Nil[:]...)
	if parts&hasParent != 0 {
		b = binary.LittleEndian.AppendUint32(b, p.root.localID)
	}
	if parts&hasSpecies != 0 {
		b = append(b, p.state)
	}
	b = append(b, 0)
	b = p.shape.append(b)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(p.texture)))
	return append(b, p.texture...)
}

// append writes the shape as ObjectUpdateCompressed has it: path, then profile,
// 23 bytes.
func (s *shape) append(b []byte) []byte {
	u16 := binary.LittleEndian.AppendUint16
	b = u16(u16(append(b, s.PathCurve), s.PathBegin), s.PathEnd)
	b = append(b, s.PathScaleX, s.PathScaleY, s.PathShearX, s.PathShearY, uint8(s.PathTwist), uint8(s.PathTwistBegin),
		uint8(s.PathRadiusOffset), uint8(s.PathTaperX), uint8(s.PathTaperY), s.PathRevolutions, uint8(s.PathSkew), s.ProfileCurve)
	return u16(u16(u16(b, s.ProfileBegin), s.ProfileEnd), s.ProfileHollow)
}
