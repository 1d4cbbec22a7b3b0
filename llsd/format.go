package llsd

import (
	"bytes"

	"github.com/slload/slload/internal/xmltext"
)

// URI is LLSD's uri type: a string with a meaning.
type URI string

// Format is one of LLSD's serialisations.
type Format byte

// The serialisations. Auto finds out by the first bytes, see [Detect].
const (
	Auto Format = iota
	XML
	Binary
	Notation
)

// String is the name that errors use: xml, binary, notation.
func (f Format) String() string {
	return [...]string{"auto", "xml", "binary", "notation"}[f&3]
}

// Content types of a request's body. Answers are sniffed instead: OpenSim
// labels a seed capability's answer text/html.
const (
	ContentTypeXML      = "application/llsd+xml"
	ContentTypeBinary   = "application/llsd+binary"
	ContentTypeNotation = "application/llsd+notation"
)

const (
	binaryHeader   = "<? LLSD/Binary ?>\n"
	notationHeader = "<? llsd/notation ?>\n"
)

// Detect tells the serialisation of a document by its first bytes: a header
// ("<? LLSD/Binary ?>") decides; other documents that begin with '<' are XML;
// without a header a map or array whose count begins with a zero byte (under
// 16,777,216 elements) is binary, and everything else notation.
func Detect(data []byte) Format {
	data = xmltext.TrimBOM(data)
	start := bytes.TrimLeft(data, " \t\r\n")
	switch {
	case hasHeader(start, "llsd/binary"):
		return Binary
	case hasHeader(start, "llsd/notation"):
		return Notation
	case bytes.HasPrefix(start, []byte("<")):
		return XML
	case len(data) > 1 && (data[0] == '{' || data[0] == '[') && data[1] == 0:
		return Binary
	}
	return Notation
}

// hasHeader reports whether b begins with "<?name?>", in any case and with
// any spaces around the name, as the serialisers of different grids write it.
func hasHeader(b []byte, name string) bool {
	_, ok := cutHeader(b, name)
	return ok
}

// cutHeader cuts a "<?name?>" header and the line break after it.
func cutHeader(b []byte, name string) (rest []byte, ok bool) {
	rest, ok = bytes.CutPrefix(b, []byte("<?"))
	if !ok {
		return b, false
	}
	inside, rest, ok := bytes.Cut(rest[:len(rest):len(rest)], []byte("?>"))
	if !ok || !bytes.EqualFold(bytes.TrimSpace(inside), []byte(name)) {
		return b, false
	}
	rest = bytes.TrimPrefix(rest, []byte("\r"))
	return bytes.TrimPrefix(rest, []byte("\n")), true
}
