package template

import (
	"bytes"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// SyntaxError says where a template is wrong, and what should have stood there.
type SyntaxError struct {
	File     string
	Line     int // from 1
	Column   int // from 1, in characters
	Expected string
	Found    string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s:%d:%d: expected %s, found %s", e.File, e.Line, e.Column, e.Expected, e.Found)
}

// token is a brace or a word; empty text is the end of the file.
type token struct {
	text   string
	line   int
	column int
}

func (t token) String() string {
	if t.text == "" {
		return "the end of the file"
	}
	return fmt.Sprintf("%q", t.text)
}

// lexer cuts a template into braces and words, and drops blanks and // comments.
type lexer struct {
	rest   []byte
	line   int
	column int
}

func (l *lexer) next() token {
	l.skipBlanks()
	t := token{line: l.line, column: l.column}
	if len(l.rest) == 0 {
		return t
	}
	n := 1
	if !isBrace(l.rest[0]) {
		n = wordLength(l.rest)
	}
	t.text = string(l.rest[:n])
	l.advance(n)
	return t
}

func (l *lexer) skipBlanks() {
	for len(l.rest) > 0 {
		r, n := utf8.DecodeRune(l.rest)
		switch {
		case bytes.HasPrefix(l.rest, []byte("//")):
			if n = bytes.IndexByte(l.rest, '\n'); n < 0 {
				n = len(l.rest)
			}
		case !unicode.IsSpace(r):
			return
		}
		l.advance(n)
	}
}

// advance moves n bytes on and keeps line and column in step.
func (l *lexer) advance(n int) {
	for _, r := range string(l.rest[:n]) {
		if r == '\n' {
			l.line, l.column = l.line+1, 1
		} else {
			l.column++
		}
	}
	l.rest = l.rest[n:]
}

// wordLength returns the bytes up to a blank, a brace, a comment or the end.
func wordLength(b []byte) int {
	for n := 0; n < len(b); {
		r, size := utf8.DecodeRune(b[n:])
		if unicode.IsSpace(r) || isBrace(b[n]) || bytes.HasPrefix(b[n:], []byte("//")) {
			return n
		}
		n += size
	}
	return len(b)
}

func isBrace(c byte) bool { return c == '{' || c == '}' }
