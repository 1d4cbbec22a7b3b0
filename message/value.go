package message

import (
	"encoding/binary"

	"github.com/google/uuid"

	"github.com/slload/slload/message/template"
)

// codec reads and writes a value of one field type in the field's bytes. put
// refuses a value of another Go type.
type codec struct {
	get func(b []byte) any
	put func(b []byte, v any) bool
}

// codecFor makes the codec of a Go type from its load and its store.
func codecFor[T any](get func([]byte) T, put func([]byte, T)) codec {
	return codec{
		get: func(b []byte) any { return get(b) },
		put: func(b []byte, v any) bool {
			t, ok := v.(T)
			if ok {
				put(b, t)
			}
			return ok
		},
	}
}

var little, big = binary.LittleEndian, binary.BigEndian

// codecs has an entry for every type but Variable, whose bytes are the value.
var codecs = [...]codec{
	template.U8:  codecFor(func(b []byte) uint8 { return b[0] }, func(b []byte, v uint8) { b[0] = v }),
	template.U16: codecFor(little.Uint16, little.PutUint16),
	template.U32: codecFor(little.Uint32, little.PutUint32),
	template.U64: codecFor(little.Uint64, little.PutUint64),
	template.S8:  codecFor(func(b []byte) int8 { return int8(b[0]) }, func(b []byte, v int8) { b[0] = byte(v) }),
	template.S16: codecFor(func(b []byte) int16 { return int16(little.Uint16(b)) }, func(b []byte, v int16) { little.PutUint16(b, uint16(v)) }),
	template.S32: codecFor(func(b []byte) int32 { return int32(little.Uint32(b)) }, func(b []byte, v int32) { little.PutUint32(b, uint32(v)) }),
	template.S64: codecFor(func(b []byte) int64 { return int64(little.Uint64(b)) }, func(b []byte, v int64) { little.PutUint64(b, uint64(v)) }),
	template.F32: codecFor(getF32, putF32),
	template.F64: codecFor(getF64, putF64),

	template.LLVector3:  codecFor(getVector3, putVector3),
	template.LLVector3d: codecFor(getVector3d, putVector3d),
	template.LLVector4:  codecFor(getVector4, putVector4),
	template.LLQuaternion: codecFor(
		func(b []byte) Quaternion { return Quaternion(getVector3(b)) },
		func(b []byte, v Quaternion) { putVector3(b, Vector3(v)) }),

	template.LLUUID: codecFor(func(b []byte) uuid.UUID { return uuid.UUID(b) }, func(b []byte, v uuid.UUID) { copy(b, v[:]) }),
	template.BOOL:   codecFor(func(b []byte) bool { return b[0] != 0 }, func(b []byte, v bool) { b[0] = boolByte(v) }),
	template.IPADDR: codecFor(func(b []byte) [4]byte { return [4]byte(b) }, func(b []byte, v [4]byte) { copy(b, v[:]) }),
	template.IPPORT: codecFor(big.Uint16, big.PutUint16),
	template.Fixed: {
		get: func(b []byte) any { return b },
		put: func(b []byte, v any) bool {
			data, ok := v.([]byte)
			return ok && copy(b, data) == len(b) && len(data) == len(b)
		},
	},
}

// zeroValue returns the value of a field that was never set.
func zeroValue(f *template.Field) any {
	if f.Type == template.Variable {
		return []byte(nil)
	}
	return codecs[f.Type].get(make([]byte, f.FixedSize()))
}

// readValue reads the field at b[n:]; Fixed and Variable alias b.
func readValue(f *template.Field, b []byte, n int) (v any, next int, ok bool) {
	if f.Type == template.Variable {
		if f.Size == 1 {
			return variable1(b, n)
		}
		return variable2(b, n)
	}
	end := n + f.FixedSize()
	if end > len(b) {
		return nil, n, false
	}
	return codecs[f.Type].get(b[n:end:end]), end, true
}

// putValue writes v into b, the bytes of a field that is not Variable.
func putValue(f *template.Field, b []byte, v any) bool {
	return f.Type != template.Variable && codecs[f.Type].put(b, v)
}
