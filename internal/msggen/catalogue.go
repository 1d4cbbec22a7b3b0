package main

import (
	"fmt"

	"github.com/slload/slload/message/template"
)

// catalogue writes the IDs and the tables that lead to them.
func (s *source) catalogue(messages []*message) {
	s.f("// NumMessages is the number of messages in the catalogue.")
	s.f("const NumMessages = %d\n", len(messages))
	s.f("// The messages' IDs.\nconst (")
	for i, m := range messages {
		s.f("ID%s ID = %d", m.goName, i)
	}
	s.f(")\n\nvar catalogue = [NumMessages]entry{")
	for _, m := range messages {
		s.f("{&describe%s, 0x%08X, %t, func() Message { return new(%s) }},", m.goName, m.WireNumber(), m.Zerocoded, m.goName)
	}
	s.f("}\n")
	s.table("highIDs", 256, 0xFF, template.High, messages)
	s.table("mediumIDs", 256, 0xFF, template.Medium, messages)
	s.table("fixedIDs", 256, 0xFF, template.FixedFrequency, messages)
	var last uint32
	for _, m := range messages {
		if m.Frequency == template.Low {
			last = max(last, m.Number)
		}
	}
	s.table("lowIDs", int(last)+1, 0xFFFF, template.Low, messages)
}

// table writes the array that leads from the number bytes of one frequency to
// ID+1; 0 is a number without a message.
func (s *source) table(name string, size int, mask uint32, f template.Frequency, messages []*message) {
	s.f("var %s = [%d]ID{", name, size)
	for _, m := range messages {
		if m.Frequency == f {
			s.f("%d: ID%s + 1,", m.Number&mask, m.goName)
		}
	}
	s.f("}\n")
}

// descriptor writes a message's description as a literal, which costs nothing at
// start. What is zero is left out.
func (s *source) descriptor(m *message) {
	s.f("var describe%s = template.Message{", m.goName)
	s.f("Name: %q, Frequency: template.%s, Number: %s,", m.Name, frequencyConstant(m.Frequency), number(m))
	if m.Trusted {
		s.f("Trusted: true,")
	}
	if m.Zerocoded {
		s.f("Zerocoded: true,")
	}
	if m.Deprecation != "" {
		s.f("Deprecation: %q,", m.Deprecation)
	}
	if len(m.blocks) > 0 {
		s.f("Blocks: []template.Block{")
		for i := range m.blocks {
			s.blockDescriptor(m.blocks[i].Block)
		}
		s.f("},")
	}
	s.f("}\n")
}

func (s *source) blockDescriptor(b *template.Block) {
	count := ""
	if b.Count != 0 {
		count = fmt.Sprintf("Count: %d, ", b.Count)
	}
	s.f("{Name: %q, Quantity: template.%s, %sFields: []template.Field{", b.Name, quantityConstant(b.Quantity), count)
	for _, f := range b.Fields {
		size := ""
		if f.Size != 0 {
			size = fmt.Sprintf(", Size: %d", f.Size)
		}
		s.f("{Name: %q, Type: template.%s%s},", f.Name, f.Type, size)
	}
	s.f("}},")
}

func frequencyConstant(f template.Frequency) string {
	if f == template.FixedFrequency {
		return "FixedFrequency"
	}
	return f.String()
}

func quantityConstant(q template.Quantity) string {
	if q == template.VariableBlocks {
		return "VariableBlocks"
	}
	return q.String()
}
