package message

import (
	"encoding/binary"
	"math"
	"slices"
)

// What generated code calls: the pieces of a body that aren't plain loads and
// stores.

// extend makes room for n more bytes, which the caller then fills in.
func extend(dst []byte, n int) []byte {
	if cap(dst)-len(dst) < n {
		dst = slices.Grow(dst, n)
	}
	return dst[:len(dst)+n]
}

// variable1 reads a Variable 1 field at b[n:]: a length byte and that many bytes,
// which alias b.
func variable1(b []byte, n int) ([]byte, int, bool) {
	if n >= len(b) {
		return nil, n, false
	}
	start := n + 1
	end := start + int(b[n])
	if end > len(b) {
		return nil, n, false
	}
	return b[start:end:end], end, true
}

// variable2 reads a Variable 2 field at b[n:]: a little-endian U16 and that many
// bytes, which alias b.
func variable2(b []byte, n int) ([]byte, int, bool) {
	if n+2 > len(b) {
		return nil, n, false
	}
	start := n + 2
	end := start + (int(b[n]) | int(b[n+1])<<8)
	if end > len(b) {
		return nil, n, false
	}
	return b[start:end:end], end, true
}

// repeats returns s with n elements, in the same memory if it has room. Old
// elements may show through: decoding overwrites every field.
func repeats[T any](s []T, n int) []T {
	if n <= cap(s) {
		return s[:n]
	}
	return slices.Grow(s[:0], n)[:n]
}

// blockCount reads the count byte of a Variable block at b[n:]; at the end of the
// body the block is missing, which means no repeats. It refuses a count whose
// repeats, minSize bytes each, can't be in b, before anybody makes room for them.
func blockCount(b []byte, n, minSize int) (count, next int, ok bool) {
	if n >= len(b) {
		return 0, n, true
	}
	count, n = int(b[n]), n+1
	return count, n, count*minSize <= len(b)-n
}

func boolByte(v bool) byte {
	var b byte
	if v {
		b = 1
	}
	return b
}

// The loads and stores of field types that are more than one encoding/binary
// call; small enough to be inlined into the generated code.

func getF32(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }

func getF64(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }

func getVector3(b []byte) Vector3 {
	return Vector3{getF32(b[0:4]), getF32(b[4:8]), getF32(b[8:12])}
}

func getVector3d(b []byte) Vector3d {
	return Vector3d{getF64(b[0:8]), getF64(b[8:16]), getF64(b[16:24])}
}

func getVector4(b []byte) Vector4 {
	return Vector4{getF32(b[0:4]), getF32(b[4:8]), getF32(b[8:12]), getF32(b[12:16])}
}

func putF32(b []byte, v float32) { binary.LittleEndian.PutUint32(b, math.Float32bits(v)) }

func putF64(b []byte, v float64) { binary.LittleEndian.PutUint64(b, math.Float64bits(v)) }

func putVector3(b []byte, v Vector3) {
	putF32(b[0:4], v.X)
	putF32(b[4:8], v.Y)
	putF32(b[8:12], v.Z)
}

func putVector3d(b []byte, v Vector3d) {
	putF64(b[0:8], v.X)
	putF64(b[8:16], v.Y)
	putF64(b[16:24], v.Z)
}

func putVector4(b []byte, v Vector4) {
	putF32(b[0:4], v.X)
	putF32(b[4:8], v.Y)
	putF32(b[8:12], v.Z)
	putF32(b[12:16], v.W)
}
