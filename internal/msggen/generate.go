package main

import (
	"bytes"
	"cmp"
	"fmt"
	"go/format"
	"slices"
	"strings"

	"github.com/slload/slload/message/template"
)

// generate returns the text of every generated file by name.
func generate(t *template.Template, taken map[string]bool) (map[string][]byte, error) {
	messages := resolve(t, taken)
	slices.SortFunc(messages, func(a, b *message) int {
		return cmp.Or(cmp.Compare(a.Frequency, b.Frequency), cmp.Compare(a.Number, b.Number))
	})
	sources := map[string]*source{}
	sourceOf(sources, "catalogue").catalogue(messages)
	for _, m := range messages {
		sourceOf(sources, class(m)+"_types").types(m)
		sourceOf(sources, class(m)+"_encode").encode(m)
		sourceOf(sources, class(m)+"_decode").decode(m)
		sourceOf(sources, class(m)+"_describe").descriptor(m)
	}
	files := map[string][]byte{}
	for name, s := range sources {
		text, err := s.finish()
		if err != nil {
			return nil, fmt.Errorf("generate %s: %w", name, err)
		}
		files[name+"_gen.go"] = text
	}
	return files, nil
}

func sourceOf(sources map[string]*source, name string) *source {
	if sources[name] == nil {
		sources[name] = &source{}
	}
	return sources[name]
}

// class names the files that a message goes into. Nine of ten messages are Low,
// so those are split by their first letter.
func class(m *message) string {
	name := strings.ToLower(m.Frequency.String())
	if m.Frequency == template.Low {
		name += "_" + strings.ToLower(m.goName[:1])
	}
	return name
}

// source is one Go file in the making.
type source struct{ bytes.Buffer }

// f writes one line.
func (s *source) f(format string, args ...any) {
	fmt.Fprintf(s, format+"\n", args...)
}

// finish puts the head onto the code, with the imports it uses, and formats it.
func (s *source) finish() ([]byte, error) {
	var imports source
	for _, i := range []struct{ path, use string }{
		{"encoding/binary", "binary."},
		{"github.com/google/uuid", "uuid."},
		{"github.com/slload/slload/message/template", "template."},
	} {
		if strings.Contains(s.String(), i.use) {
			imports.f("%q", i.path)
		}
	}
	var file source
	file.f("%s\n\npackage message\n", marker)
	if imports.Len() > 0 {
		file.f("import (\n%s)\n", imports.String())
	}
	file.Write(s.Bytes())
	text, err := format.Source(file.Bytes())
	if err != nil {
		return nil, fmt.Errorf("format: %w", err)
	}
	return text, nil
}

// types writes a message's struct, those of its blocks, and its ID.
func (s *source) types(m *message) {
	s.f("// %s is message %s.", m.goName, title(m))
	s.f("type %s struct {", m.goName)
	for i := range m.blocks {
		b := &m.blocks[i]
		s.f("%s %s%s", b.member, map[template.Quantity]string{
			template.Single: "", template.Multiple: fmt.Sprintf("[%d]", b.Count), template.VariableBlocks: "[]"}[b.Quantity], b.goName)
	}
	s.f("}\n")
	for i := range m.blocks {
		s.blockType(&m.blocks[i])
	}
	s.f("// ID returns ID%s.", m.goName)
	s.f("func (*%s) ID() ID { return ID%s }\n", m.goName, m.goName)
}

// title says what the template's headline says: "Low 80, not trusted, zero-coded".
func title(m *message) string {
	words := []string{m.Frequency.String() + " " + number(m)}
	if m.Trusted {
		words = append(words, "between servers only")
	}
	if m.Zerocoded {
		words = append(words, "zero-coded")
	}
	if m.Deprecation != "" {
		words = append(words, m.Deprecation)
	}
	return strings.Join(words, ", ")
}

// number writes the number the way templates do: Fixed ones in hex.
func number(m *message) string {
	if m.Frequency == template.FixedFrequency {
		return fmt.Sprintf("0x%08X", m.Number)
	}
	return fmt.Sprint(m.Number)
}

func (s *source) blockType(b *block) {
	s.f("// %s is block %s of %s.", b.goName, b.Name, b.message.Name)
	s.f("type %s struct {", b.goName)
	for _, f := range b.fields {
		s.f("%s %s", f.goName, goType(f.Field))
	}
	s.f("}\n")
}
