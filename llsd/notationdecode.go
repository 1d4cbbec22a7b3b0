package llsd

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/slload/slload/internal/xmltext"
)

// notationDecoder reads LLSD notation, loosely: spaces anywhere between
// tokens, a comma after the last element, missing commas, bare words as keys,
// and numbers without their marker, as grids have been seen to write them.
type notationDecoder struct {
	budget
	src []byte
	pos int
}

func parseNotation(data []byte, limits Limits) (any, error) {
	body, _ := cutHeader(bytes.TrimLeft(xmltext.TrimBOM(data), " \t\r\n"), "llsd/notation")
	d := notationDecoder{budget: budget{limits: limits}, src: body}
	v, err := d.element()
	if err != nil {
		return nil, err
	}
	if d.skipSpace(); d.pos < len(d.src) {
		return nil, d.expected("the end of the document")
	}
	return v, nil
}

func (d *notationDecoder) element() (any, error) {
	if err := d.value(); err != nil {
		return nil, err
	}
	d.skipSpace()
	if d.pos >= len(d.src) {
		return nil, d.expected("a value")
	}
	switch c := d.src[d.pos]; c {
	case '!':
		d.pos++
		return nil, nil
	case '{':
		d.pos++
		return d.mapping()
	case '[':
		d.pos++
		return d.array()
	case '"', '\'', 's':
		return d.str()
	case 'b':
		return d.binary()
	case 'l', 'd':
		return d.quotedScalar(c)
	default:
		return d.word()
	}
}

func (d *notationDecoder) mapping() (any, error) {
	if err := d.enter(); err != nil {
		return nil, err
	}
	defer d.leave()
	m := map[string]any{}
	for {
		if d.skipSpace(); d.take('}') {
			return m, nil
		}
		key, err := d.key()
		if err != nil {
			return nil, err
		}
		if d.skipSpace(); !d.take(':') {
			return nil, d.expected("':' after a key")
		}
		if m[key], err = d.element(); err != nil {
			return nil, err
		}
		d.skipSpace()
		d.take(',')
	}
}

func (d *notationDecoder) array() (any, error) {
	if err := d.enter(); err != nil {
		return nil, err
	}
	defer d.leave()
	a := []any{}
	for {
		if d.skipSpace(); d.take(']') {
			return a, nil
		}
		v, err := d.element()
		if err != nil {
			return nil, err
		}
		a = append(a, v)
		d.skipSpace()
		d.take(',')
	}
}

// key reads a map's key: a string in quotes, s(n)"..." or a bare word.
func (d *notationDecoder) key() (string, error) {
	if d.pos < len(d.src) && isQuote(d.src[d.pos]) {
		return d.quoted()
	}
	if d.at("s(") {
		b, err := d.counted()
		return string(b), err
	}
	word := d.token()
	if len(word) == 0 {
		return "", d.expected("a key or '}'")
	}
	return string(word), nil
}

// str reads 'text', "text" and s(n)"raw".
func (d *notationDecoder) str() (any, error) {
	if d.src[d.pos] == 's' {
		b, err := d.counted()
		if err != nil {
			return nil, err
		}
		return string(b), nil
	}
	return d.quoted()
}

// binary reads b64"...", b16"..." and b(n)"raw".
func (d *notationDecoder) binary() (any, error) {
	if d.at("b(") {
		b, err := d.counted()
		if err != nil {
			return nil, err
		}
		return append([]byte{}, b...), nil
	}
	start := d.pos
	encoding := "base" + strings.TrimPrefix(string(d.token()), "b")
	text, err := d.quoted()
	if err != nil {
		return nil, err
	}
	b, err := decodeBytes(encoding, []byte(text))
	if err != nil {
		return nil, &SyntaxError{Notation, start, err.Error()}
	}
	return b, nil
}

// quotedScalar reads l"uri" and d"date".
func (d *notationDecoder) quotedScalar(marker byte) (any, error) {
	start := d.pos
	d.pos++
	text, err := d.quoted()
	if err != nil {
		return nil, err
	}
	if marker == 'l' {
		return URI(text), nil
	}
	t, err := parseDate(text)
	if err != nil {
		return nil, &SyntaxError{Notation, start, err.Error()}
	}
	return t, nil
}

// word reads what ends at a delimiter: booleans, i1, r1.5, u<uuid>, and bare
// numbers. A bare 0 or 1 is a boolean.
func (d *notationDecoder) word() (any, error) {
	start := d.pos
	word := d.token()
	if len(word) == 0 {
		return nil, d.expected("a value")
	}
	v, err := wordValue(string(word))
	if err != nil {
		return nil, &SyntaxError{Notation, start, err.Error()}
	}
	return v, nil
}

func wordValue(word string) (any, error) {
	switch word[0] {
	case 'i':
		if len(word) > 1 {
			return parseInteger(word[1:])
		}
	case 'r':
		if len(word) > 1 {
			return parseReal(word[1:])
		}
	case 'u':
		if len(word) > 1 {
			return parseUUID([]byte(word[1:]))
		}
	}
	if b, err := parseBool(word); err == nil {
		return b, nil
	}
	if n, err := parseInteger(word); err == nil {
		return n, nil
	}
	if f, err := strconv.ParseFloat(word, 64); err == nil {
		return f, nil
	}
	return nil, fmt.Errorf("%q is no LLSD value", clip(word))
}

// quoted reads text in quotes.
func (d *notationDecoder) quoted() (string, error) {
	text, size, err := unquote(d.src[d.pos:])
	if err != nil {
		return "", &SyntaxError{Notation, d.pos, err.Error()}
	}
	d.pos += size
	return text, nil
}

// counted reads s(n)"raw" or b(n)"raw": n bytes as they are. The result
// aliases the document.
func (d *notationDecoder) counted() ([]byte, error) {
	d.pos++
	if !d.take('(') {
		return nil, d.expected("'('")
	}
	n, err := strconv.ParseUint(string(d.token()), 10, 31)
	if err != nil || !d.take(')') {
		return nil, d.expected("a length and ')'")
	}
	if d.pos >= len(d.src) || !isQuote(d.src[d.pos]) {
		return nil, d.expected("a quote")
	}
	quote := d.src[d.pos]
	start := d.pos + 1
	if int(n) >= len(d.src)-start {
		return nil, &SyntaxError{Notation, d.pos, fmt.Sprintf("a length of %d is beyond the end of the document", n)}
	}
	d.pos = start + int(n)
	if !d.take(quote) {
		return nil, d.expected("the closing quote")
	}
	return d.src[start : start+int(n)], nil
}

// token reads up to a delimiter.
func (d *notationDecoder) token() []byte {
	n := bytes.IndexAny(d.src[d.pos:], " \t\r\n,:[]{}'\"()")
	if n < 0 {
		n = len(d.src) - d.pos
	}
	d.pos += n
	return d.src[d.pos-n : d.pos]
}

func (d *notationDecoder) skipSpace() {
	for d.pos < len(d.src) && xmltext.IsSpace(d.src[d.pos]) {
		d.pos++
	}
}

func (d *notationDecoder) take(c byte) bool {
	if d.pos < len(d.src) && d.src[d.pos] == c {
		d.pos++
		return true
	}
	return false
}

func (d *notationDecoder) at(s string) bool { return bytes.HasPrefix(d.src[d.pos:], []byte(s)) }

func (d *notationDecoder) expected(what string) error {
	return &SyntaxError{Notation, d.pos, fmt.Sprintf("expected %s, found %s", what, xmltext.FoundAt(d.src, d.pos))}
}
