package llsd

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// This file is the tokenizer below xmlDecoder: tags, character data and what
// is skipped.

// next skips white space, comments and processing instructions and reads the
// tag behind them. Other text there is an error.
func (d *xmlDecoder) next() (xmlTag, error) {
	if err := d.skipMisc(); err != nil {
		return xmlTag{}, err
	}
	return d.tag()
}

// skipMisc moves to the next tag, to text, or to the end.
func (d *xmlDecoder) skipMisc() error {
	for {
		d.skipSpace()
		if skipped, err := d.skipMarkup(); !skipped || err != nil {
			return err
		}
	}
}

// skipMarkup skips one comment or processing instruction. A declaration is an
// error: LLSD needs none, and an entity could be declared there.
func (d *xmlDecoder) skipMarkup() (skipped bool, err error) {
	rest := d.src[d.pos:]
	switch {
	case bytes.HasPrefix(rest, []byte("<?")):
		return true, d.skipPast("<?", "?>")
	case bytes.HasPrefix(rest, []byte("<!--")):
		return true, d.skipPast("<!--", "-->")
	case bytes.HasPrefix(rest, []byte("<!")):
		return false, d.errorf("a DOCTYPE or other declaration is not allowed in LLSD")
	}
	return false, nil
}

func (d *xmlDecoder) skipSpace() {
	for d.pos < len(d.src) && isSpace(d.src[d.pos]) {
		d.pos++
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// skipPast skips what begins with open, at pos, and ends with end.
func (d *xmlDecoder) skipPast(open, end string) error {
	n := bytes.Index(d.src[d.pos+len(open):], []byte(end))
	if n < 0 {
		return d.errorf("expected %s, found the end of the document", end)
	}
	d.pos += len(open) + n + len(end)
	return nil
}

// tag reads the tag at pos.
func (d *xmlDecoder) tag() (t xmlTag, err error) {
	if !d.take('<') {
		return t, d.errorf("expected a tag, found %s", d.found())
	}
	t.closing = d.take('/')
	if t.name = d.name(); len(t.name) == 0 {
		return t, d.errorf("expected an element's name, found %s", d.found())
	}
	for {
		d.skipSpace()
		if d.take('>') {
			return t, nil
		}
		if !t.closing && d.take('/') {
			t.empty = true
			if !d.take('>') {
				return t, d.errorf("expected >, found %s", d.found())
			}
			return t, nil
		}
		if t.closing {
			return t, d.errorf("expected >, found %s", d.found())
		}
		if err := d.attribute(&t); err != nil {
			return t, err
		}
	}
}

// attribute reads name="value"; only <binary>'s encoding matters.
func (d *xmlDecoder) attribute(t *xmlTag) error {
	name := d.name()
	if len(name) == 0 {
		return d.errorf("expected an attribute or >, found %s", d.found())
	}
	d.skipSpace()
	if !d.take('=') {
		return d.errorf("expected = after attribute %s, found %s", name, d.found())
	}
	d.skipSpace()
	if d.pos >= len(d.src) || d.src[d.pos] != '"' && d.src[d.pos] != '\'' {
		return d.errorf("expected a quoted value of attribute %s, found %s", name, d.found())
	}
	quote := d.src[d.pos]
	n := bytes.IndexByte(d.src[d.pos+1:], quote)
	if n < 0 {
		return d.errorf("the value of attribute %s has no closing quote", name)
	}
	if string(name) == "encoding" {
		t.encoding = d.src[d.pos+1 : d.pos+1+n]
	}
	d.pos += n + 2
	return nil
}

func (d *xmlDecoder) take(c byte) bool {
	if d.pos < len(d.src) && d.src[d.pos] == c {
		d.pos++
		return true
	}
	return false
}

// name reads an XML name, loosely: up to a character that can't be in one.
func (d *xmlDecoder) name() []byte {
	start := d.pos
	for d.pos < len(d.src) {
		switch d.src[d.pos] {
		case ' ', '\t', '\r', '\n', '/', '>', '<', '=', '"', '\'', '&':
			return d.src[start:d.pos]
		}
		d.pos++
	}
	return d.src[start:]
}

// characters reads character data up to the next tag: verbatim from the
// document where it can, else resolved into d.text.
func (d *xmlDecoder) characters() ([]byte, error) {
	start := d.pos
	n := bytes.IndexByte(d.src[start:], '<')
	if n < 0 {
		return nil, d.errorf("expected an end tag, found the end of the document")
	}
	plain := d.src[start : start+n]
	markup := bytes.HasPrefix(d.src[start+n:], []byte("<!")) || bytes.HasPrefix(d.src[start+n:], []byte("<?"))
	if !markup && bytes.IndexByte(plain, '&') < 0 && bytes.IndexByte(plain, '\r') < 0 {
		d.pos += n
		return plain, nil
	}
	d.text = d.text[:0]
	err := d.resolve()
	return d.text, err
}

// resolve appends character data to d.text: references are replaced, line
// ends become \n, CDATA sections are unwrapped, comments dropped.
func (d *xmlDecoder) resolve() error {
	for d.pos < len(d.src) {
		rest := d.src[d.pos:]
		switch {
		case rest[0] == '&':
			if err := d.reference(); err != nil {
				return err
			}
		case bytes.HasPrefix(rest, []byte("<![CDATA[")):
			start := d.pos + len("<![CDATA[")
			if err := d.skipPast("<![CDATA[", "]]>"); err != nil {
				return err
			}
			d.appendLines(d.src[start : d.pos-len("]]>")])
		case rest[0] == '<':
			if skipped, err := d.skipMarkup(); !skipped || err != nil {
				return err
			}
		default:
			n := bytes.IndexAny(rest, "<&")
			if n < 0 {
				n = len(rest)
			}
			d.appendLines(rest[:n])
			d.pos += n
		}
	}
	return d.errorf("expected an end tag, found the end of the document")
}

// appendLines appends text with XML's line ends: \r\n and \r are \n.
func (d *xmlDecoder) appendLines(text []byte) {
	for i, c := range text {
		switch {
		case c != '\r':
			d.text = append(d.text, c)
		case i+1 == len(text) || text[i+1] != '\n':
			d.text = append(d.text, '\n')
		}
	}
}

// reference resolves &name; and &#number; at pos. Only the predefined names
// exist: nothing in a document can define more.
func (d *xmlDecoder) reference() error {
	const longest = len("&#1114111;")
	rest := d.src[d.pos:min(d.pos+longest, len(d.src))]
	n := bytes.IndexByte(rest, ';')
	if n < 0 {
		return d.errorf("expected a reference like &amp;, found %s", d.found())
	}
	name := rest[1:n]
	var r rune
	switch string(name) {
	case "lt":
		r = '<'
	case "gt":
		r = '>'
	case "amp":
		r = '&'
	case "quot":
		r = '"'
	case "apos":
		r = '\''
	default:
		if r = charReference(name); r <= 0 {
			return d.errorf("unknown entity &%s;", name)
		}
	}
	d.text = utf8.AppendRune(d.text, r)
	d.pos += n + 1
	return nil
}

// charReference reads "#65" or "#x41"; 0 is none.
func charReference(name []byte) rune {
	digits, ok := bytes.CutPrefix(name, []byte("#"))
	if !ok {
		return 0
	}
	base := 10
	if hex, ok := bytes.CutPrefix(digits, []byte("x")); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(string(digits), base, 32)
	if err != nil || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
		return 0
	}
	return rune(n)
}
