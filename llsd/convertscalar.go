package llsd

import (
	"math"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// assignScalar converts a scalar into dst and reports whether it could.
func assignScalar(dst reflect.Value, value any) bool {
	if s, ok := textValue(value); ok {
		if done := assignText(dst, s); done {
			return true
		}
	}
	if b, ok := value.([]byte); ok {
		return assignBytes(dst, b)
	}
	switch dst.Kind() {
	case reflect.Bool:
		b, ok := toBool(value)
		dst.SetBool(b)
		return ok
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, ok := toInt(value)
		if !ok || dst.OverflowInt(n) {
			return false
		}
		dst.SetInt(n)
		return true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return assignUint(dst, value)
	case reflect.Float32, reflect.Float64:
		f, ok := toReal(value)
		dst.SetFloat(f)
		return ok
	case reflect.String:
		s, ok := toString(value)
		dst.SetString(s)
		return ok
	}
	return false
}

// textValue is the text of a string or uri.
func textValue(value any) (string, bool) {
	switch x := value.(type) {
	case string:
		return x, true
	case URI:
		return string(x), true
	}
	return "", false
}

// assignText fills the types that have a text form of their own.
func assignText(dst reflect.Value, s string) bool {
	switch dst.Type() {
	case uuidType:
		id, err := parseUUID([]byte(strings.TrimSpace(s)))
		dst.Set(reflect.ValueOf(id))
		return err == nil
	case timeType:
		t, err := parseDate(strings.TrimSpace(s))
		dst.Set(reflect.ValueOf(t))
		return err == nil
	}
	if dst.Kind() == reflect.String {
		dst.SetString(s)
		return true
	}
	return unmarshalText(dst, s)
}

// assignBytes reads binary as the event queue means it: big-endian numbers,
// addresses in network order.
func assignBytes(dst reflect.Value, b []byte) bool {
	switch {
	case dst.Type() == reflect.TypeFor[netip.Addr]():
		addr, ok := netip.AddrFromSlice(b)
		dst.Set(reflect.ValueOf(addr))
		return ok
	case dst.Kind() == reflect.Slice && dst.Type().Elem().Kind() == reflect.Uint8:
		dst.SetBytes(b)
		return true
	case dst.Kind() == reflect.Array && dst.Type().Elem().Kind() == reflect.Uint8:
		if len(b) != dst.Len() {
			return false
		}
		for i, c := range b {
			dst.Index(i).SetUint(uint64(c))
		}
		return true
	case dst.Kind() == reflect.String:
		dst.SetString(string(b))
		return true
	case len(b) > 8:
		return false
	}
	var n uint64
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	switch {
	case dst.CanUint() && !dst.OverflowUint(n):
		dst.SetUint(n)
	case dst.CanInt() && !dst.OverflowInt(signed(n, len(b))):
		dst.SetInt(signed(n, len(b)))
	default:
		return false
	}
	return true
}

// signed extends the sign of a big-endian number of size bytes.
func signed(n uint64, size int) int64 {
	shift := 64 - 8*size
	return int64(n<<shift) >> shift
}

func assignUint(dst reflect.Value, value any) bool {
	n, ok := toInt(value)
	if !ok {
		return false
	}
	u := uint64(n)
	if _, isInt := value.(int32); isInt {
		u = uint64(uint32(n))
	} else if n < 0 {
		return false
	}
	if dst.OverflowUint(u) {
		return false
	}
	dst.SetUint(u)
	return true
}

func toBool(value any) (b, ok bool) {
	switch x := value.(type) {
	case bool:
		return x, true
	case int32:
		return x != 0, true
	case float64:
		return x != 0, true
	case string:
		b, err := parseBool(strings.TrimSpace(x))
		return b || err != nil, true // any other text is true
	}
	return false, false
}

func toInt(value any) (int64, bool) {
	switch x := value.(type) {
	case bool:
		return int64(btoi(x)), true
	case int32:
		return int64(x), true
	case float64:
		if x != x || x < math.MinInt64 || x >= math.MaxInt64 {
			return 0, false
		}
		return int64(x), true
	case string:
		return textToInt(strings.TrimSpace(x))
	case time.Time:
		return x.Unix(), true
	}
	return 0, false
}

func textToInt(s string) (int64, bool) {
	if s == "" {
		return 0, true
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n, true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || math.Abs(f) >= math.MaxInt64 || f != f {
		return 0, false
	}
	return int64(f), true
}

func toReal(value any) (float64, bool) {
	switch x := value.(type) {
	case float64:
		return x, true
	case string:
		f, err := parseReal(strings.TrimSpace(x))
		return f, err == nil
	}
	n, ok := toInt(value)
	return float64(n), ok
}

func toString(value any) (string, bool) {
	switch x := value.(type) {
	case bool:
		return strconv.FormatBool(x), true
	case int32:
		return strconv.Itoa(int(x)), true
	case float64:
		return strconv.FormatFloat(x, 'g', -1, 64), true
	case uuid.UUID:
		return x.String(), true
	case time.Time:
		return x.UTC().Format(dateFormat), true
	}
	return "", false
}
