package xmltext

import (
	"bytes"
	"unicode/utf8"
)

// AppendEscaped appends s as character data. Characters that XML 1.0 can't
// hold even as references become U+FFFD; \r is written as a reference, as a
// parser would turn it into \n.
func AppendEscaped(dst []byte, s string) []byte {
	last := 0
	for i := 0; i < len(s); {
		r, size := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
		}
		if rep := replacement(r, size); rep != "" {
			dst = append(append(dst, s[last:i]...), rep...)
			last = i + size
		}
		i += size
	}
	return append(dst, s[last:]...)
}

func replacement(r rune, size int) string {
	switch {
	case r == '<':
		return "&lt;"
	case r == '>':
		return "&gt;"
	case r == '&':
		return "&amp;"
	case r == '\r':
		return "&#13;"
	case illegal(r), r == utf8.RuneError && size == 1:
		return "\uFFFD"
	}
	return ""
}

// illegal reports the characters that XML 1.0 excludes.
func illegal(r rune) bool {
	return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
}

// Legal replaces what XML can't hold by U+FFFD: one bad character in a name
// must not cost a document all that it says.
func Legal(text []byte) []byte {
	for _, c := range text {
		if c >= utf8.RuneSelf || illegal(rune(c)) {
			return bytes.Map(func(r rune) rune {
				if illegal(r) {
					return utf8.RuneError
				}
				return r // a byte that is no UTF-8 comes as RuneError
			}, text)
		}
	}
	return text
}
