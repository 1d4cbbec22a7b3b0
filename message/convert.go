package message

import (
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"
	"reflect"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/message/template"
)

// toLLSD converts a value of a Row. LLSD integers are signed words, so what may
// not fit one travels as big-endian binary.
func toLLSD(v any) any {
	switch v := v.(type) {
	case uint8:
		return int32(v)
	case int8:
		return int32(v)
	case uint16:
		return int32(v)
	case int16:
		return int32(v)
	case uint32:
		return binary.BigEndian.AppendUint32(nil, v)
	case uint64:
		return binary.BigEndian.AppendUint64(nil, v)
	case int64:
		return binary.BigEndian.AppendUint64(nil, uint64(v))
	case float32:
		return float64(v)
	case [4]byte:
		return v[:]
	case Vector3:
		return []any{float64(v.X), float64(v.Y), float64(v.Z)}
	case Vector3d:
		return []any{v.X, v.Y, v.Z}
	case Vector4:
		return []any{float64(v.X), float64(v.Y), float64(v.Z), float64(v.W)}
	case Quaternion:
		return []any{float64(v.X), float64(v.Y), float64(v.Z), float64(v.W())}
	}
	return v // int32, float64, bool, uuid.UUID and []byte are LLSD's own
}

// fromLLSD converts v, which is not nil, to what a Row holds for the field.
func fromLLSD(f *template.Field, v any) (any, error) {
	switch f.Type {
	case template.U8:
		return integer[uint8](v)
	case template.U16, template.IPPORT:
		return integer[uint16](v)
	case template.U32:
		return integer[uint32](v)
	case template.U64:
		return integer[uint64](v)
	case template.S8:
		return integer[int8](v)
	case template.S16:
		return integer[int16](v)
	case template.S32:
		return integer[int32](v)
	case template.S64:
		return integer[int64](v)
	case template.F32:
		r, err := real(v)
		return float32(r), err
	case template.F64:
		return real(v)
	case template.BOOL:
		return boolean(v)
	case template.LLUUID:
		return identity(v)
	case template.IPADDR:
		return address(v)
	case template.Fixed, template.Variable:
		return binaryData(f, v)
	}
	return vector(f.Type, v)
}

// integer converts to T. Binary of T's size and, for a U32, a negative LLSD integer
// are taken bit for bit: simulators write unsigned words both ways.
func integer[T uint8 | uint16 | uint32 | uint64 | int8 | int16 | int32 | int64](v any) (any, error) {
	magnitude, negative, err := whole(v)
	if err != nil {
		return nil, err
	}
	bits := magnitude
	if negative {
		bits = -magnitude
	}
	n := T(bits)
	switch v := v.(type) {
	case []byte:
		if len(v) == binary.Size(n) {
			return n, nil
		}
	case int32:
		if _, ok := any(n).(uint32); ok {
			return n, nil
		}
	}
	if uint64(n) != bits || negative != (n < 0) {
		return nil, fmt.Errorf("%v doesn't fit a %T", v, n)
	}
	return n, nil
}

// whole returns the whole number in v as its magnitude and sign.
func whole(v any) (magnitude uint64, negative bool, err error) {
	switch v := v.(type) {
	case bool:
		return uint64(boolByte(v)), false, nil
	case time.Time:
		return signed(v.Unix())
	case []byte:
		if len(v) <= 8 {
			var padded [8]byte
			copy(padded[8-len(v):], v)
			return binary.BigEndian.Uint64(padded[:]), false, nil
		}
	}
	r := reflect.ValueOf(v)
	switch {
	case r.CanInt():
		return signed(r.Int())
	case r.CanUint():
		return r.Uint(), false, nil
	case r.CanFloat():
		return truncated(r.Float())
	case r.Kind() == reflect.String:
		return parseWhole(r.String())
	}
	return 0, false, fmt.Errorf("a %T is no whole number", v)
}

func signed(i int64) (uint64, bool, error) {
	if i < 0 {
		return -uint64(i), true, nil
	}
	return uint64(i), false, nil
}

func truncated(r float64) (uint64, bool, error) {
	r = math.Trunc(r)
	if math.IsNaN(r) || math.Abs(r) >= 1<<64 {
		return 0, false, fmt.Errorf("%v is no whole number", r)
	}
	return uint64(math.Abs(r)), r < 0, nil
}

func parseWhole(s string) (uint64, bool, error) {
	if s == "" {
		return 0, false, nil
	}
	if u, err := strconv.ParseUint(s, 10, 64); err == nil {
		return u, false, nil
	}
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return signed(i)
	}
	r, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, false, fmt.Errorf("%q is no whole number", s)
	}
	return truncated(r)
}

func real(v any) (float64, error) {
	switch v := v.(type) {
	case float64:
		return v, nil
	case string:
		if r, err := strconv.ParseFloat(v, 64); err == nil || v == "" {
			return r, nil
		}
		return 0, fmt.Errorf("%q is no number", v)
	case bool:
		return float64(boolByte(v)), nil
	}
	r := reflect.ValueOf(v)
	switch {
	case r.CanInt():
		return float64(r.Int()), nil
	case r.CanUint():
		return float64(r.Uint()), nil
	case r.CanFloat():
		return r.Float(), nil
	}
	return 0, fmt.Errorf("a %T is no number", v)
}

func boolean(v any) (any, error) {
	switch v := v.(type) {
	case bool:
		return v, nil
	case string:
		if v == "" {
			return false, nil
		}
		if b, err := strconv.ParseBool(v); err == nil {
			return b, nil
		}
		return nil, fmt.Errorf("%q is neither true nor false", v)
	}
	n, _, err := whole(v)
	return n != 0, err
}

func identity(v any) (any, error) {
	switch v := v.(type) {
	case uuid.UUID:
		return v, nil
	case []byte:
		if len(v) == 16 {
			return uuid.UUID(v), nil
		}
	case string:
		if v == "" {
			return uuid.Nil, nil
		}
		if u, err := uuid.Parse(v); err == nil {
			return u, nil
		}
		return nil, fmt.Errorf("%q is no UUID", v)
	}
	return nil, fmt.Errorf("a %T is no UUID", v)
}

func address(v any) (any, error) {
	switch v := v.(type) {
	case []byte:
		if len(v) == 4 {
			return [4]byte(v), nil
		}
		return nil, fmt.Errorf("an IPv4 address has 4 bytes, not %d", len(v))
	case string:
		if a, err := netip.ParseAddr(v); err == nil && a.Is4() {
			return a.As4(), nil
		}
		return nil, fmt.Errorf("%q is no IPv4 address", v)
	}
	word, err := integer[uint32](v)
	if err != nil {
		return nil, err
	}
	return [4]byte(binary.BigEndian.AppendUint32(nil, word.(uint32))), nil
}

// binaryData converts for a Fixed or a Variable field. Only a Variable's text gets
// a NUL: a Fixed field is as long as its text.
func binaryData(f *template.Field, v any) (any, error) {
	data, ok := v.([]byte)
	if !ok {
		r := reflect.ValueOf(v)
		if r.Kind() != reflect.String {
			return nil, fmt.Errorf("a %T is neither binary nor text", v)
		}
		if f.Type == template.Variable {
			return Text(r.String()), nil
		}
		data = []byte(r.String())
	}
	if f.Type == template.Fixed && len(data) != f.Size {
		return nil, fmt.Errorf("has %d bytes, not %d", len(data), f.Size)
	}
	return data, nil
}

// vector converts an array of numbers. A rotation may come with its W; the sign
// then goes to the other three, since a W that isn't sent counts as positive.
func vector(t template.Type, v any) (any, error) {
	parts, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("a %T is no array of numbers", v)
	}
	var r [4]float64
	if len(parts) > len(r) {
		return nil, fmt.Errorf("%d numbers are too many for an %s", len(parts), t)
	}
	for i, part := range parts {
		var err error
		if r[i], err = real(part); err != nil {
			return nil, err
		}
	}
	x, y, z, w := float32(r[0]), float32(r[1]), float32(r[2]), float32(r[3])
	switch {
	case t == template.LLVector4 && len(parts) == 4:
		return Vector4{x, y, z, w}, nil
	case t == template.LLVector3 && len(parts) == 3:
		return Vector3{x, y, z}, nil
	case t == template.LLVector3d && len(parts) == 3:
		return Vector3d{r[0], r[1], r[2]}, nil
	case t == template.LLQuaternion && len(parts) == 4 && w < 0:
		return Quaternion{-x, -y, -z}, nil
	case t == template.LLQuaternion && len(parts) >= 3:
		return Quaternion{x, y, z}, nil
	}
	return nil, fmt.Errorf("%d numbers don't make an %s", len(parts), t)
}
