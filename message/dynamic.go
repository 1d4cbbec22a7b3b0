package message

import (
	"fmt"

	"github.com/slload/slload/message/template"
)

// Dynamic is a message that is described at run time: one of a template that was
// not compiled in, or any message where code walks over all fields, as dumps and
// LLSD do. It is slower than the generated types and allocates.
type Dynamic struct {
	Desc   *template.Message
	Blocks [][]Row // for each block of Desc, in its order, the repeats
}

// Row is one repeat of a block: a value for each field in the template's order, of
// the Go type that generated structs have for it (uint8, Vector3, uuid.UUID, ...);
// but Fixed is a []byte here, like Variable.
type Row []any

// NewDynamic returns a message of that description with every value zero and no
// repeats of Variable blocks.
func NewDynamic(desc *template.Message) *Dynamic {
	d := &Dynamic{Desc: desc, Blocks: make([][]Row, len(desc.Blocks))}
	for i := range desc.Blocks {
		b := &desc.Blocks[i]
		for range b.Count {
			d.Blocks[i] = append(d.Blocks[i], zeroRow(b))
		}
	}
	return d
}

func zeroRow(b *template.Block) Row {
	row := make(Row, len(b.Fields))
	for i := range b.Fields {
		row[i] = zeroValue(&b.Fields[i])
	}
	return row
}

// ID returns the compiled-in type with the same name and number, else NoID.
func (d *Dynamic) ID() ID {
	if id, ok := ByName(d.Desc.Name); ok && id.Number() == d.Number() {
		return id
	}
	return NoID
}

// Number returns the message's number on the wire.
func (d *Dynamic) Number() Number { return Number(d.Desc.WireNumber()) }

// AppendBody appends the message's blocks to dst. Besides an *OverflowError it can
// fail because Blocks doesn't have the shape or the types of Desc.
func (d *Dynamic) AppendBody(dst []byte) ([]byte, error) {
	if len(d.Blocks) != len(d.Desc.Blocks) {
		return dst, fmt.Errorf("encode %s: %d blocks, its template has %d", d.Desc.Name, len(d.Blocks), len(d.Desc.Blocks))
	}
	out := dst
	for i := range d.Blocks {
		var err error
		if out, err = d.appendBlock(out, &d.Desc.Blocks[i], d.Blocks[i]); err != nil {
			return dst, err
		}
	}
	return out, nil
}

func (d *Dynamic) appendBlock(dst []byte, b *template.Block, rows []Row) ([]byte, error) {
	switch {
	case b.Quantity != template.VariableBlocks && len(rows) != b.Count:
		return dst, fmt.Errorf("encode %s: block %s comes %d times, its template says %d", d.Desc.Name, b.Name, len(rows), b.Count)
	case len(rows) > 255:
		return dst, &OverflowError{Message: d.Desc.Name, Block: b.Name, Size: len(rows), Max: 255}
	case b.Quantity == template.VariableBlocks:
		dst = append(dst, byte(len(rows)))
	}
	for _, row := range rows {
		if len(row) != len(b.Fields) {
			return dst, fmt.Errorf("encode %s: block %s has %d fields, its template has %d", d.Desc.Name, b.Name, len(row), len(b.Fields))
		}
		for j, v := range row {
			var err error
			if dst, err = d.appendField(dst, b, &b.Fields[j], v); err != nil {
				return dst, err
			}
		}
	}
	return dst, nil
}

func (d *Dynamic) appendField(dst []byte, b *template.Block, f *template.Field, v any) ([]byte, error) {
	if data, ok := v.([]byte); ok && f.Type == template.Variable {
		limit := 1<<(8*f.Size) - 1
		if len(data) > limit {
			return dst, &OverflowError{Message: d.Desc.Name, Block: b.Name, Field: f.Name, Size: len(data), Max: limit}
		}
		dst = append(dst, byte(len(data)))
		if f.Size == 2 {
			dst = append(dst, byte(len(data)>>8))
		}
		return append(dst, data...), nil
	}
	out := extend(dst, f.FixedSize())
	if !putValue(f, out[len(dst):], v) {
		return dst, fmt.Errorf("encode %s: %s.%s has type %s, a %T doesn't go in", d.Desc.Name, b.Name, f.Name, f.Type, v)
	}
	return out, nil
}

// DecodeBody reads the blocks from body like the generated types do: Variable and
// Fixed fields alias body, and bytes may be left over.
func (d *Dynamic) DecodeBody(body []byte) (n int, err error) {
	d.Blocks = make([][]Row, len(d.Desc.Blocks))
	for i := range d.Desc.Blocks {
		b := &d.Desc.Blocks[i]
		count, ok := b.Count, true
		if b.Quantity == template.VariableBlocks {
			if count, n, ok = blockCount(body, n, b.MinSize()); !ok {
				return n, &ShortError{Message: d.Desc.Name, Block: b.Name, Index: -1, Size: len(body)}
			}
		}
		for repeat := range count {
			row := make(Row, len(b.Fields))
			for j := 0; ok && j < len(row); j++ {
				row[j], n, ok = readValue(&b.Fields[j], body, n)
			}
			if !ok {
				return n, &ShortError{Message: d.Desc.Name, Block: b.Name, Index: repeat, Size: len(body)}
			}
			d.Blocks[i] = append(d.Blocks[i], row)
		}
	}
	return n, nil
}
