// Package xmltext splits the small XML documents of the grid's protocols (LLSD
// and XML-RPC) into tags and text. It knows no namespaces, declares no
// entities and never reads ahead: what a hostile peer sends costs what its
// bytes cost. encoding/xml takes some 20 times the allocations for the same.
//
// It stands on nothing of ours; llsd and xmlrpc read with it.
package xmltext

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// Scanner walks over one document. The zero Scanner, after Reset, is ready.
type Scanner struct {
	pos  int
	src  []byte
	text []byte // scratch for text that isn't verbatim in src
}

// Error is a document that is not well-formed, or not as its reader expected.
type Error struct {
	Offset int    // byte at which it went wrong
	Msg    string // what was expected and what was found
}

func (e *Error) Error() string { return fmt.Sprintf("byte %d: %s", e.Offset, e.Msg) }

// Tag is one start or end tag. Its slices alias the document.
type Tag struct {
	Name     []byte
	Encoding []byte // the attribute of that name, which LLSD's <binary> has
	Closing  bool   // </name>
	Empty    bool   // <name/>
}

// Reset makes the scanner begin a document, which it never changes.
func (d *Scanner) Reset(src []byte) { d.src, d.pos = TrimBOM(src), 0 }

// Release lets go of the document, and of scratch space that a long one left.
func (d *Scanner) Release() {
	const keep = 64 << 10
	d.src = nil
	if cap(d.text) > keep {
		d.text = nil
	}
}

// TrimBOM cuts a byte order mark off the front.
func TrimBOM(b []byte) []byte { return bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")) }

// Pos is the byte at which the scanner stands.
func (d *Scanner) Pos() int { return d.pos }

// Since is the document from a position on to where the scanner stands.
func (d *Scanner) Since(pos int) []byte { return d.src[pos:d.pos:d.pos] }

// Count is how often text stands in what is left of the document.
func (d *Scanner) Count(text string) int { return bytes.Count(d.src[d.pos:], []byte(text)) }

// AtEnd tells whether the whole document was read.
func (d *Scanner) AtEnd() bool { return d.pos >= len(d.src) }

// Errorf is an *Error where the scanner stands.
func (d *Scanner) Errorf(format string, args ...any) error {
	return &Error{d.pos, fmt.Sprintf(format, args...)}
}

// Found names what stands there, for an error.
func (d *Scanner) Found() string { return FoundAt(d.src, d.pos) }

// FoundAt shows the character of src at pos, and no more of it: documents
// hold passwords and session ids, and errors go to logs.
func FoundAt(src []byte, pos int) string {
	if pos >= len(src) {
		return "the end of the document"
	}
	r, _ := utf8.DecodeRune(src[pos:])
	return strconv.QuoteRune(r)
}

// Opens moves past <name>, and white space before it, if that is what comes
// next, to the letter: what servers write a thousand times over needs no look
// at what else it could be. Otherwise only the white space is passed.
func (d *Scanner) Opens(name string) bool {
	d.skipSpace()
	rest := d.src[d.pos:]
	n := len(name)
	if len(rest) < n+2 || rest[0] != '<' || rest[n+1] != '>' || string(rest[1:n+1]) != name {
		return false
	}
	d.pos += n + 2
	return true
}

// Closes is Opens for </name>.
func (d *Scanner) Closes(name string) bool { return closes(d, name) }

// Ends is Closes for the end tag that belongs to t.
func (d *Scanner) Ends(t Tag) bool { return closes(d, t.Name) }

func closes[Name string | []byte](d *Scanner, name Name) bool {
	d.skipSpace()
	rest := d.src[d.pos:]
	n := len(name)
	if len(rest) < n+3 || rest[0] != '<' || rest[1] != '/' || rest[n+2] != '>' || string(rest[2:n+2]) != string(name) {
		return false
	}
	d.pos += n + 3
	return true
}

// Rewind moves back to where the scanner stood: to what Pos gave.
func (d *Scanner) Rewind(pos int) { d.pos = pos }

// Next skips white space, comments and processing instructions and reads the
// tag behind them. Other text there is an error.
func (d *Scanner) Next() (Tag, error) {
	if err := d.SkipMisc(); err != nil {
		return Tag{}, err
	}
	return d.Tag()
}

// SkipMisc moves to the next tag, to text, or to the end.
func (d *Scanner) SkipMisc() error {
	for {
		d.skipSpace()
		if rest := d.src[d.pos:]; len(rest) < 2 || rest[0] != '<' || rest[1] != '?' && rest[1] != '!' {
			return nil
		}
		if skipped, err := d.skipMarkup(); !skipped || err != nil {
			return err
		}
	}
}

// skipMarkup skips one comment or processing instruction. A declaration is an
// error: LLSD needs none, and an entity could be declared there.
func (d *Scanner) skipMarkup() (skipped bool, err error) {
	rest := d.src[d.pos:]
	switch {
	case bytes.HasPrefix(rest, []byte("<?")):
		return true, d.skipPast("<?", "?>")
	case bytes.HasPrefix(rest, []byte("<!--")):
		return true, d.skipPast("<!--", "-->")
	case bytes.HasPrefix(rest, []byte("<!")):
		return false, d.Errorf("a DOCTYPE or other declaration is not allowed")
	}
	return false, nil
}

func (d *Scanner) skipSpace() {
	for d.pos < len(d.src) && IsSpace(d.src[d.pos]) {
		d.pos++
	}
}

// IsSpace tells white space as XML and LLSD have it.
func IsSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// skipPast skips what begins with open, at pos, and ends with end.
func (d *Scanner) skipPast(open, end string) error {
	n := bytes.Index(d.src[d.pos+len(open):], []byte(end))
	if n < 0 {
		return d.Errorf("expected %s, found the end of the document", end)
	}
	d.pos += len(open) + n + len(end)
	return nil
}

// Tag reads the tag at which the scanner stands.
func (d *Scanner) Tag() (t Tag, err error) {
	if !d.take('<') {
		return t, d.Errorf("expected a tag, found %s", d.Found())
	}
	t.Closing = d.take('/')
	if t.Name = d.name(); len(t.Name) == 0 {
		return t, d.Errorf("expected an element's name, found %s", d.Found())
	}
	for {
		d.skipSpace()
		if d.take('>') {
			return t, nil
		}
		if !t.Closing && d.take('/') {
			t.Empty = true
			if !d.take('>') {
				return t, d.Errorf("expected >, found %s", d.Found())
			}
			return t, nil
		}
		if t.Closing {
			return t, d.Errorf("expected >, found %s", d.Found())
		}
		if err := d.attribute(&t); err != nil {
			return t, err
		}
	}
}

// attribute reads name="value"; only <binary>'s encoding matters.
func (d *Scanner) attribute(t *Tag) error {
	name := d.name()
	if len(name) == 0 {
		return d.Errorf("expected an attribute or >, found %s", d.Found())
	}
	d.skipSpace()
	if !d.take('=') {
		return d.Errorf("expected = after attribute %s, found %s", name, d.Found())
	}
	d.skipSpace()
	if d.pos >= len(d.src) || d.src[d.pos] != '"' && d.src[d.pos] != '\'' {
		return d.Errorf("expected a quoted value of attribute %s, found %s", name, d.Found())
	}
	quote := d.src[d.pos]
	n := bytes.IndexByte(d.src[d.pos+1:], quote)
	if n < 0 {
		return d.Errorf("the value of attribute %s has no closing quote", name)
	}
	if string(name) == "encoding" {
		t.Encoding = d.src[d.pos+1 : d.pos+1+n]
	}
	d.pos += n + 2
	return nil
}

func (d *Scanner) take(c byte) bool {
	if d.pos < len(d.src) && d.src[d.pos] == c {
		d.pos++
		return true
	}
	return false
}

// name reads an XML name, loosely: up to a character that can't be in one.
func (d *Scanner) name() []byte {
	start := d.pos
	for d.pos < len(d.src) && !endsName[d.src[d.pos]] {
		d.pos++
	}
	return d.src[start:d.pos]
}

// endsName is the characters that can't be in a name.
var endsName = [256]bool{
	' ': true, '\t': true, '\r': true, '\n': true, '/': true, '>': true, '<': true, '=': true, '"': true, '\'': true, '&': true,
}

// Characters reads character data up to the next tag. The text aliases the
// document, or is good until the next call of Characters. Characters that XML can't hold
// stay as they are: see Legal.
func (d *Scanner) Characters() ([]byte, error) {
	start := d.pos
	n := bytes.IndexByte(d.src[start:], '<')
	if n < 0 {
		return nil, d.Errorf("expected an end tag, found the end of the document")
	}
	plain := d.src[start : start+n]
	behind := d.src[start+n+1:]
	markup := len(behind) > 0 && (behind[0] == '!' || behind[0] == '?')
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
func (d *Scanner) resolve() error {
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
	return d.Errorf("expected an end tag, found the end of the document")
}

// appendLines appends text with XML's line ends: \r\n and \r are \n.
func (d *Scanner) appendLines(text []byte) {
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
func (d *Scanner) reference() error {
	const longest = len("&#1114111;")
	rest := d.src[d.pos:min(d.pos+longest, len(d.src))]
	n := bytes.IndexByte(rest, ';')
	if n < 0 {
		return d.Errorf("expected a reference like &amp;, found %s", d.Found())
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
			return d.Errorf("unknown entity &%s;", name)
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
