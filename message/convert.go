package message

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"reflect"
	"strconv"

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
