package agent

import (
	"bytes"
	"encoding/binary"
	"errors"

	"github.com/google/uuid"
	"github.com/slload/slload/message"
)

// Bits of the flags in ObjectUpdateCompressed's Data: what optional parts
// there are.
const (
	compressedScratch   = 0x1
	compressedTree      = 0x2
	compressedText      = 0x4
	compressedParticles = 0x8
	compressedSound     = 0x10
	compressedParent    = 0x20
	compressedSpin      = 0x80
	compressedNames     = 0x100
	compressedMedia     = 0x200
)

// particleSize is the length of a particle system in the compressed form.
const particleSize = 86

var errShort = errors.New("ObjectUpdateCompressed ends too soon")

// objectOfCompressed reads an object out of ObjectUpdateCompressed's Data,
// whose optional parts follow each other in a fixed order. It copies what it
// keeps.
func objectOfCompressed(flags uint32, data []byte) (Object, error) {
	c := cursor{rest: data}
	o := Object{Flags: ObjectFlags(flags)}
	copy(o.ID[:], c.next(16))
	o.LocalID, o.PCode, o.State = c.u32(), PCode(c.u8()), c.u8()
	c.next(4) // CRC
	o.Material, o.ClickAction = c.u8(), c.u8()
	o.Scale, o.Position, o.Rotation = c.vector(), c.vector(), message.Quaternion(c.vector())
	parts := c.u32()
	c.next(len(uuid.UUID{})) // owner, where there is sound
	has := func(part uint32) bool { return parts&part != 0 }
	if has(compressedSpin) {
		o.AngularVelocity = c.vector()
	}
	if has(compressedParent) {
		o.ParentID = c.u32()
	}
	if has(compressedTree) {
		c.u8()
	} else if has(compressedScratch) {
		c.next(int(c.u8()))
	}
	if has(compressedText) {
		o.Text = c.text()
		c.next(4) // its colour
	}
	if has(compressedMedia) {
		c.text()
	}
	if has(compressedParticles) {
		c.next(particleSize)
	}
	for range c.u8() { // extra parameters: a U16 of type, a U32 of length, data
		c.next(2)
		c.skip(c.u32())
	}
	if has(compressedSound) {
		c.next(16 + 4 + 1 + 4)
	}
	if has(compressedNames) {
		o.NameValue = c.text()
	}
	o.Shape = c.shape()
	o.TextureEntry = append([]byte(nil), c.skip(c.u32())...)
	return o, c.err
}

// cursor reads little-endian fields one after another; where they end too
// soon it gives zeros and has an error.
type cursor struct {
	rest []byte
	err  error
}

var noBytes [particleSize]byte

func (c *cursor) next(n int) []byte {
	if n > len(c.rest) {
		c.err, c.rest = errShort, nil
		return noBytes[:min(n, len(noBytes))]
	}
	b := c.rest[:n]
	c.rest = c.rest[n:]
	return b
}

// skip is next for a length that a peer gave.
func (c *cursor) skip(n uint32) []byte {
	if uint64(n) > uint64(len(c.rest)) {
		c.err, c.rest = errShort, nil
		return nil
	}
	return c.next(int(n))
}

func (c *cursor) u8() uint8               { return c.next(1)[0] }
func (c *cursor) u16() uint16             { return binary.LittleEndian.Uint16(c.next(2)) }
func (c *cursor) u32() uint32             { return binary.LittleEndian.Uint32(c.next(4)) }
func (c *cursor) vector() message.Vector3 { return vector3(c.next(12)) }

// text reads up to a NUL.
func (c *cursor) text() string {
	before, after, ok := bytes.Cut(c.rest, []byte{0})
	if !ok {
		c.err, c.rest = errShort, nil
		return ""
	}
	c.rest = after
	return string(before)
}

func (c *cursor) shape() Shape {
	var s Shape
	s.PathCurve, s.PathBegin, s.PathEnd = c.u8(), c.u16(), c.u16()
	s.PathScaleX, s.PathScaleY, s.PathShearX, s.PathShearY = c.u8(), c.u8(), c.u8(), c.u8()
	s.PathTwist, s.PathTwistBegin, s.PathRadiusOffset = int8(c.u8()), int8(c.u8()), int8(c.u8())
	s.PathTaperX, s.PathTaperY, s.PathRevolutions, s.PathSkew = int8(c.u8()), int8(c.u8()), c.u8(), int8(c.u8())
	s.ProfileCurve, s.ProfileBegin, s.ProfileEnd, s.ProfileHollow = c.u8(), c.u16(), c.u16(), c.u16()
	return s
}
