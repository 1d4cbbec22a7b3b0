package llsd

import (
	"fmt"
	"reflect"
)

// A SyntaxError is a document that is no LLSD of the format named.
type SyntaxError struct {
	Format Format
	Offset int    // byte at which it went wrong
	Msg    string // what was expected and what was found
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("llsd: %s, byte %d: %s", e.Format, e.Offset, e.Msg)
}

// A TypeError is a value that can't become the Go type it is decoded into.
type TypeError struct {
	Value string       // the LLSD type, and the text where it is short
	Type  reflect.Type // the Go type
	Path  string       // where in the document: "events[0].body", "" at its root
}

func (e *TypeError) Error() string {
	at := ""
	if e.Path != "" {
		at = " at " + e.Path
	}
	return fmt.Sprintf("llsd: can't turn %s%s into a Go %s", e.Value, at, e.Type)
}

// An UnsupportedError is a Go value that LLSD has no form for.
type UnsupportedError struct {
	Type reflect.Type
	Msg  string
}

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("llsd: can't encode a Go %s: %s", e.Type, e.Msg)
}
