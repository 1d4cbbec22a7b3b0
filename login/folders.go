package login

import (
	"bytes"

	"github.com/google/uuid"

	"github.com/slload/slload/xmlrpc"
)

// folderRows takes an inventory's folders while the answer is read. They stand
// in Response.Raw as they are here: ten times as large, as maps, they would be
// most of what a login leaves to the garbage collector.
type folderRows struct{ list []Folder }

// usualFolders is room for what a new account has.
const usualFolders = 20

// rows says which members of an answer are read in rows: folders, and what a
// brief client skips.
func (c *Client) rows(member string) xmlrpc.Rows {
	switch member {
	case "inventory-skeleton":
		return &folderRows{make([]Folder, 0, usualFolders)}
	case "inventory-skel-lib":
		return &folderRows{}
	}
	if c.Brief && !listsRead[member] {
		return skippedRows{}
	}
	return nil
}

// listsRead are the lists of structs that Response has fields for, but for
// folders.
var listsRead = map[string]bool{
	"inventory-root": true, "inventory-lib-root": true, "inventory-lib-owner": true,
	"buddy-list": true, "gestures": true, "initial-outfit": true,
}

// skippedRows takes a list and keeps nothing.
type skippedRows struct{}

func (skippedRows) Row()                       {}
func (skippedRows) Text(string, []byte) bool   { return true }
func (skippedRows) Integer(string, int32) bool { return true }
func (skippedRows) Value() any                 { return nil }

func (f *folderRows) Row()       { f.list = append(f.list, Folder{}) }
func (f *folderRows) Value() any { return f.list }

func (f *folderRows) Text(member string, text []byte) bool {
	row := &f.list[len(f.list)-1]
	switch member {
	case "folder_id":
		return readID(&row.ID, text)
	case "parent_id":
		return readID(&row.Parent, text)
	case "name":
		row.Name = string(text)
	case "type_default", "version": // as text: Convert can
		return false
	}
	return true
}

func (f *folderRows) Integer(member string, n int32) bool {
	row := &f.list[len(f.list)-1]
	switch member {
	case "type_default":
		row.Type = n
	case "version":
		row.Version = n
	case "folder_id", "parent_id", "name":
		return false
	}
	return true
}

func readID(id *uuid.UUID, text []byte) bool {
	var err error
	*id, err = uuid.ParseBytes(bytes.TrimSpace(text))
	return err == nil
}
