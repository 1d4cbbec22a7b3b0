package llsd

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/google/uuid"
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
	body, _ := cutHeader(trimBOM(data), "llsd/binary")
	d := binaryDecoder{budget: budget{limits: limits}, src: body}
	v, err := d.element()
	if err != nil {
		return nil, err
	}
	if rest := d.src[d.pos:]; len(dropSpace(rest)) > 0 {
		return nil, d.errorf("expected the end of the document, found %s", foundAt(d.src, d.pos))
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
	case 'i', 'r', 'd', 'u':
		return d.fixed(marker[0])
	}
	d.pos--
	return nil, d.errorf("expected a type marker, found %s", foundAt(d.src, d.pos))
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
	b, err := d.take(map[byte]int{'i': 4, 'r': 8, 'd': 8, 'u': 16}[marker], "a value")
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
		if err := d.expect('k'); err != nil {
			return nil, err
		}
		key, err := d.sized()
		if err != nil {
			return nil, err
		}
		if m[string(key)], err = d.element(); err != nil {
			return nil, err
		}
	}
	return m, d.expect('}')
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

func (d *binaryDecoder) count() (int, error) {
	b, err := d.take(4, "a count")
	if err != nil {
		return 0, err
	}
	return int(binary.BigEndian.Uint32(b)), nil
}

// sized reads a length and that many bytes, which alias the document.
func (d *binaryDecoder) sized() ([]byte, error) {
	n, err := d.count()
	if err != nil {
		return nil, err
	}
	return d.take(n, "text or binary")
}

func (d *binaryDecoder) take(n int, what string) ([]byte, error) {
	if n > len(d.src)-d.pos {
		return nil, d.errorf("expected %s of %d bytes, found %d", what, n, len(d.src)-d.pos)
	}
	d.pos += n
	return d.src[d.pos-n : d.pos], nil
}

func (d *binaryDecoder) expect(c byte) error {
	if d.pos >= len(d.src) || d.src[d.pos] != c {
		return d.errorf("expected %q, found %s", c, foundAt(d.src, d.pos))
	}
	d.pos++
	return nil
}

func (d *binaryDecoder) errorf(format string, args ...any) error {
	return &SyntaxError{Binary, d.pos, fmt.Sprintf(format, args...)}
}

// binaryWriter writes LLSD binary.
type binaryWriter struct{ buf []byte }

func (w *binaryWriter) mark(c byte)     { w.buf = append(w.buf, c) }
func (w *binaryWriter) uint32(n uint32) { w.buf = binary.BigEndian.AppendUint32(w.buf, n) }

func (w *binaryWriter) sized(marker byte, s string) {
	w.mark(marker)
	w.uint32(uint32(len(s)))
	w.buf = append(w.buf, s...)
}

func (w *binaryWriter) undef()         { w.mark('!') }
func (w *binaryWriter) boolean(b bool) { w.mark("01"[btoi(b)]) }

func (w *binaryWriter) integer(n int32) {
	w.mark('i')
	w.uint32(uint32(n))
}

func (w *binaryWriter) real(f float64) {
	w.mark('r')
	w.buf = binary.BigEndian.AppendUint64(w.buf, math.Float64bits(f))
}

func (w *binaryWriter) uuid(id uuid.UUID) {
	w.mark('u')
	w.buf = append(w.buf, id[:]...)
}

func (w *binaryWriter) str(s string)    { w.sized('s', s) }
func (w *binaryWriter) uri(u URI)       { w.sized('l', string(u)) }
func (w *binaryWriter) binary(b []byte) { w.sized('b', string(b)) }

func (w *binaryWriter) date(t time.Time) {
	w.mark('d')
	w.buf = binary.LittleEndian.AppendUint64(w.buf, math.Float64bits(secondsFromDate(t)))
}

func (w *binaryWriter) beginMap(n int) {
	w.mark('{')
	w.uint32(uint32(n))
}

func (w *binaryWriter) key(_ int, name string) { w.sized('k', name) }
func (w *binaryWriter) endMap()                { w.mark('}') }

func (w *binaryWriter) beginArray(n int) {
	w.mark('[')
	w.uint32(uint32(n))
}

func (w *binaryWriter) item(int)  {}
func (w *binaryWriter) endArray() { w.mark(']') }
