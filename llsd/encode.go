package llsd

import (
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

// AppendXML is MarshalXML that appends to dst.
func AppendXML(dst []byte, v any) ([]byte, error) {
	w := &xmlWriter{buf: append(dst, "<llsd>"...)}
	err := walk(w, reflect.ValueOf(v), 0)
	return append(w.buf, "</llsd>"...), err
}

// MarshalBinary encodes v, as MarshalXML does, as an LLSD binary document
// with its header.
func MarshalBinary(v any) ([]byte, error) {
	w := &binaryWriter{buf: []byte(binaryHeader)}
	err := walk(w, reflect.ValueOf(v), 0)
	return w.buf, err
}

// MarshalNotation encodes v, as MarshalXML does, in LLSD notation. It writes
// no header: login answers hold bare notation.
func MarshalNotation(v any) ([]byte, error) {
	w := &notationWriter{}
	err := walk(w, reflect.ValueOf(v), 0)
	return w.buf, err
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

// walk writes one value. The common types of a decoded tree go by a type
// switch, the rest by reflection.
func walk(w writer, v reflect.Value, depth int) error {
	if !v.IsValid() {
		w.undef()
		return nil
	}
	if depth > maxEncodeDepth {
		return &UnsupportedError{v.Type(), fmt.Sprintf("deeper than %d levels, or a cycle", maxEncodeDepth)}
	}
	if v.CanInterface() && walkKnown(w, v) {
		return nil
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		return walk(w, v.Elem(), depth+1)
	case reflect.Map:
		return walkMap(w, v, depth)
	case reflect.Slice, reflect.Array:
		return walkArray(w, v, depth)
	}
	if text, ok := textOf(v); ok {
		b, err := text.MarshalText()
		if err != nil {
			return fmt.Errorf("llsd: encoding a Go %s: %w", v.Type(), err)
		}
		w.str(string(b))
		return nil
	}
	if v.Kind() == reflect.Struct {
		return walkStruct(w, v, depth)
	}
	return walkScalar(w, v)
}

// walkKnown writes the types that have an LLSD type of their own.
func walkKnown(w writer, v reflect.Value) bool {
	switch x := v.Interface().(type) {
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
		w.date(x)
	case netip.Addr:
		w.binary(x.AsSlice())
	default:
		return false
	}
	return true
}

func textOf(v reflect.Value) (encoding.TextMarshaler, bool) {
	if !v.CanInterface() {
		return nil, false
	}
	t, ok := v.Interface().(encoding.TextMarshaler)
	return t, ok
}

func walkMap(w writer, v reflect.Value, depth int) error {
	if v.Type().Key().Kind() != reflect.String {
		return &UnsupportedError{v.Type(), "an LLSD map has string keys"}
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int {
		switch x, y := a.String(), b.String(); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	w.beginMap(len(keys))
	for i, k := range keys {
		w.key(i, k.String())
		if err := walk(w, v.MapIndex(k), depth+1); err != nil {
			return err
		}
	}
	w.endMap()
	return nil
}

func walkArray(w writer, v reflect.Value, depth int) error {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		b := make([]byte, v.Len())
		reflect.Copy(reflect.ValueOf(b), v)
		w.binary(b)
		return nil
	}
	w.beginArray(v.Len())
	for i := range v.Len() {
		w.item(i)
		if err := walk(w, v.Index(i), depth+1); err != nil {
			return err
		}
	}
	w.endArray()
	return nil
}

func walkStruct(w writer, v reflect.Value, depth int) error {
	fields := fieldsOf(v.Type())
	present := 0
	for _, f := range fields.list {
		if fv, ok := f.read(v); ok && !(f.omitEmpty && isEmpty(fv)) {
			present++
		}
	}
	w.beginMap(present)
	i := 0
	for _, f := range fields.list {
		fv, ok := f.read(v)
		if !ok || f.omitEmpty && isEmpty(fv) {
			continue
		}
		w.key(i, f.name)
		i++
		if err := walk(w, fv, depth+1); err != nil {
			return err
		}
	}
	w.endMap()
	return nil
}

// isEmpty is encoding/json's idea of omitempty, and the zero of the types
// that LLSD knows besides.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	}
	return v.IsZero()
}

func walkScalar(w writer, v reflect.Value) error {
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
