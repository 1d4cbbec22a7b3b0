package xmlrpc

import (
	"encoding"
	"encoding/base64"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/slload/slload/internal/xmltext"
)

// ContentType is that of requests and answers.
const ContentType = "text/xml"

const header = `<?xml version="1.0" encoding="utf-8"?>`

// usualRequest is room for what a login asks for: of a slice that grows,
// more than is kept is left behind.
const usualRequest = 4 << 10

// MarshalRequest encodes a call of method. Parameters may be of the types
// that decoding gives, int, uint16 and uint32 that fit 32 bits with a sign,
// []string, a [Table], and what marshals as text (uuid.UUID).
func MarshalRequest(method string, params ...any) ([]byte, error) {
	w := &writer{make([]byte, 0, usualRequest)}
	w.raw(header + "<methodCall><methodName>")
	w.escape(method)
	w.raw("</methodName><params>")
	for i, p := range params {
		w.raw("<param>")
		if err := w.value(p, 0); err != nil {
			return nil, fmt.Errorf("xmlrpc: parameter %d of %s: %w", i+1, method, err)
		}
		w.raw("</param>")
	}
	w.raw("</params></methodCall>")
	return w.buf, nil
}

// MarshalResponse encodes an answer of one value, of [MarshalRequest]'s types.
func MarshalResponse(value any) ([]byte, error) { return AppendResponse(nil, value) }

// AppendResponse is MarshalResponse that appends to dst. With an error it
// returns dst as it was.
func AppendResponse(dst []byte, value any) ([]byte, error) {
	w := &writer{dst}
	w.raw(header + "<methodResponse><params><param>")
	if err := w.value(value, 0); err != nil {
		return dst, fmt.Errorf("xmlrpc: answer: %w", err)
	}
	w.raw("</param></params></methodResponse>")
	return w.buf, nil
}

// MarshalFault encodes an answer that says why there is none.
func MarshalFault(f Fault) []byte {
	w := &writer{}
	w.raw(header + "<methodResponse><fault>")
	// a struct of an int32 and a string can't fail
	_ = w.value(map[string]any{"faultCode": f.Code, "faultString": f.Message}, 0)
	w.raw("</fault></methodResponse>")
	return w.buf
}

type writer struct{ buf []byte }

func (w *writer) raw(s string) { w.buf = append(w.buf, s...) }

// escape writes text; what XML can't hold becomes U+FFFD.
func (w *writer) escape(s string) { w.buf = xmltext.AppendEscaped(w.buf, s) }

func (w *writer) element(name, text string) {
	w.raw("<")
	w.raw(name)
	w.raw(">")
	w.raw(text)
	w.raw("</")
	w.raw(name)
	w.raw(">")
}

func (w *writer) value(v any, depth int) error {
	if depth > MaxDepth {
		return &LimitError{"depth", MaxDepth}
	}
	w.raw("<value>")
	if err := w.typed(v, depth); err != nil {
		return err
	}
	w.raw("</value>")
	return nil
}

func (w *writer) typed(v any, depth int) error {
	switch x := v.(type) {
	case nil:
		w.raw("<nil/>")
	case bool:
		if x {
			w.raw("<boolean>1</boolean>")
		} else {
			w.raw("<boolean>0</boolean>")
		}
	case int32:
		return w.integer(int64(x))
	case int:
		return w.integer(int64(x))
	case uint16:
		return w.integer(int64(x))
	case uint32:
		return w.integer(int64(x))
	case float64:
		w.element("double", strconv.FormatFloat(x, 'f', -1, 64))
	case string:
		w.raw("<string>")
		w.escape(x)
		w.raw("</string>")
	case []byte:
		w.element("base64", base64.StdEncoding.EncodeToString(x))
	case time.Time:
		w.element("dateTime.iso8601", x.UTC().Format(dateFormat))
	case map[string]any:
		return w.structure(x, depth)
	case []any:
		return writeArray(w, x, depth)
	case []string:
		return writeArray(w, x, depth)
	case Table:
		w.table(x)
	case encoding.TextMarshaler:
		text, err := x.MarshalText()
		if err != nil {
			return err
		}
		return w.typed(string(text), depth)
	default:
		return fmt.Errorf("XML-RPC has no form for a Go %T", v)
	}
	return nil
}

func (w *writer) integer(n int64) error {
	if n < math.MinInt32 || n > math.MaxInt32 {
		return fmt.Errorf("%d does not fit a 32-bit integer", n)
	}
	w.raw("<i4>")
	w.buf = strconv.AppendInt(w.buf, n, 10)
	w.raw("</i4>")
	return nil
}

// structure writes members in the order of their names.
func (w *writer) structure(m map[string]any, depth int) error {
	w.raw("<struct>")
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		w.raw("<member><name>")
		w.escape(name)
		w.raw("</name>")
		if err := w.value(m[name], depth+1); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		w.raw("</member>")
	}
	w.raw("</struct>")
	return nil
}

func writeArray[T any](w *writer, a []T, depth int) error {
	w.raw("<array><data>")
	for i, v := range a {
		if err := w.value(v, depth+1); err != nil {
			return fmt.Errorf("[%d]: %w", i, err)
		}
	}
	w.raw("</data></array>")
	return nil
}
