package template

import (
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// Parse reads a whole template. file is its name in errors. A template that
// doesn't follow the format gives a *SyntaxError with the place of the first
// fault; a reader that fails gives its own error, wrapped.
func Parse(r io.Reader, file string) (*Template, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read template %s: %w", file, err)
	}
	p := &parser{lexer: lexer{rest: text, line: 1, column: 1}, file: file,
		names: map[string]bool{}, numbers: map[uint32]string{}}
	p.advance()
	t := p.template()
	if p.err != nil {
		return nil, p.err
	}
	return t, nil
}

// parser is recursive descent with one token of look-ahead. The first fault
// sticks: from then on the look-ahead is the end of the file, so that every loop
// ends.
type parser struct {
	lexer   lexer
	file    string
	tok     token
	err     *SyntaxError
	names   map[string]bool   // messages so far
	numbers map[uint32]string // wire numbers so far, with their message
}

func (p *parser) advance() { p.tok = p.lexer.next() }

func (p *parser) fail(at token, expected string) {
	if p.err == nil {
		p.err = &SyntaxError{File: p.file, Line: at.line, Column: at.column, Expected: expected, Found: at.String()}
	}
	p.lexer.rest = nil
	p.tok = token{}
}

// template = "version" word { message }
func (p *parser) template() *Template {
	t := &Template{}
	p.expect("version", `the word "version"`)
	t.Version = p.word("a version number").text
	for p.err == nil && p.tok.text != "" {
		t.Messages = append(t.Messages, p.message())
	}
	return t
}

// message = "{" name frequency number trust coding [ deprecation ] { block } "}"
func (p *parser) message() Message {
	var m Message
	p.expect("{", `"{" to open a message`)
	name := p.name("a message name", p.names)
	m.Name = name.text
	m.Frequency = Frequency(p.oneOf(frequencyNames))
	m.Number = p.number(&m)
	m.Trusted = p.oneOf([]string{"NotTrusted", "Trusted"}) == 1
	m.Zerocoded = p.oneOf([]string{"Unencoded", "Zerocoded"}) == 1
	if p.tok.text != "{" && p.tok.text != "}" {
		words := []string{"Deprecated", "UDPDeprecated", "UDPBlackListed", "NotDeprecated"}
		at := p.tok
		if i, ok := index(words, at.text); ok {
			m.Deprecation = words[i]
			p.advance()
		} else {
			p.fail(at, oneOfText(words)+`, "{" or "}"`)
		}
	}
	blocks := map[string]bool{}
	for p.tok.text == "{" {
		m.Blocks = append(m.Blocks, p.block(blocks))
	}
	p.expect("}", fmt.Sprintf(`"{" to open a block or "}" to close message %s`, m.Name))
	return m
}

// block = "{" name ( "Single" | "Multiple" count | "Variable" ) { field } "}"
func (p *parser) block(blocks map[string]bool) Block {
	var b Block
	p.advance()
	b.Name = p.name("a block name", blocks).text
	b.Quantity = Quantity(p.oneOf(quantityNames))
	switch b.Quantity {
	case Single:
		b.Count = 1
	case Multiple:
		b.Count = p.count("how often the block comes, 1 to 255", 255)
	}
	fields := map[string]bool{}
	for p.tok.text == "{" {
		b.Fields = append(b.Fields, p.field(fields))
	}
	p.expect("}", fmt.Sprintf(`"{" to open a field or "}" to close block %s`, b.Name))
	return b
}

// field = "{" name type [ size ] "}"
func (p *parser) field(fields map[string]bool) Field {
	var f Field
	p.advance()
	f.Name = p.name("a field name", fields).text
	f.Type = Type(p.oneOf(typeNames))
	switch f.Type {
	case Fixed:
		f.Size = p.count("the field's bytes, 1 to 65535", 65535)
	case Variable:
		f.Size = p.count("the bytes of the field's length, 1 or 2", 2)
	}
	p.expect("}", fmt.Sprintf(`"}" to close field %s`, f.Name))
	return f
}

// expect takes exactly this token; expected is what an error calls it.
func (p *parser) expect(text, expected string) {
	if p.tok.text != text {
		p.fail(p.tok, expected)
		return
	}
	p.advance()
}

// word takes anything but a brace or the end.
func (p *parser) word(expected string) token {
	t := p.tok
	if t.text == "" || t.text == "{" || t.text == "}" {
		p.fail(t, expected)
		return token{}
	}
	p.advance()
	return t
}

var identifier = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

// name takes an identifier that taken doesn't hold yet.
func (p *parser) name(expected string, taken map[string]bool) token {
	t := p.word(expected)
	if p.err != nil {
		return t
	}
	if !identifier.MatchString(t.text) {
		p.fail(t, expected+" of letters, digits and _")
	}
	if taken[t.text] {
		p.fail(t, expected+" that is not used yet")
	}
	taken[t.text] = true
	return t
}

// oneOf takes one of the words and returns its index.
func (p *parser) oneOf(words []string) int {
	i, ok := index(words, p.tok.text)
	if !ok {
		p.fail(p.tok, oneOfText(words))
		return 0
	}
	p.advance()
	return i
}

func (p *parser) count(expected string, most int) int {
	t := p.word(expected)
	n, err := strconv.Atoi(t.text)
	if err != nil || n < 1 || n > most {
		p.fail(t, expected)
	}
	return n
}

// ranges holds what each frequency's number bytes can say. 0xFF opens the next
// longer form, so no number begins with it.
var ranges = [...]struct{ low, high uint32 }{
	High:           {1, 0xFE},
	Medium:         {1, 0xFE},
	Low:            {1, 0xFEFF},
	FixedFrequency: {0xFFFFFF00, 0xFFFFFFFF},
}

func (p *parser) number(m *Message) uint32 {
	r := ranges[m.Frequency]
	expected := fmt.Sprintf("a %s message number, %d to %d", m.Frequency, r.low, r.high)
	if m.Frequency == FixedFrequency {
		expected = fmt.Sprintf("a Fixed message number, 0x%08X to 0x%08X", r.low, r.high)
	}
	t := p.word(expected)
	n, err := strconv.ParseUint(t.text, 0, 32)
	m.Number = uint32(n)
	if err != nil || m.Number < r.low || m.Number > r.high {
		p.fail(t, expected)
		return 0
	}
	if other, taken := p.numbers[m.WireNumber()]; taken {
		p.fail(t, fmt.Sprintf("a number of its own (%s has this one)", other))
	}
	p.numbers[m.WireNumber()] = m.Name
	return m.Number
}

func oneOfText(words []string) string {
	return "one of " + strings.Join(words, ", ")
}
