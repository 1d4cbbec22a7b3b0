package main

import (
	"fmt"

	"github.com/slload/slload/message/template"
)

// fieldCode is how a field type looks in Go. %[1]s is the field's bytes (see wire):
// part of an array of known length, so that the compiler drops every bounds check;
// %[2]s in store is the value.
type fieldCode struct {
	goType string
	load   string
	store  string
}

var fieldCodes = map[template.Type]fieldCode{
	template.U8:           {"uint8", "%[1]s", "%[1]s = %[2]s"},
	template.S8:           {"int8", "int8(%[1]s)", "%[1]s = byte(%[2]s)"},
	template.BOOL:         {"bool", "%[1]s != 0", "%[1]s = boolByte(%[2]s)"},
	template.U16:          {"uint16", "binary.LittleEndian.Uint16(%[1]s)", "binary.LittleEndian.PutUint16(%[1]s, %[2]s)"},
	template.U32:          {"uint32", "binary.LittleEndian.Uint32(%[1]s)", "binary.LittleEndian.PutUint32(%[1]s, %[2]s)"},
	template.U64:          {"uint64", "binary.LittleEndian.Uint64(%[1]s)", "binary.LittleEndian.PutUint64(%[1]s, %[2]s)"},
	template.S16:          {"int16", "int16(binary.LittleEndian.Uint16(%[1]s))", "binary.LittleEndian.PutUint16(%[1]s, uint16(%[2]s))"},
	template.S32:          {"int32", "int32(binary.LittleEndian.Uint32(%[1]s))", "binary.LittleEndian.PutUint32(%[1]s, uint32(%[2]s))"},
	template.S64:          {"int64", "int64(binary.LittleEndian.Uint64(%[1]s))", "binary.LittleEndian.PutUint64(%[1]s, uint64(%[2]s))"},
	template.F32:          {"float32", "getF32(%[1]s)", "putF32(%[1]s, %[2]s)"},
	template.F64:          {"float64", "getF64(%[1]s)", "putF64(%[1]s, %[2]s)"},
	template.LLVector3:    {"Vector3", "getVector3(%[1]s)", "putVector3(%[1]s, %[2]s)"},
	template.LLVector3d:   {"Vector3d", "getVector3d(%[1]s)", "putVector3d(%[1]s, %[2]s)"},
	template.LLVector4:    {"Vector4", "getVector4(%[1]s)", "putVector4(%[1]s, %[2]s)"},
	template.LLQuaternion: {"Quaternion", "Quaternion(getVector3(%[1]s))", "putVector3(%[1]s, Vector3(%[2]s))"},
	template.LLUUID:       {"uuid.UUID", "uuid.UUID(%[1]s)", "copy(%[1]s, %[2]s[:])"},
	template.IPADDR:       {"[4]byte", "[4]byte(%[1]s)", "copy(%[1]s, %[2]s[:])"},
	template.IPPORT:       {"uint16", "binary.BigEndian.Uint16(%[1]s)", "binary.BigEndian.PutUint16(%[1]s, %[2]s)"},
	template.Variable:     {goType: "[]byte"},
}

func codeOf(f *template.Field) fieldCode {
	if f.Type == template.Fixed {
		array := fmt.Sprintf("[%d]byte", f.Size)
		return fieldCode{array, array + "(%[1]s)", "copy(%[1]s, %[2]s[:])"}
	}
	return fieldCodes[f.Type]
}

func goType(f *template.Field) string { return codeOf(f).goType }

// wire names the field's bytes at offset in the array p: p[4] for a type of one
// byte, p[4:8] for longer ones.
func wire(f *template.Field, offset int) string {
	switch f.Type {
	case template.U8, template.S8, template.BOOL:
		return fmt.Sprintf("p[%d]", offset)
	}
	return fmt.Sprintf("p[%d:%d]", offset, offset+f.FixedSize())
}

// span is a stretch of a block that is read and written with one bounds check:
// fields of fixed size in a row, or a single Variable field.
type span struct {
	fields []field
	size   int // 0 for a Variable field
}

func spans(b *block) []span {
	var all []span
	for _, f := range b.fields {
		size := f.FixedSize()
		if last := len(all) - 1; size > 0 && last >= 0 && all[last].size > 0 {
			all[last].fields = append(all[last].fields, f)
			all[last].size += size
			continue
		}
		all = append(all, span{[]field{f}, size})
	}
	return all
}

// canOverflow tells whether encoding the block can fail.
func canOverflow(b *block) bool {
	for _, f := range b.fields {
		if f.Type == template.Variable {
			return true
		}
	}
	return false
}
