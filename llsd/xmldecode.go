package llsd

import (
	"bytes"
	"errors"
	"sync"

	"github.com/slload/slload/internal/xmltext"
)

// xmlDecoder is a recursive-descent reader of LLSD's small XML vocabulary.
// Every poll of every agent's event queue comes this way: encoding/xml took
// 839 allocations to split BenchmarkDecode's answer into tokens alone, this
// takes 169 for the whole value.
type xmlDecoder struct {
	budget
	xmltext.Scanner
	keys xmltext.Names
	raw  string // members of maps that are kept as Raw; "": none
}

// xmlDecoders keeps the scratch and the keys for the next document.
var xmlDecoders = sync.Pool{New: func() any { return new(xmlDecoder) }}

func (d *xmlDecoder) release() {
	d.Release()
	d.raw = ""
	xmlDecoders.Put(d)
}

func parseXML(data []byte, limits Limits) (any, error) {
	return readXML(data, limits, "", (*xmlDecoder).document)
}

// readXML reads a document, or a part of one.
func readXML(data []byte, limits Limits, raw string, read func(*xmlDecoder) (any, error)) (any, error) {
	d := xmlDecoders.Get().(*xmlDecoder)
	defer d.release()
	d.budget, d.raw = budget{limits: limits}, raw
	d.Reset(data)
	v, err := read(d)
	var syntax *xmltext.Error
	if errors.As(err, &syntax) {
		err = &SyntaxError{XML, syntax.Offset, syntax.Msg}
	}
	return v, err
}

func (d *xmlDecoder) document() (any, error) {
	root, err := d.Next()
	if err != nil {
		return nil, err
	}
	if root.Closing || string(root.Name) != "llsd" {
		return nil, d.Errorf("expected <llsd>, found <%s>", root.Name)
	}
	var v any
	if !root.Empty {
		if v, err = d.root(); err != nil {
			return nil, err
		}
	}
	if err := d.SkipMisc(); err != nil {
		return nil, err
	}
	if !d.AtEnd() {
		return nil, d.Errorf("expected the end of the document, found %s", d.Found())
	}
	return v, nil
}

// root reads what <llsd> holds: one value, or nothing, which is undef.
func (d *xmlDecoder) root() (v any, err error) {
	tag, err := d.Next()
	if err != nil {
		return nil, err
	}
	if !tag.Closing {
		if v, err = d.element(tag); err != nil {
			return nil, err
		}
		if tag, err = d.Next(); err != nil {
			return nil, err
		}
	}
	return v, d.expectEnd(tag, []byte("llsd"))
}

// element reads the value whose start tag has been read.
func (d *xmlDecoder) element(tag xmltext.Tag) (any, error) {
	if err := d.value(); err != nil {
		return nil, err
	}
	switch string(tag.Name) {
	case "map":
		return d.mapping(tag)
	case "array":
		return d.array(tag)
	}
	start := d.Pos()
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

func (d *xmlDecoder) mapping(tag xmltext.Tag) (any, error) {
	if err := d.enter(); err != nil {
		return nil, err
	}
	defer d.leave()
	m := map[string]any{}
	if tag.Empty {
		return m, nil
	}
	for {
		name, more, err := d.key()
		if !more || err != nil {
			return m, err
		}
		before := d.Pos()
		tag, err := d.Next()
		if err != nil {
			return nil, err
		}
		if tag.Closing {
			return nil, d.Errorf("expected a value after <key>%s</key>, found </%s>", name, tag.Name)
		}
		if d.raw != "" && name == d.raw {
			m[name], err = d.skipped(tag, before)
		} else {
			m[name], err = d.element(tag)
		}
		if err != nil {
			return nil, err
		}
	}
}

// key reads a map's next key, or, where there is none any more, its end tag.
func (d *xmlDecoder) key() (name string, more bool, err error) {
	tag := keyTag
	if !d.Opens("key") {
		if d.Closes("map") {
			return "", false, nil
		}
		if tag, err = d.Next(); err != nil {
			return "", false, err
		}
	}
	if tag.Closing {
		return "", false, d.expectEnd(tag, []byte("map"))
	}
	if string(tag.Name) != "key" {
		return "", false, d.Errorf("expected <key> or </map>, found <%s>", tag.Name)
	}
	text, err := d.content(tag)
	if err != nil {
		return "", false, err
	}
	return d.keys.Get(text), true, nil
}

var keyTag = xmltext.Tag{Name: []byte("key")}

func (d *xmlDecoder) array(tag xmltext.Tag) (any, error) {
	if err := d.enter(); err != nil {
		return nil, err
	}
	defer d.leave()
	a := []any{}
	if tag.Empty {
		return a, nil
	}
	for {
		tag, err := d.Next()
		if err != nil {
			return nil, err
		}
		if tag.Closing {
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
func (d *xmlDecoder) content(tag xmltext.Tag) ([]byte, error) {
	if tag.Closing {
		return nil, d.Errorf("expected a value, found </%s>", tag.Name)
	}
	if tag.Empty {
		return nil, nil
	}
	text, err := d.Characters()
	if err != nil {
		return nil, err
	}
	if d.Ends(tag) {
		return xmltext.Legal(text), nil
	}
	end, err := d.Tag()
	if err != nil {
		return nil, err
	}
	if err := d.expectEnd(end, tag.Name); err != nil {
		return nil, err
	}
	return xmltext.Legal(text), nil
}

func (d *xmlDecoder) expectEnd(tag xmltext.Tag, name []byte) error {
	if tag.Closing && bytes.Equal(tag.Name, name) {
		return nil
	}
	slash := ""
	if tag.Closing {
		slash = "/"
	}
	return d.Errorf("expected </%s>, found <%s%s>", name, slash, tag.Name)
}
