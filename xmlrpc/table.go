package xmlrpc

import (
	"encoding/hex"
	"strconv"
)

// Table is a long list of structs that writes itself: a login's inventory, of
// which each row as a map would take longer to make than to write.
type Table interface{ WriteRows(w *RowWriter) }

// RowWriter takes the rows of a table, each begun by Row. Members stand in the
// order in which they are written.
type RowWriter struct {
	w    *writer
	open bool // there is a row
}

// Row begins a struct.
func (r *RowWriter) Row() {
	r.end()
	r.open = true
	r.w.raw("<value><struct>")
}

func (r *RowWriter) end() {
	if r.open {
		r.w.raw("</struct></value>")
	}
}

// Text writes a member of the row as a string.
func (r *RowWriter) Text(member, text string) {
	r.member(member, "string")
	r.w.escape(text)
	r.w.raw("</string></value></member>")
}

// Integer writes a member of the row as a 32-bit integer.
func (r *RowWriter) Integer(member string, n int32) {
	r.member(member, "i4")
	r.w.buf = strconv.AppendInt(r.w.buf, int64(n), 10)
	r.w.raw("</i4></value></member>")
}

// ID writes a member of the row as a uuid in text, as XML-RPC has no such type.
func (r *RowWriter) ID(member string, id [16]byte) {
	r.member(member, "string")
	for i, part := range [...][]byte{id[:4], id[4:6], id[6:8], id[8:10], id[10:]} {
		if i > 0 {
			r.w.raw("-")
		}
		r.w.buf = hex.AppendEncode(r.w.buf, part)
	}
	r.w.raw("</string></value></member>")
}

func (r *RowWriter) member(name, kind string) {
	r.w.raw("<member><name>")
	r.w.escape(name)
	r.w.raw("</name><value><")
	r.w.raw(kind)
	r.w.raw(">")
}

func (w *writer) table(t Table) {
	w.raw("<array><data>")
	rows := RowWriter{w: w}
	t.WriteRows(&rows)
	rows.end()
	w.raw("</data></array>")
}
