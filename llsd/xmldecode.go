package llsd

import (
	"bytes"
	"fmt"
	"strconv"
	"sync"
	"unicode/utf8"
)

// xmlDecoder is a recursive-descent reader of LLSD's small XML vocabulary.
// Every poll of every agent's event queue comes this way: encoding/xml took
// 839 allocations to split BenchmarkDecode's answer into tokens alone, this
// takes 169 for the whole value.
type xmlDecoder struct {
	budget
	src  []byte
	pos  int
	text []byte // scratch for text that isn't verbatim in src
	keys keyCache
}

// xmlDecoders keeps the scratch and the keys for the next document.
var xmlDecoders = sync.Pool{New: func() any { return new(xmlDecoder) }}

func (d *xmlDecoder) release() {
	const keep = 64 << 10
	d.src = nil
	if cap(d.text) > keep {
		d.text = nil
	}
	xmlDecoders.Put(d)
}

// xmlTag is one start or end tag. Its slices alias the document.
type xmlTag struct {
	name     []byte
	encoding []byte // the attribute of <binary>
	closing  bool   // </name>
	empty    bool   // <name/>
}

func parseXML(data []byte, limits Limits) (any, error) {
	d := xmlDecoders.Get().(*xmlDecoder)
	defer d.release()
	d.budget, d.src, d.pos = budget{limits: limits}, trimBOM(data), 0
	root, err := d.next()
	if err != nil {
		return nil, err
	}
	if root.closing || string(root.name) != "llsd" {
		return nil, d.errorf("expected <llsd>, found <%s>", root.name)
	}
	var v any
	if !root.empty {
		if v, err = d.root(); err != nil {
			return nil, err
		}
	}
	if err := d.skipMisc(); err != nil {
		return nil, err
	}
	if d.pos < len(d.src) {
		return nil, d.errorf("expected the end of the document, found %s", d.found())
	}
	return v, nil
}

// root reads what <llsd> holds: one value, or nothing, which is undef.
func (d *xmlDecoder) root() (v any, err error) {
	tag, err := d.next()
	if err != nil {
		return nil, err
	}
	if !tag.closing {
		if v, err = d.element(tag); err != nil {
			return nil, err
		}
		if tag, err = d.next(); err != nil {
			return nil, err
		}
	}
	return v, d.expectEnd(tag, []byte("llsd"))
}

// element reads the value whose start tag has been read.
func (d *xmlDecoder) element(tag xmlTag) (any, error) {
	if err := d.value(); err != nil {
		return nil, err
	}
	switch string(tag.name) {
	case "map":
		return d.mapping(tag)
	case "array":
		return d.array(tag)
	}
	start := d.pos
	text, err := d.content(tag)
	if err != nil {
		return nil, err
	}
	v, err := xmlScalar(tag, text)
	if err != nil {
		return nil, &SyntaxError{XML, start, err.Error()}
	}
	return v, nil
}

func (d *xmlDecoder) mapping(tag xmlTag) (any, error) {
	if err := d.enter(); err != nil {
		return nil, err
	}
	defer d.leave()
	m := map[string]any{}
	if tag.empty {
		return m, nil
	}
	for {
		tag, err := d.next()
		if err != nil {
			return nil, err
		}
		if tag.closing {
			return m, d.expectEnd(tag, []byte("map"))
		}
		if string(tag.name) != "key" {
			return nil, d.errorf("expected <key> or </map>, found <%s>", tag.name)
		}
		key, err := d.content(tag)
		if err != nil {
			return nil, err
		}
		name := d.keys.get(key)
		if tag, err = d.next(); err != nil {
			return nil, err
		}
		if tag.closing {
			return nil, d.errorf("expected a value after <key>%s</key>, found </%s>", name, tag.name)
		}
		if m[name], err = d.element(tag); err != nil {
			return nil, err
		}
	}
}

func (d *xmlDecoder) array(tag xmlTag) (any, error) {
	if err := d.enter(); err != nil {
		return nil, err
	}
	defer d.leave()
	a := []any{}
	if tag.empty {
		return a, nil
	}
	for {
		tag, err := d.next()
		if err != nil {
			return nil, err
		}
		if tag.closing {
			return a, d.expectEnd(tag, []byte("array"))
		}
		v, err := d.element(tag)
		if err != nil {
			return nil, err
		}
		a = append(a, v)
	}
}

// content reads the text of an element up to and with its end tag. The result
// is good until the next call.
func (d *xmlDecoder) content(tag xmlTag) ([]byte, error) {
	if tag.closing {
		return nil, d.errorf("expected a value, found </%s>", tag.name)
	}
	if tag.empty {
		return nil, nil
	}
	text, err := d.characters()
	if err != nil {
		return nil, err
	}
	end, err := d.tag()
	if err != nil {
		return nil, err
	}
	if err := d.expectEnd(end, tag.name); err != nil {
		return nil, err
	}
	return legalText(text), nil
}

func (d *xmlDecoder) expectEnd(tag xmlTag, name []byte) error {
	if tag.closing && bytes.Equal(tag.name, name) {
		return nil
	}
	slash := ""
	if tag.closing {
		slash = "/"
	}
	return d.errorf("expected </%s>, found <%s%s>", name, slash, tag.name)
}

func (d *xmlDecoder) errorf(format string, args ...any) error {
	return &SyntaxError{XML, d.pos, fmt.Sprintf(format, args...)}
}

// found names what stands at pos, for an error.
func (d *xmlDecoder) found() string { return foundAt(d.src, d.pos) }

// foundAt shows the character of src at pos, and no more of it: documents
// hold passwords and session ids, and errors go to logs.
func foundAt(src []byte, pos int) string {
	if pos >= len(src) {
		return "the end of the document"
	}
	r, _ := utf8.DecodeRune(src[pos:])
	return strconv.QuoteRune(r)
}
