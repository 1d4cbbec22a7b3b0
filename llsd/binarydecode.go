package llsd

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/google/uuid"

	"github.com/slload/slload/internal/xmltext"
)

// binaryDecoder reads LLSD binary: a marker byte, then the value. Lengths,
// counts, integers and reals are big-endian; a date is little-endian, as the
// viewer has written it from the start.
type binaryDecoder struct {
	budget
	src []byte
	pos int
}

func parseBinary(data []byte, limits Limits) (any, error) {
	body, _ := cutHeader(xmltext.TrimBOM(data), "llsd/binary")
	d := binaryDecoder{budget: budget{limits: limits}, src: body}
	v, err := d.element()
	if err != nil {
		return nil, err
	}
	if rest := d.src[d.pos:]; len(dropSpace(rest)) > 0 {
		return nil, d.errorf("expected the end of the document, found %s", xmltext.FoundAt(d.src, d.pos))
	}
	return v, nil
}

func (d *binaryDecoder) element() (any, error) {
	if err := d.value(); err != nil {
		return nil, err
	}
	marker, err := d.take(1, "a type marker")
	if err != nil {
		return nil, err
	}
	switch marker[0] {
	case '!':
		return nil, nil
	case '1':
		return true, nil
	case '0':
		return false, nil
	case '{':
		return d.mapping()
	case '[':
		return d.array()
	case 's', 'l', 'b':
		return d.counted(marker[0])
	case '"', '\'':
		d.pos--
		return d.quoted()
	case 'i', 'r', 'd', 'u':
		return d.fixed(marker[0])
	}
	d.pos--
	return nil, d.errorf("expected a type marker, found %s", xmltext.FoundAt(d.src, d.pos))
}

// counted reads the types that have a length.
func (d *binaryDecoder) counted(marker byte) (any, error) {
	b, err := d.sized()
	if err != nil {
		return nil, err
	}
	switch marker {
	case 's':
		return string(b), nil
	case 'l':
		return URI(b), nil
	}
	return append([]byte{}, b...), nil
}

// fixed reads the types of 4, 8 and 16 bytes.
func (d *binaryDecoder) fixed(marker byte) (any, error) {
	size := 8
	switch marker {
	case 'i':
		size = 4
	case 'u':
		size = 16
	}
	b, err := d.take(uint32(size), "a value")
	if err != nil {
		return nil, err
	}
	switch marker {
	case 'i':
		return int32(binary.BigEndian.Uint32(b)), nil
	case 'r':
		return math.Float64frombits(binary.BigEndian.Uint64(b)), nil
	case 'u':
		return uuid.UUID(b), nil
	}
	t, err := dateFromSeconds(math.Float64frombits(binary.LittleEndian.Uint64(b)))
	if err != nil {
		return nil, d.errorf("%v", err)
	}
	return t, nil
}

func (d *binaryDecoder) mapping() (any, error) {
	n, err := d.count()
	if err != nil {
		return nil, err
	}
	if err := d.enter(); err != nil {
		return nil, err
	}
	defer d.leave()
	m := make(map[string]any, min(n, 64))
	for range n {
		key, err := d.key()
		if err != nil {
			return nil, err
		}
		if m[key], err = d.element(); err != nil {
			return nil, err
		}
	}
	return m, d.expect('}')
}

// key reads a map's key: 'k' and its length, or text in quotes.
func (d *binaryDecoder) key() (string, error) {
	if d.pos < len(d.src) && isQuote(d.src[d.pos]) {
		return d.quoted()
	}
	if err := d.expect('k'); err != nil {
		return "", err
	}
	b, err := d.sized()
	return string(b), err
}

// quoted reads notation's quoted text, which the viewer takes in binary
// documents, too.
func (d *binaryDecoder) quoted() (string, error) {
	text, size, err := unquote(d.src[d.pos:])
	if err != nil {
		return "", d.errorf("%v", err)
	}
	d.pos += size
	return text, nil
}

func (d *binaryDecoder) array() (any, error) {
	n, err := d.count()
	if err != nil {
		return nil, err
	}
	if err := d.enter(); err != nil {
		return nil, err
	}
	defer d.leave()
	a := make([]any, 0, min(n, 64))
	for range n {
		v, err := d.element()
		if err != nil {
			return nil, err
		}
		a = append(a, v)
	}
	return a, d.expect(']')
}

func (d *binaryDecoder) count() (uint32, error) {
	b, err := d.take(4, "a count")
	if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint32(b), nil
}

// sized reads a length and that many bytes, which alias the document.
func (d *binaryDecoder) sized() ([]byte, error) {
	n, err := d.count()
	if err != nil {
		return nil, err
	}
	return d.take(n, "text or binary")
}

func (d *binaryDecoder) take(n uint32, what string) ([]byte, error) {
	rest := d.src[d.pos:]
	if uint64(n) > uint64(len(rest)) {
		return nil, d.errorf("expected %s of %d bytes, found %d", what, n, len(rest))
	}
	d.pos += int(n)
	return rest[:n:n], nil
}

func (d *binaryDecoder) expect(c byte) error {
	if d.pos >= len(d.src) || d.src[d.pos] != c {
		return d.errorf("expected %q, found %s", c, xmltext.FoundAt(d.src, d.pos))
	}
	d.pos++
	return nil
}

func (d *binaryDecoder) errorf(format string, args ...any) error {
	return &SyntaxError{Binary, d.pos, fmt.Sprintf(format, args...)}
}
