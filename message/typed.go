package message

import (
	"fmt"
	"reflect"
)

// The bridge between generated types and Dynamic. It goes by position: the n-th
// field of a message's struct is the n-th block of its descriptor, and so on down.
// It uses reflection instead of the wire format, because messages that come over
// HTTP may hold what UDP's length bytes can't say; it is not for hot paths.

// ToDynamic copies a message field by field; a Dynamic comes back as it is.
// Variable fields share memory with m.
func ToDynamic(m Message) *Dynamic {
	if d, ok := m.(*Dynamic); ok {
		return d
	}
	d := &Dynamic{Desc: m.ID().Descriptor()}
	v := reflect.ValueOf(m).Elem()
	for i := range v.NumField() {
		var rows []Row
		for _, repeat := range repeatsOf(v.Field(i)) {
			row := make(Row, repeat.NumField())
			for j := range row {
				row[j] = fieldValue(repeat.Field(j), d.Desc.Blocks[i].Fields[j].Size)
			}
			rows = append(rows, row)
		}
		d.Blocks = append(d.Blocks, rows)
	}
	return d
}

// fieldValue returns what a Row holds for a struct's field; a size that isn't 0
// marks Fixed and Variable.
func fieldValue(v reflect.Value, size int) any {
	if size > 0 && v.Kind() == reflect.Array {
		return v.Slice(0, v.Len()).Bytes()
	}
	return v.Interface()
}

// fill copies d's values into m, whose descriptor d has.
func (d *Dynamic) fill(m Message) error {
	v := reflect.ValueOf(m).Elem()
	for i := range v.NumField() {
		rows := d.Blocks[i]
		if block := v.Field(i); block.Kind() == reflect.Slice {
			block.Set(reflect.MakeSlice(block.Type(), len(rows), len(rows)))
		}
		for r, repeat := range repeatsOf(v.Field(i)) {
			for j := range repeat.NumField() {
				if !setField(repeat.Field(j), rows[r][j]) {
					b := &d.Desc.Blocks[i]
					return fmt.Errorf("fill %s: %s.%s has type %s, a %T doesn't go in", d.Desc.Name, b.Name, b.Fields[j].Name, b.Fields[j].Type, rows[r][j])
				}
			}
		}
	}
	return nil
}

func setField(field reflect.Value, v any) bool {
	value := reflect.ValueOf(v)
	switch {
	case value.Type() == field.Type():
		field.Set(value)
		return true
	case value.Kind() == reflect.Slice && field.Kind() == reflect.Array && value.Len() == field.Len():
		reflect.Copy(field, value)
		return true
	}
	return false
}

// repeatsOf returns the block structs in a field of a message's struct: itself,
// or the elements of its array or slice.
func repeatsOf(v reflect.Value) []reflect.Value {
	if v.Kind() == reflect.Struct {
		return []reflect.Value{v}
	}
	all := make([]reflect.Value, v.Len())
	for i := range all {
		all[i] = v.Index(i)
	}
	return all
}
