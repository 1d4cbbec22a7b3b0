package main

import (
	"fmt"

	"github.com/slload/slload/message/template"
)

// decode writes what turns bytes into a message.
func (s *source) decode(m *message) {
	s.decodeBody(m)
	for i := range m.blocks {
		s.blockDecode(&m.blocks[i])
	}
}

// decodeBody writes a message's DecodeBody: block after block, each one's decode
// telling where the next begins.
func (s *source) decodeBody(m *message) {
	s.f("// DecodeBody reads the blocks from b; Variable fields alias it.")
	s.f("func (m *%s) DecodeBody(b []byte) (int, error) {", m.goName)
	if len(m.blocks) > 0 {
		s.f("n, ok := 0, true")
	}
	for i := range m.blocks {
		if m.blocks[i].Quantity == template.VariableBlocks {
			s.f("var count int")
			break
		}
	}
	for i := range m.blocks {
		s.decodeBlocks(&m.blocks[i])
	}
	if len(m.blocks) > 0 {
		s.f("return n, nil\n}\n")
	} else {
		s.f("return 0, nil\n}\n")
	}
}

func (s *source) decodeBlocks(b *block) {
	one, index, id := "m."+b.member, "0", "ID"+b.message.goName
	if b.Quantity == template.VariableBlocks {
		s.f("if count, n, ok = blockCount(b, n, %d); !ok { return n, short(%s, %d, -1, len(b)) }", b.MinSize(), id, b.index)
		s.f("%s = repeats(%s, count)", one, one)
	}
	if b.Quantity != template.Single {
		s.f("for i := range %s {", one)
		defer s.f("}")
		one, index = one+"[i]", "i"
	}
	s.f("if n, ok = %s.decode(b, n); !ok { return n, short(%s, %d, %s, len(b)) }", one, id, b.index, index)
}

// blockDecode writes a block's decode: one bounds check a span, and the array p
// that tells the compiler so.
func (s *source) blockDecode(b *block) {
	s.f("func (x *%s) decode(b []byte, n int) (int, bool) {", b.goName)
	if canOverflow(b) {
		s.f("var ok bool")
	}
	for _, r := range spans(b) {
		if r.size == 0 {
			f := &r.fields[0]
			s.f("if x.%s, n, ok = variable%d(b, n); !ok { return n, false }", f.goName, f.Size)
			continue
		}
		s.f("if len(b)-n < %d { return n, false }", r.size)
		if !singleSpan(b) {
			s.f("{")
		}
		s.f("p := (*[%d]byte)(b[n:])", r.size)
		offset := 0
		for _, f := range r.fields {
			s.f("x.%s = %s", f.goName, fmt.Sprintf(codeOf(f.Field).load, wire(f.Field, offset)))
			offset += f.FixedSize()
		}
		if !singleSpan(b) {
			s.f("}")
		}
		s.f("n += %d", r.size)
	}
	s.f("return n, true\n}\n")
}
