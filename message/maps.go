package message

import (
	"fmt"

	"github.com/slload/slload/message/template"
)

// FromMap fills m from LLSD values: block name to an array of maps, a map for each
// repeat, from field name to value, as event queues write message bodies. A block
// that comes once may also be the map itself. What is missing is zero, what the
// template doesn't have is ignored; names are compared to the letter.
//
// Values convert as simulators need it: integers from int32, real, string,
// boolean, date (Unix seconds) or big-endian binary; vectors and rotations from
// arrays of numbers; IPADDR from four bytes, a dotted quad or an integer; text
// gets its NUL. A value that says something else, or a number that doesn't fit, is
// an error. m may be a generated type or a Dynamic. Its Variable fields may share
// memory with v.
func FromMap(m Message, v map[string]any) error {
	if d, ok := m.(*Dynamic); ok {
		return d.FromMap(v)
	}
	d := NewDynamic(m.ID().Descriptor())
	if err := d.FromMap(v); err != nil {
		return err
	}
	return d.fill(m)
}

// ToMap returns m as LLSD values, in the shape that FromMap reads: every block an
// array; U8 to S32 and IPPORT as int32, U32, U64, S64 and IPADDR as big-endian
// binary, F32 and F64 as float64, vectors as arrays, rotations as x, y, z, w, Fixed
// and Variable as binary.
func ToMap(m Message) map[string]any {
	return ToDynamic(m).ToMap()
}

// FromMap is the function FromMap for a Dynamic. On error d is as it was.
func (d *Dynamic) FromMap(v map[string]any) error {
	fresh := NewDynamic(d.Desc)
	for i := range d.Desc.Blocks {
		b := &d.Desc.Blocks[i]
		repeats, err := repeatsIn(v[b.Name])
		if err == nil && b.Quantity != template.VariableBlocks && len(repeats) > b.Count {
			err = fmt.Errorf("comes %d times, not %d", len(repeats), b.Count)
		}
		if err != nil {
			return fmt.Errorf("message %s: block %s %w", d.Desc.Name, b.Name, err)
		}
		for j, values := range repeats {
			if b.Quantity == template.VariableBlocks {
				fresh.Blocks[i] = append(fresh.Blocks[i], zeroRow(b))
			}
			if err := fillRow(fresh.Blocks[i][j], b, values); err != nil {
				return fmt.Errorf("message %s: %s[%d].%w", d.Desc.Name, b.Name, j, err)
			}
		}
	}
	d.Blocks = fresh.Blocks
	return nil
}

// repeatsIn returns the repeats of a block.
func repeatsIn(v any) ([]map[string]any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case map[string]any:
		return []map[string]any{v}, nil
	case []any:
		all := make([]map[string]any, len(v))
		for i := range v {
			m, ok := v[i].(map[string]any)
			if !ok {
				return nil, fmt.Errorf("holds a %T, not a map", v[i])
			}
			all[i] = m
		}
		return all, nil
	}
	return nil, fmt.Errorf("is a %T, not an array of maps", v)
}

func fillRow(row Row, b *template.Block, values map[string]any) error {
	for j := range b.Fields {
		f := &b.Fields[j]
		v, ok := values[f.Name]
		if !ok || v == nil {
			continue
		}
		value, err := fromLLSD(f, v)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		row[j] = value
	}
	return nil
}

// ToMap is the function ToMap for a Dynamic.
func (d *Dynamic) ToMap() map[string]any {
	out := make(map[string]any, len(d.Blocks))
	for i, rows := range d.Blocks {
		b := &d.Desc.Blocks[i]
		repeats := make([]any, len(rows))
		for r, row := range rows {
			values := make(map[string]any, len(row))
			for j, v := range row {
				values[b.Fields[j].Name] = toLLSD(v)
			}
			repeats[r] = values
		}
		out[b.Name] = repeats
	}
	return out
}
