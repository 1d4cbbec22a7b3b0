package llsd

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// xmlDecoder is a recursive-descent reader of LLSD's small XML vocabulary.
// encoding/xml does the same at ten times the allocations, and every poll of
// every agent's event queue comes this way.
type xmlDecoder struct {
	budget
	src  []byte
	pos  int
	text []byte // scratch for text that isn't verbatim in src
}

// xmlTag is one start or end tag. Its slices alias the document.
type xmlTag struct {
	name     []byte
	encoding []byte // the attribute of <binary>
	closing  bool   // </name>
	empty    bool   // <name/>
}

func parseXML(data []byte, limits Limits) (any, error) {
	d := xmlDecoder{budget: budget{limits: limits}, src: trimBOM(data)}
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
	return v, d.expectEnd(tag, "llsd")
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
	m := map[string]any{}
	if tag.empty {
		return m, nil
	}
	if err := d.enter(); err != nil {
		return nil, err
	}
	defer d.leave()
	for {
		tag, err := d.next()
		if err != nil {
			return nil, err
		}
		if tag.closing {
			return m, d.expectEnd(tag, "map")
		}
		if string(tag.name) != "key" {
			return nil, d.errorf("expected <key> or </map>, found <%s>", tag.name)
		}
		key, err := d.content(tag)
		if err != nil {
			return nil, err
		}
		name := string(key)
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
	a := []any{}
	if tag.empty {
		return a, nil
	}
	if err := d.enter(); err != nil {
		return nil, err
	}
	defer d.leave()
	for {
		tag, err := d.next()
		if err != nil {
			return nil, err
		}
		if tag.closing {
			return a, d.expectEnd(tag, "array")
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
	if err := d.expectEnd(end, string(tag.name)); err != nil {
		return nil, err
	}
	if !utf8.Valid(text) {
		text = bytes.ToValidUTF8(text, []byte("\uFFFD"))
	}
	return text, nil
}

func (d *xmlDecoder) expectEnd(tag xmlTag, name string) error {
	if tag.closing && string(tag.name) == name {
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

// foundAt shows a few bytes of src at pos.
func foundAt(src []byte, pos int) string {
	if pos >= len(src) {
		return "the end of the document"
	}
	return fmt.Sprintf("%q", src[pos:min(pos+12, len(src))])
}
