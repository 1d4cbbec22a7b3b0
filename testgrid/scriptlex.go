package testgrid

import "strings"

// next looks at the next token: a word, a number, a text with its quotes, or
// one other character.
func (p *parser) next() {
	p.space()
	p.from, p.at = p.line, p.column
	if p.rest == "" {
		p.token = ""
		return
	}
	n := 1
	switch c := p.rest[0]; {
	case wordly(c):
		for n < len(p.rest) && wordly(p.rest[n]) {
			n++
		}
	case c == '"':
		n = p.quoted()
	}
	p.token = p.rest[:n]
	p.pass(n)
}

// quoted gives the length of a text with both its quotes.
func (p *parser) quoted() int {
	for i := 1; i < len(p.rest); i++ {
		switch p.rest[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	p.fail("a text doesn't end")
	return 0
}

func wordly(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// space goes past white space and comments.
func (p *parser) space() {
	for p.rest != "" {
		switch {
		case strings.ContainsRune(" \t\r\n", rune(p.rest[0])):
			p.pass(1)
		case strings.HasPrefix(p.rest, "//"):
			p.pass(end(p.rest, "\n"))
		case strings.HasPrefix(p.rest, "/*"):
			p.pass(end(p.rest, "*/"))
		default:
			return
		}
	}
}

// end is where mark ends in text; where text does without one.
func end(text, mark string) int {
	if i := strings.Index(text, mark); i >= 0 {
		return i + len(mark)
	}
	return len(text)
}

// pass leaves n bytes behind.
func (p *parser) pass(n int) {
	for _, c := range []byte(p.rest[:n]) {
		p.column++
		if c == '\n' {
			p.line, p.column = p.line+1, 0
		}
	}
	p.rest = p.rest[n:]
}
