package llsd

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"github.com/slload/slload/internal/xmltext"
)

func isQuote(c byte) bool { return c == '"' || c == '\'' }

// unquote reads text in single or double quotes at the beginning of src and
// tells how many bytes it took. Escapes: \a \b \f \n \r \t \v, \xNN for a
// byte, and any other character for itself.
func unquote(src []byte) (text string, size int, err error) {
	if len(src) == 0 || !isQuote(src[0]) {
		return "", 0, fmt.Errorf("expected a quote, found %s", xmltext.FoundAt(src, 0))
	}
	quote, rest := src[0], src[1:]
	if n := bytes.IndexByte(rest, quote); n >= 0 && bytes.IndexByte(rest[:n], '\\') < 0 {
		return string(rest[:n]), n + 2, nil
	}
	var out []byte
	for i := 0; i < len(rest); i++ {
		switch c := rest[i]; c {
		case quote:
			return string(out), i + 2, nil
		case '\\':
			b, n, ok := unescape(rest[i+1:])
			if !ok {
				return "", 0, errors.New("expected an escape like \\n or \\x41 after a backslash")
			}
			out = append(out, b)
			i += n
		default:
			out = append(out, c)
		}
	}
	return "", 0, errors.New("text has no closing quote")
}

var escapes = map[byte]byte{'a': '\a', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v'}

// unescape reads what stands behind a backslash.
func unescape(b []byte) (c byte, size int, ok bool) {
	if len(b) == 0 {
		return 0, 0, false
	}
	if b[0] == 'x' {
		if len(b) < 3 {
			return 0, 0, false
		}
		n, err := strconv.ParseUint(string(b[1:3]), 16, 8)
		return byte(n), 3, err == nil
	}
	if c, ok := escapes[b[0]]; ok {
		return c, 1, true
	}
	return b[0], 1, true
}
