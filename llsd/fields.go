package llsd

import (
	"reflect"
	"slices"
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
	list   []field // in order of declaration
	byName map[string]field
}

var fieldCache sync.Map // reflect.Type -> *structFields

// fieldsOf lists a struct's fields by `llsd:"name,omitempty"`. Without a name
// the field's own counts; "-" leaves it out; structs embedded by value
// without a tag are flattened, and an outer field hides theirs.
func fieldsOf(t reflect.Type) *structFields {
	if f, ok := fieldCache.Load(t); ok {
		return f.(*structFields)
	}
	fs := &structFields{byName: map[string]field{}}
	for _, sf := range reflect.VisibleFields(t) {
		f, ok := fieldOf(t, sf)
		if !ok {
			continue
		}
		if old, ok := fs.byName[f.name]; ok {
			if len(old.index) <= len(f.index) {
				continue
			}
			fs.list = slices.DeleteFunc(fs.list, func(g field) bool { return g.name == f.name })
		}
		fs.byName[f.name] = f
		fs.list = append(fs.list, f)
	}
	stored, _ := fieldCache.LoadOrStore(t, fs)
	return stored.(*structFields)
}

func fieldOf(t reflect.Type, sf reflect.StructField) (field, bool) {
	tag, tagged := sf.Tag.Lookup("llsd")
	name, options, _ := strings.Cut(tag, ",")
	flattened := sf.Anonymous && !tagged && sf.Type.Kind() == reflect.Struct
	if !sf.IsExported() || name == "-" || flattened || behindPointer(t, sf.Index) {
		return field{}, false
	}
	if name == "" {
		name = sf.Name
	}
	return field{name, sf.Index, options == "omitempty"}, true
}

// behindPointer reports whether a promoted field belongs to a struct that is
// embedded by pointer: that pointer is a field of its own.
func behindPointer(t reflect.Type, index []int) bool {
	for _, i := range index[:len(index)-1] {
		if t = t.Field(i).Type; t.Kind() == reflect.Pointer {
			return true
		}
	}
	return false
}
