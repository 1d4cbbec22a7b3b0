package llsd

import (
	"encoding/base64"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// notationWriter writes LLSD notation.
type notationWriter struct{ buf []byte }

func (w *notationWriter) undef()         { w.buf = append(w.buf, '!') }
func (w *notationWriter) boolean(b bool) { w.buf = append(w.buf, "01"[btoi(b)]) }

func (w *notationWriter) integer(n int32) {
	w.buf = strconv.AppendInt(append(w.buf, 'i'), int64(n), 10)
}

func (w *notationWriter) real(f float64) {
	w.buf = strconv.AppendFloat(append(w.buf, 'r'), f, 'g', -1, 64)
}

func (w *notationWriter) uuid(id uuid.UUID) { w.buf = appendUUID(append(w.buf, 'u'), id) }
func (w *notationWriter) str(s string)      { w.quote('\'', s) }

func (w *notationWriter) uri(u URI) {
	w.buf = append(w.buf, 'l')
	w.quote('"', string(u))
}

func (w *notationWriter) binary(b []byte) {
	w.buf = base64.StdEncoding.AppendEncode(append(w.buf, `b64"`...), b)
	w.buf = append(w.buf, '"')
}

func (w *notationWriter) date(t time.Time) {
	w.buf = t.UTC().AppendFormat(append(w.buf, `d"`...), dateFormat)
	w.buf = append(w.buf, '"')
}

func (w *notationWriter) beginMap(int) { w.buf = append(w.buf, '{') }

func (w *notationWriter) key(i int, name string) {
	w.item(i)
	w.quote('\'', name)
	w.buf = append(w.buf, ':')
}

func (w *notationWriter) endMap()        { w.buf = append(w.buf, '}') }
func (w *notationWriter) beginArray(int) { w.buf = append(w.buf, '[') }

func (w *notationWriter) item(i int) {
	if i > 0 {
		w.buf = append(w.buf, ',')
	}
}

func (w *notationWriter) endArray() { w.buf = append(w.buf, ']') }

// quote writes a string with the escapes that every reader knows: the quote,
// the backslash, and \xNN for control characters.
func (w *notationWriter) quote(q byte, s string) {
	const digits = "0123456789abcdef"
	w.buf = append(w.buf, q)
	for i := range len(s) {
		switch c := s[i]; {
		case c == q || c == '\\':
			w.buf = append(w.buf, '\\', c)
		case c < 0x20 || c == 0x7f:
			w.buf = append(w.buf, '\\', 'x', digits[c>>4], digits[c&15])
		default:
			w.buf = append(w.buf, c)
		}
	}
	w.buf = append(w.buf, q)
}
