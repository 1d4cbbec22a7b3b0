package llsd

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"strings"
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
	err := assign(v.Elem(), value)
	var t *TypeError
	if errors.As(err, &t) {
		t.Path = strings.TrimPrefix(t.Path, ".")
	}
	return err
}

// assign sets dst from value.
func assign(dst reflect.Value, value any) error {
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
		return assign(dst.Elem(), value)
	}
	if dst.Kind() == reflect.Interface && dst.NumMethod() == 0 {
		dst.Set(reflect.ValueOf(value))
		return nil
	}
	switch x := value.(type) {
	case map[string]any:
		return assignMap(dst, x)
	case []any:
		return assignArray(dst, x)
	}
	if assignScalar(dst, value) {
		return nil
	}
	return typeError(value, dst)
}

func assignMap(dst reflect.Value, m map[string]any) error {
	switch {
	case dst.Kind() == reflect.Struct && dst.Type() != timeType:
		fields := fieldsOf(dst.Type())
		for name, value := range m {
			f, ok := fields.byName[name]
			if !ok {
				continue
			}
			if err := assign(dst.FieldByIndex(f.index), value); err != nil {
				return within("."+name, err)
			}
		}
		return nil
	case dst.Kind() == reflect.Map && dst.Type().Key().Kind() == reflect.String:
		if dst.IsNil() {
			dst.Set(reflect.MakeMapWithSize(dst.Type(), len(m)))
		}
		for name, value := range m {
			elem := reflect.New(dst.Type().Elem()).Elem()
			if err := assign(elem, value); err != nil {
				return within("."+name, err)
			}
			dst.SetMapIndex(reflect.ValueOf(name).Convert(dst.Type().Key()), elem)
		}
		return nil
	}
	return typeError(m, dst)
}

func assignArray(dst reflect.Value, a []any) error {
	switch dst.Kind() {
	case reflect.Slice:
		dst.Set(reflect.MakeSlice(dst.Type(), len(a), len(a)))
	case reflect.Array:
		if len(a) > dst.Len() {
			return typeError(a, dst)
		}
		dst.SetZero()
	default:
		return typeError(a, dst)
	}
	for i, value := range a {
		if err := assign(dst.Index(i), value); err != nil {
			return within(fmt.Sprintf("[%d]", i), err)
		}
	}
	return nil
}

var (
	timeType = reflect.TypeFor[time.Time]()
	uuidType = reflect.TypeFor[uuid.UUID]()
)

func typeError(value any, dst reflect.Value) error {
	return &TypeError{Value: describe(value), Type: dst.Type()}
}

// within says of an error in which member or element it is. Most values fit:
// where they stand is put together only when one doesn't.
func within(step string, err error) error {
	var t *TypeError
	if errors.As(err, &t) {
		t.Path = step + t.Path
	}
	return err
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
