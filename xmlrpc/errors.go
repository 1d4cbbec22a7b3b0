package xmlrpc

import "fmt"

// A SyntaxError is a document that is no XML-RPC of the kind expected.
type SyntaxError struct {
	Offset int64 // byte at which it went wrong
	Msg    string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("xmlrpc: byte %d: %s", e.Offset, e.Msg)
}

// A LimitError says which bound a document broke.
type LimitError struct {
	Limit string // "bytes", "depth" or "values"
	Max   int
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("xmlrpc: the document has more than %d %s", e.Max, e.Limit)
}

// A Fault is the answer of a server that could not do what it was asked.
type Fault struct {
	Code    int32
	Message string
}

func (f *Fault) Error() string {
	return fmt.Sprintf("xmlrpc: the server answered with fault %d: %s", f.Code, f.Message)
}
