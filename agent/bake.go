package agent

import (
	"bytes"
	"encoding/binary"

	"github.com/google/uuid"
)

// Bake is a baked texture of an avatar: the number of its face in a texture
// entry.
type Bake uint8

// The baked textures.
const (
	BakeHead  Bake = 8
	BakeUpper Bake = 9
	BakeLower Bake = 10
	BakeEyes  Bake = 11
	BakeSkirt Bake = 19
	BakeHair  Bake = 20
)

// bodyBakes are those that every avatar has; a skirt's is there with a skirt
// only.
var bodyBakes = []Bake{BakeHead, BakeUpper, BakeLower, BakeEyes, BakeHair}

// mostFaces bounds the faces of a texture entry.
const mostFaces = 64

// defaultAvatarTexture stands for "there is none" in an avatar's faces.
var defaultAvatarTexture = uuid.MustParse("c228d1cf-4b5d-4ba8-84f4-899a0796aa97")

// bakedEntry is an avatar's texture entry: every face has the default texture
// but those that are baked. A texture entry has for each property the default
// value, then pairs of faces (as bits, seven a byte, the highest first, with
// the top bit set where more follow) and a value, then a 0.
func bakedEntry(bakes map[Bake]uuid.UUID) []byte {
	b := append([]byte(nil), defaultAvatarTexture[:]...)
	for face := range Bake(mostFaces) {
		if id, ok := bakes[face]; ok {
			b = appendFaces(b, 1<<face)
			b = append(b, id[:]...)
		}
	}
	return plainFaces(b)
}

func appendFaces(b []byte, faces uint64) []byte {
	var groups []byte
	for ; faces > 0; faces >>= 7 {
		groups = append(groups, byte(faces&0x7F))
	}
	for i := len(groups) - 1; i > 0; i-- {
		b = append(b, groups[i]|0x80)
	}
	return append(b, groups[0])
}

// readBakes reads the textures of faces that haven't the default one.
func readBakes(entry []byte) map[Bake]uuid.UUID {
	bakes := map[Bake]uuid.UUID{}
	if len(entry) < 16 {
		return bakes
	}
	base, rest := entry[:16], entry[16:]
	if !bytes.Equal(base, defaultAvatarTexture[:]) && !bytes.Equal(base, uuid.Nil[:]) {
		for _, b := range bodyBakes { // one for all
			bakes[b] = uuid.UUID(base)
		}
	}
	for {
		faces, after, ok := readFaces(rest)
		if !ok || faces == 0 || len(after) < 16 {
			return bakes
		}
		id := uuid.UUID(after[:16])
		rest = after[16:]
		for face := range Bake(mostFaces) {
			if faces&(1<<face) != 0 {
				bakes[face] = id
			}
		}
	}
}

func readFaces(b []byte) (faces uint64, rest []byte, ok bool) {
	for i, v := range b {
		if i == 10 { // more than 64 faces
			return 0, nil, false
		}
		faces = faces<<7 | uint64(v&0x7F)
		if v&0x80 == 0 {
			return faces, b[i+1:], true
		}
	}
	return 0, nil, false
}

// bakeSize is the side of the textures that Dress uploads, in pixels.
const bakeSize = 128

// PlainImage is a JPEG 2000 codestream of a plain grey square, 8 bits a
// channel, four channels, size pixels on each side: a texture that any viewer
// can show, made without an encoder, since no wavelet of it has a value. Two
// with other comments are other textures to a grid.
func PlainImage(size uint32, comment string) []byte {
	const channels, levels = 4, 5
	var b []byte
	u16 := func(v ...uint16) {
		for _, x := range v {
			b = binary.BigEndian.AppendUint16(b, x)
		}
	}
	u32 := func(v ...uint32) {
		for _, x := range v {
			b = binary.BigEndian.AppendUint32(b, x)
		}
	}
	u16(0xFF4F)                             // SOC
	u16(0xFF51, 38+3*channels, 0)           // SIZ
	u32(size, size, 0, 0, size, size, 0, 0) // image and its one tile
	u16(channels)                           //
	b = append(b, bytes.Repeat([]byte{7, 1, 1}, channels)...)
	u16(0xFF52, 12)                   // COD
	b = append(b, 0, 0, 0, 1, 0)      // one layer, no colour transform
	b = append(b, levels, 4, 4, 0, 1) // blocks of 64 x 64, the reversible 5-3 wavelet
	u16(0xFF5C, 4+3*levels)           // QCD
	b = append(b, 0x40)               // two guard bits, no quantisation
	b = append(b, bytes.Repeat([]byte{9 << 3}, 3*levels+1)...)
	u16(0xFF64, uint16(4+len(comment)), 1) // COM
	b = append(b, comment...)
	packets := make([]byte, (levels+1)*channels) // a 0 bit each: nothing in it
	u16(0xFF90, 10, 0)                           // SOT
	u32(uint32(12 + 2 + len(packets)))
	b = append(b, 0, 1)
	u16(0xFF93) // SOD
	b = append(b, packets...)
	u16(0xFFD9) // EOC
	return b
}
