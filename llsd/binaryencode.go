package llsd

import (
	"encoding/binary"
	"math"
	"time"

	"github.com/google/uuid"
)

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
