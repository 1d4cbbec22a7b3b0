package llsd

import (
	"reflect"
	"strings"
	"sync"
)

// field is one struct field as LLSD sees it.
type field struct {
	name      string
	index     []int // through embedded structs
	omitEmpty bool
}

type structFields struct {
	list   []field
	byName map[string]field
}

var fieldCache sync.Map // reflect.Type -> *structFields

// fieldsOf lists a struct's fields by `llsd:"name,omitempty"`. Without a name
// the field's own counts, "-" leaves it out, embedded structs without a tag
// are flattened; an outer field hides an embedded one of the same name.
func fieldsOf(t reflect.Type) *structFields {
	if f, ok := fieldCache.Load(t); ok {
		return f.(*structFields)
	}
	fs := &structFields{byName: map[string]field{}}
	for _, sf := range reflect.VisibleFields(t) {
		tag, tagged := sf.Tag.Lookup("llsd")
		name, options, _ := strings.Cut(tag, ",")
		flattened := sf.Anonymous && !tagged
		if !sf.IsExported() || name == "-" || flattened && structUnder(sf.Type) {
			continue
		}
		if name == "" {
			name = sf.Name
		}
		f := field{name, sf.Index, options == "omitempty"}
		if old, ok := fs.byName[name]; ok && len(old.index) <= len(f.index) {
			continue
		}
		fs.byName[name] = f
	}
	for _, sf := range reflect.VisibleFields(t) { // declaration order
		for _, f := range fs.byName {
			if equalIndex(f.index, sf.Index) {
				fs.list = append(fs.list, f)
			}
		}
	}
	stored, _ := fieldCache.LoadOrStore(t, fs)
	return stored.(*structFields)
}

func equalIndex(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func structUnder(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.Struct
}

// read finds the field in v; ok is false behind a nil embedded pointer.
func (f field) read(v reflect.Value) (reflect.Value, bool) {
	fv, err := v.FieldByIndexErr(f.index)
	return fv, err == nil
}

// write finds the field in v and allocates embedded pointers on the way.
func (f field) write(v reflect.Value) reflect.Value {
	for i, x := range f.index {
		if i > 0 && v.Kind() == reflect.Pointer {
			if v.IsNil() {
				v.Set(reflect.New(v.Type().Elem()))
			}
			v = v.Elem()
		}
		v = v.Field(x)
	}
	return v
}
