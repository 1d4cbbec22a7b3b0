package llsd

import (
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/slload/slload/internal/xmltext"
)

// xmlWriter writes LLSD XML as OpenSim does: on one line, no declaration.
type xmlWriter struct{ buf []byte }

func (w *xmlWriter) open(s string)  { w.buf = append(append(append(w.buf, '<'), s...), '>') }
func (w *xmlWriter) close(s string) { w.buf = append(append(append(w.buf, "</"...), s...), '>') }

func (w *xmlWriter) undef() { w.buf = append(w.buf, "<undef/>"...) }

func (w *xmlWriter) boolean(b bool) {
	w.open("boolean")
	w.buf = append(w.buf, "01"[btoi(b)])
	w.close("boolean")
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (w *xmlWriter) integer(n int32) {
	w.open("integer")
	w.buf = strconv.AppendInt(w.buf, int64(n), 10)
	w.close("integer")
}

func (w *xmlWriter) real(f float64) {
	w.open("real")
	w.buf = strconv.AppendFloat(w.buf, f, 'g', -1, 64)
	w.close("real")
}

func (w *xmlWriter) uuid(id uuid.UUID) {
	w.open("uuid")
	w.buf = appendUUID(w.buf, id)
	w.close("uuid")
}

func appendUUID(dst []byte, id uuid.UUID) []byte {
	for i, part := range [...][]byte{id[:4], id[4:6], id[6:8], id[8:10], id[10:]} {
		if i > 0 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, part)
	}
	return dst
}

func (w *xmlWriter) str(s string) {
	w.open("string")
	w.escape(s)
	w.close("string")
}

func (w *xmlWriter) uri(u URI) {
	w.open("uri")
	w.escape(string(u))
	w.close("uri")
}

func (w *xmlWriter) binary(b []byte) {
	w.open("binary")
	w.buf = base64.StdEncoding.AppendEncode(w.buf, b)
	w.close("binary")
}

func (w *xmlWriter) date(t time.Time) {
	w.open("date")
	w.buf = t.UTC().AppendFormat(w.buf, dateFormat)
	w.close("date")
}

func (w *xmlWriter) beginMap(int)   { w.open("map") }
func (w *xmlWriter) endMap()        { w.close("map") }
func (w *xmlWriter) beginArray(int) { w.open("array") }
func (w *xmlWriter) item(int)       {}
func (w *xmlWriter) endArray()      { w.close("array") }

func (w *xmlWriter) key(_ int, name string) {
	w.open("key")
	w.escape(name)
	w.close("key")
}

func (w *xmlWriter) escape(s string) { w.buf = xmltext.AppendEscaped(w.buf, s) }
