package llsd

import (
	"bytes"
	"fmt"
	"io"
	"sync"
)

// UnmarshalXML decodes an LLSD XML document into v, a pointer to any or to
// whatever [Convert] fills. Errors are *SyntaxError, *LimitError, *TypeError.
func UnmarshalXML(data []byte, v any) error { return decode(data, XML, Limits{}, v) }

// UnmarshalBinary decodes an LLSD binary document, with its header or without.
func UnmarshalBinary(data []byte, v any) error { return decode(data, Binary, Limits{}, v) }

// UnmarshalNotation decodes an LLSD notation document, with its header or
// without.
func UnmarshalNotation(data []byte, v any) error { return decode(data, Notation, Limits{}, v) }

// Decode decodes a document of any serialisation: see [Detect].
func Decode(data []byte, v any) error { return decode(data, Auto, Limits{}, v) }

// A Decoder reads one document from a stream: an HTTP body, mostly.
type Decoder struct {
	r      io.Reader
	format Format
	limits Limits
}

// NewDecoder returns a decoder for the one document that r holds. It reads r
// to its end, never more than limits.MaxBytes + 1 bytes.
func NewDecoder(r io.Reader, format Format, limits Limits) *Decoder {
	return &Decoder{r, format, limits.withDefaults()}
}

// NewXMLDecoder is NewDecoder for XML.
func NewXMLDecoder(r io.Reader, limits Limits) *Decoder { return NewDecoder(r, XML, limits) }

// Decode reads the document into v as [UnmarshalXML] does. An error of the
// reader comes wrapped.
func (d *Decoder) Decode(v any) error {
	buf := buffers.Get().(*bytes.Buffer)
	defer putBuffer(buf)
	n, err := buf.ReadFrom(io.LimitReader(d.r, int64(d.limits.MaxBytes)+1))
	if err != nil {
		return fmt.Errorf("llsd: reading a document, %d bytes in: %w", n, err)
	}
	return decode(buf.Bytes(), d.format, d.limits, v)
}

// buffers holds what documents are read into: no decoded value aliases it.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func putBuffer(buf *bytes.Buffer) {
	const keep = 1 << 20
	if buf.Cap() > keep {
		return
	}
	buf.Reset()
	buffers.Put(buf)
}

func decode(data []byte, format Format, limits Limits, v any) error {
	limits = limits.withDefaults()
	if decodeFlat(data, format, limits, v) {
		return nil
	}
	value, err := parse(data, format, limits)
	if err != nil {
		return err
	}
	return Convert(value, v)
}

// parse decodes a document into the package's own value types. Nothing of the
// result aliases data.
func parse(data []byte, format Format, limits Limits) (any, error) {
	if len(data) > limits.MaxBytes {
		return nil, &LimitError{"bytes", limits.MaxBytes}
	}
	if format == Auto {
		format = Detect(data)
	}
	switch format {
	case Binary:
		return parseBinary(data, limits)
	case Notation:
		return parseNotation(data, limits)
	}
	return parseXML(data, limits)
}
