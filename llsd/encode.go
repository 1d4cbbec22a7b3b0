package llsd

import (
	"cmp"
	"encoding"
	"encoding/binary"
	"fmt"
	"math"
	"net/netip"
	"reflect"
	"slices"
	"time"

	"github.com/google/uuid"
)

// MarshalXML encodes v as an LLSD XML document. Go values become LLSD as
// follows; maps come out sorted by key.
//
//	nil, nil pointer            undef
//	bool                        boolean
//	int, int8 .. int64          integer; beyond 32 bits an error
//	uint8, uint16               integer
//	uint32, uint64              binary, big-endian (the event queue's way)
//	float32, float64            real
//	string, URI                 string, uri
//	uuid.UUID, time.Time        uuid, date
//	[]byte, [N]byte             binary
//	netip.Addr                  binary, network order
//	encoding.TextMarshaler      string
//	slices and arrays           array
//	maps with string keys       map
//	structs                     map, by `llsd:"name,omitempty"` tags
//
// Errors are *UnsupportedError, or what a TextMarshaler returned.
func MarshalXML(v any) ([]byte, error) { return AppendXML(nil, v) }

// AppendXML is MarshalXML that appends to dst. With an error it returns dst
// as it was.
func AppendXML(dst []byte, v any) ([]byte, error) {
	w := &xmlWriter{buf: append(dst, "<llsd>"...)}
	if err := encode(w, v, 0); err != nil {
		return dst, err
	}
	return append(w.buf, "</llsd>"...), nil
}

// MarshalBinary encodes v, as MarshalXML does, as an LLSD binary document
// with its header.
func MarshalBinary(v any) ([]byte, error) {
	w := &binaryWriter{buf: []byte(binaryHeader)}
	if err := encode(w, v, 0); err != nil {
		return nil, err
	}
	return w.buf, nil
}

// MarshalNotation encodes v, as MarshalXML does, in LLSD notation. It writes
// no header: login answers hold bare notation.
func MarshalNotation(v any) ([]byte, error) {
	w := &notationWriter{}
	if err := encode(w, v, 0); err != nil {
		return nil, err
	}
	return w.buf, nil
}

// writer is one serialisation.
type writer interface {
	undef()
	boolean(bool)
	integer(int32)
	real(float64)
	uuid(uuid.UUID)
	str(string)
	uri(URI)
	binary([]byte)
	date(time.Time)
	beginMap(n int)
	key(i int, name string) // before the i-th value of a map
	endMap()
	beginArray(n int)
	item(i int) // before the i-th value of an array
	endArray()
}

// maxEncodeDepth stops at pointer cycles.
const maxEncodeDepth = 1000

// encode writes one value. The types of a decoded tree go by a type switch,
// everything else by reflection.
func encode(w writer, v any, depth int) error {
	if depth > maxEncodeDepth {
		return &UnsupportedError{reflect.TypeOf(v), fmt.Sprintf("deeper than %d levels, or a cycle", maxEncodeDepth)}
	}
	switch x := v.(type) {
	case nil:
		w.undef()
	case map[string]any:
		return encodeTree(w, x, depth)
	case []any:
		w.beginArray(len(x))
		for i, item := range x {
			w.item(i)
			if err := encode(w, item, depth+1); err != nil {
				return err
			}
		}
		w.endArray()
	case []string:
		w.beginArray(len(x))
		for i, item := range x {
			w.item(i)
			w.str(item)
		}
		w.endArray()
	case string:
		w.str(x)
	case int32:
		w.integer(x)
	case float64:
		w.real(x)
	case bool:
		w.boolean(x)
	case uuid.UUID:
		w.uuid(x)
	case []byte:
		w.binary(x)
	case URI:
		w.uri(x)
	case time.Time:
		return encodeDate(w, x)
	case netip.Addr:
		w.binary(x.AsSlice())
	default:
		return encodeReflect(w, reflect.ValueOf(v), depth)
	}
	return nil
}

func encodeTree(w writer, m map[string]any, depth int) error {
	w.beginMap(len(m))
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		w.key(i, name)
		if err := encode(w, m[name], depth+1); err != nil {
			return err
		}
	}
	w.endMap()
	return nil
}

// encodeDate refuses years that ISO 8601's four digits can't hold.
func encodeDate(w writer, t time.Time) error {
	if y := t.UTC().Year(); y < 1 || y > 9999 {
		return &UnsupportedError{timeType, fmt.Sprintf("year %d is outside 1 to 9999", y)}
	}
	w.date(t)
	return nil
}

func encodeReflect(w writer, v reflect.Value, depth int) error {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			w.undef()
			return nil
		}
		return encode(w, v.Elem().Interface(), depth+1)
	case reflect.Map:
		return encodeMap(w, v, depth)
	case reflect.Slice, reflect.Array:
		return encodeArray(w, v, depth)
	}
	if text, ok := v.Interface().(encoding.TextMarshaler); ok {
		b, err := text.MarshalText()
		if err != nil {
			return fmt.Errorf("llsd: encoding a Go %s: %w", v.Type(), err)
		}
		w.str(string(b))
		return nil
	}
	if v.Kind() == reflect.Struct {
		return encodeStruct(w, v, depth)
	}
	return encodeScalar(w, v)
}

func encodeMap(w writer, v reflect.Value, depth int) error {
	if v.Type().Key().Kind() != reflect.String {
		return &UnsupportedError{v.Type(), "an LLSD map has string keys"}
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(a.String(), b.String()) })
	w.beginMap(len(keys))
	for i, k := range keys {
		w.key(i, k.String())
		if err := encode(w, v.MapIndex(k).Interface(), depth+1); err != nil {
			return err
		}
	}
	w.endMap()
	return nil
}

func encodeArray(w writer, v reflect.Value, depth int) error {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		b := make([]byte, v.Len())
		for i := range b {
			b[i] = byte(v.Index(i).Uint())
		}
		w.binary(b)
		return nil
	}
	w.beginArray(v.Len())
	for i := range v.Len() {
		w.item(i)
		if err := encode(w, v.Index(i).Interface(), depth+1); err != nil {
			return err
		}
	}
	w.endArray()
	return nil
}

func encodeStruct(w writer, v reflect.Value, depth int) error {
	fields := fieldsOf(v.Type()).list
	left := func(f field) bool { return f.omitEmpty && isEmpty(v.FieldByIndex(f.index)) }
	n := 0
	for _, f := range fields {
		if !left(f) {
			n++
		}
	}
	w.beginMap(n)
	i := 0
	for _, f := range fields {
		if left(f) {
			continue
		}
		w.key(i, f.name)
		i++
		if err := encode(w, v.FieldByIndex(f.index).Interface(), depth+1); err != nil {
			return err
		}
	}
	w.endMap()
	return nil
}

// isEmpty is encoding/json's idea of omitempty, and the zero of the types
// that LLSD has besides.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	}
	return v.IsZero()
}

func encodeScalar(w writer, v reflect.Value) error {
	switch v.Kind() {
	case reflect.Bool:
		w.boolean(v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n := v.Int()
		if n < math.MinInt32 || n > math.MaxInt32 {
			return &UnsupportedError{v.Type(), fmt.Sprintf("%d does not fit LLSD's 32-bit integer", n)}
		}
		w.integer(int32(n))
	case reflect.Uint8, reflect.Uint16:
		w.integer(int32(v.Uint()))
	case reflect.Uint32:
		w.binary(binary.BigEndian.AppendUint32(nil, uint32(v.Uint())))
	case reflect.Uint64:
		w.binary(binary.BigEndian.AppendUint64(nil, v.Uint()))
	case reflect.Float32, reflect.Float64:
		w.real(v.Float())
	case reflect.String:
		w.str(v.String())
	default:
		return &UnsupportedError{v.Type(), "LLSD has no such type"}
	}
	return nil
}
