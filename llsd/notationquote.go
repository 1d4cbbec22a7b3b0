package llsd

import (
	"bytes"
	"strconv"
)

// This file reads notation's quoted text and counted bytes.

// quoted reads text in single or double quotes. Escapes: \a \b \f \n \r \t
// \v, \xNN for a byte, and any other character for itself.
func (d *notationDecoder) quoted() (string, error) {
	if d.pos >= len(d.src) || d.src[d.pos] != '"' && d.src[d.pos] != '\'' {
		return "", d.expected("a quote")
	}
	quote := d.src[d.pos]
	rest := d.src[d.pos+1:]
	if n := bytes.IndexByte(rest, quote); n >= 0 && bytes.IndexByte(rest[:n], '\\') < 0 {
		d.pos += n + 2
		return string(rest[:n]), nil
	}
	var text []byte
	for i := d.pos + 1; i < len(d.src); i++ {
		switch c := d.src[i]; c {
		case quote:
			d.pos = i + 1
			return string(text), nil
		case '\\':
			b, size, ok := unescape(d.src[i+1:])
			if !ok {
				d.pos = i
				return "", d.expected("an escape like \\n or \\x41")
			}
			text = append(text, b)
			i += size
		default:
			text = append(text, c)
		}
	}
	return "", &SyntaxError{Notation, d.pos, "text has no closing quote"}
}

// unescape reads what stands behind a backslash.
func unescape(b []byte) (c byte, size int, ok bool) {
	if len(b) == 0 {
		return 0, 0, false
	}
	switch b[0] {
	case 'a':
		return '\a', 1, true
	case 'b':
		return '\b', 1, true
	case 'f':
		return '\f', 1, true
	case 'n':
		return '\n', 1, true
	case 'r':
		return '\r', 1, true
	case 't':
		return '\t', 1, true
	case 'v':
		return '\v', 1, true
	case 'x':
		if len(b) < 3 {
			return 0, 0, false
		}
		n, err := strconv.ParseUint(string(b[1:3]), 16, 8)
		return byte(n), 3, err == nil
	}
	return b[0], 1, true
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
	if d.pos >= len(d.src) || d.src[d.pos] != '"' && d.src[d.pos] != '\'' {
		return nil, d.expected("a quote")
	}
	quote := d.src[d.pos]
	start := d.pos + 1
	if int(n) >= len(d.src)-start {
		return nil, &SyntaxError{Notation, d.pos, "the length is beyond the end of the document"}
	}
	d.pos = start + int(n)
	if !d.take(quote) {
		return nil, d.expected("the closing quote")
	}
	return d.src[start : start+int(n)], nil
}
