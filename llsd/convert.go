package llsd

import (
	"encoding"
	"fmt"
	"reflect"
	"time"

	"github.com/google/uuid"
)

// Convert fills *ptr from a decoded value: any takes it as it is; structs,
// maps, slices and arrays are filled element by element, scalars converted.
//
// Conversions follow LLSD's own, and are lenient, because grids are:
//
//   - undef is every type's zero value; a map's unknown keys are ignored, and
//     fields without a key keep what they hold;
//   - boolean, integer, real and string become each other where the text
//     parses; an empty string is 0 or false, "0" and "false" are false;
//   - string becomes uuid, date, uri and whatever unmarshals text
//     (netip.AddrPort for an event queue's sim-ip-and-port);
//   - binary is read big-endian into an integer of its size or larger, and
//     byte by byte into [N]byte, netip.Addr and uuid: how the event queue
//     carries U32, U64 and IP addresses;
//   - a negative integer keeps its bits in a uint32.
//
// What can't be converted is a *TypeError that says where.
func Convert(value, ptr any) error {
	if p, ok := ptr.(*any); ok && p != nil {
		*p = value
		return nil
	}
	v := reflect.ValueOf(ptr)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return fmt.Errorf("llsd: decode into a non-nil pointer, not a %T", ptr)
	}
	return assign(v.Elem(), value, "")
}

// assign sets dst from value; path is where it stands in the document.
func assign(dst reflect.Value, value any, path string) error {
	if value == nil {
		dst.SetZero()
		return nil
	}
	if reflect.TypeOf(value) == dst.Type() {
		dst.Set(reflect.ValueOf(value))
		return nil
	}
	if dst.Kind() == reflect.Pointer {
		if dst.IsNil() {
			dst.Set(reflect.New(dst.Type().Elem()))
		}
		return assign(dst.Elem(), value, path)
	}
	if dst.Kind() == reflect.Interface && dst.NumMethod() == 0 {
		dst.Set(reflect.ValueOf(value))
		return nil
	}
	switch x := value.(type) {
	case map[string]any:
		return assignMap(dst, x, path)
	case []any:
		return assignArray(dst, x, path)
	}
	if assignScalar(dst, value) {
		return nil
	}
	return typeError(value, dst, path)
}

func assignMap(dst reflect.Value, m map[string]any, path string) error {
	switch {
	case dst.Kind() == reflect.Struct && dst.Type() != timeType:
		fields := fieldsOf(dst.Type())
		for name, value := range m {
			f, ok := fields.byName[name]
			if !ok {
				continue
			}
			if err := assign(dst.FieldByIndex(f.index), value, path+"."+name); err != nil {
				return err
			}
		}
		return nil
	case dst.Kind() == reflect.Map && dst.Type().Key().Kind() == reflect.String:
		if dst.IsNil() {
			dst.Set(reflect.MakeMapWithSize(dst.Type(), len(m)))
		}
		for name, value := range m {
			elem := reflect.New(dst.Type().Elem()).Elem()
			if err := assign(elem, value, path+"."+name); err != nil {
				return err
			}
			dst.SetMapIndex(reflect.ValueOf(name).Convert(dst.Type().Key()), elem)
		}
		return nil
	}
	return typeError(m, dst, path)
}

func assignArray(dst reflect.Value, a []any, path string) error {
	switch dst.Kind() {
	case reflect.Slice:
		dst.Set(reflect.MakeSlice(dst.Type(), len(a), len(a)))
	case reflect.Array:
		if len(a) > dst.Len() {
			return typeError(a, dst, path)
		}
		dst.SetZero()
	default:
		return typeError(a, dst, path)
	}
	for i, value := range a {
		if err := assign(dst.Index(i), value, fmt.Sprintf("%s[%d]", path, i)); err != nil {
			return err
		}
	}
	return nil
}

var (
	timeType = reflect.TypeFor[time.Time]()
	uuidType = reflect.TypeFor[uuid.UUID]()
)

func typeError(value any, dst reflect.Value, path string) error {
	if len(path) > 0 && path[0] == '.' {
		path = path[1:]
	}
	return &TypeError{describe(value), dst.Type(), path}
}

// describe names a value's LLSD type, with its text where that is short.
func describe(value any) string {
	switch x := value.(type) {
	case map[string]any:
		return fmt.Sprintf("a map of %d", len(x))
	case []any:
		return fmt.Sprintf("an array of %d", len(x))
	case []byte:
		return fmt.Sprintf("binary of %d bytes", len(x))
	case string:
		return fmt.Sprintf("a string of %d bytes", len(x)) // it may be a secret
	case bool:
		return fmt.Sprintf("boolean %t", x)
	case int32:
		return fmt.Sprintf("integer %d", x)
	case float64:
		return fmt.Sprintf("real %g", x)
	case uuid.UUID:
		return "a uuid"
	case time.Time:
		return "a date"
	case URI:
		return "a uri"
	}
	return fmt.Sprintf("a Go %T", value)
}

func unmarshalText(dst reflect.Value, s string) (done bool) {
	if !dst.CanAddr() {
		return false
	}
	u, ok := dst.Addr().Interface().(encoding.TextUnmarshaler)
	return ok && u.UnmarshalText([]byte(s)) == nil
}
