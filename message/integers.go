package message

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"
)

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
