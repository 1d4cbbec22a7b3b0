package xmlrpc

import "bytes"

// Rows takes a long list of structs of texts and integers while it is read:
// as maps it would take ten times its memory, which at a thousand logins a
// second is most of what there is to collect.
type Rows interface {
	// Row begins a struct of the list.
	Row()
	// Text and Integer take a member of it. The text is good until Text returns.
	// False is a member that they can't take: the list is then read as any
	// value is.
	Text(member string, text []byte) bool
	Integer(member string, n int32) bool
	// Value is what stands for the list in the answer's struct.
	Value() any
}

// mostMembers is the room that a struct of rows begins with: login answers have
// some 40 members.
const mostMembers = 40

// member reads the value of a member of the answer's struct.
func (d *decoder) member(name string) (any, error) {
	rows := d.rows(name)
	if rows == nil {
		return d.value()
	}
	pos, pending, depth, values := d.Pos(), d.pending, d.depth, d.values
	if d.list(rows) {
		return rows.Value(), nil
	}
	d.Rewind(pos)
	d.pending, d.depth, d.values = pending, depth, values
	return d.value()
}

// list reads a value that is an array of structs, with its end tag, and tells
// whether it was one, within all bounds. What else it is, or what is wrong with
// it, is found out by reading it again as any value.
func (d *decoder) list(rows Rows) bool {
	if !d.counts() || !d.opens("array") || !d.opens("data") {
		return false
	}
	for d.opens("value") {
		if !d.counts() || !d.opens("struct") {
			return false
		}
		rows.Row()
		for d.opens("member") {
			if !d.cell(rows) {
				return false
			}
		}
		if !d.closes("struct") || !d.closes("value") {
			return false
		}
	}
	return d.closes("data") && d.closes("array") && d.closes("value")
}

// counts keeps the limit of values. That of depth is far: a list of the
// answer's struct has only that around it.
func (d *decoder) counts() bool { d.values--; return d.values >= 0 }

// cell reads a member of a row, after its start tag, with its end tag.
func (d *decoder) cell(rows Rows) bool {
	if !d.counts() || !d.opens("name") {
		return false
	}
	text, err := d.characters()
	if err != nil || !d.closes("name") {
		return false
	}
	name := d.names.Get(text)
	if !d.opens("value") {
		return false
	}
	bare, err := d.characters()
	switch {
	case err != nil:
		return false
	case d.closes("value"):
		return rows.Text(name, bare) && d.closes("member")
	case len(bytes.TrimSpace(bare)) > 0:
		return false
	}
	return d.scalarCell(rows, name) && d.closes("value") && d.closes("member")
}

// scalarCell reads a cell that names its type.
func (d *decoder) scalarCell(rows Rows, name string) bool {
	kind := "string"
	if !d.opens(kind) {
		if kind = "i4"; !d.opens(kind) {
			if kind = "int"; !d.opens(kind) {
				return false
			}
		}
	}
	text, err := d.characters()
	if err != nil || !d.closes(kind) {
		return false
	}
	if kind == "string" {
		return rows.Text(name, text)
	}
	n, err := integer(text)
	return err == nil && rows.Integer(name, n)
}
