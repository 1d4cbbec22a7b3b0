package main

import "github.com/slload/slload/message/template"

// encode writes what turns a message into bytes.
func (s *source) encode(m *message) {
	s.appendBody(m)
	for i := range m.blocks {
		s.blockEncode(&m.blocks[i])
	}
}

// appendBody writes a message's AppendBody: block after block.
func (s *source) appendBody(m *message) {
	s.f("// AppendBody appends the message's blocks to dst.")
	s.f("func (m *%s) AppendBody(dst []byte) ([]byte, error) {", m.goName)
	s.f("out := dst")
	for i := range m.blocks {
		if canOverflow(&m.blocks[i]) {
			s.f("var err error")
			break
		}
	}
	for i := range m.blocks {
		s.appendBlocks(&m.blocks[i])
	}
	s.f("return out, nil\n}\n")
}

func (s *source) appendBlocks(b *block) {
	one := "m." + b.member
	if b.Quantity == template.VariableBlocks {
		s.f("if len(%s) > 255 { return dst, tooManyBlocks(ID%s, %d, len(%s)) }", one, b.message.goName, b.index, one)
		s.f("out = append(out, byte(len(%s)))", one)
	}
	if b.Quantity != template.Single {
		s.f("for i := range %s {", one)
		defer s.f("}")
		one += "[i]"
	}
	if canOverflow(b) {
		s.f("if out, err = %s.encode(out); err != nil { return dst, err }", one)
	} else {
		s.f("out = %s.encode(out)", one)
	}
}

// blockEncode writes a block's encode. A block without Variable fields can't fail.
func (s *source) blockEncode(b *block) {
	fails := canOverflow(b)
	result, end := "[]byte", "return dst"
	if fails {
		result, end = "([]byte, error)", "return dst, nil"
	}
	s.f("func (x *%s) encode(dst []byte) %s {", b.goName, result)
	for _, r := range spans(b) {
		if r.size == 0 {
			s.encodeVariable(b, &r.fields[0])
			continue
		}
		s.f("dst = extend(dst, %d)", r.size)
		if !singleSpan(b) {
			s.f("{")
		}
		s.f("p := (*[%d]byte)(dst[len(dst)-%d:])", r.size, r.size)
		offset := 0
		for _, f := range r.fields {
			s.f(codeOf(f.Field).store, wire(f.Field, offset), "x."+f.goName)
			offset += f.FixedSize()
		}
		if !singleSpan(b) {
			s.f("}")
		}
	}
	s.f("%s\n}\n", end)
}

func (s *source) encodeVariable(b *block, f *field) {
	value, most := "x."+f.goName, 255
	if f.Size == 2 {
		most = 65535
	}
	s.f("if len(%s) > %d { return dst, tooLong(ID%s, %d, %d, len(%s)) }", value, most, b.message.goName, b.index, f.index, value)
	if f.Size == 2 {
		s.f("dst = append(dst, byte(len(%s)), byte(len(%s)>>8))", value, value)
	} else {
		s.f("dst = append(dst, byte(len(%s)))", value)
	}
	s.f("dst = append(dst, %s...)", value)
}

// singleSpan tells whether the block is one span, so that its p needs no scope of
// its own.
func singleSpan(b *block) bool { return len(spans(b)) == 1 }
