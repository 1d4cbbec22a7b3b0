// Package xmlrpc reads and writes XML-RPC calls and answers, both ways: what
// a viewer's login speaks, and a grid's own services among themselves.
//
// A decoded value is one of
//
//	nil               nil              string            string
//	boolean           bool             base64            []byte
//	int, i4, i8       int32            dateTime.iso8601  time.Time (UTC)
//	double            float64          struct            map[string]any
//	                                   array             []any
//
// which are LLSD's Go types, too: llsd.Convert fills structs from them.
// Decoders are bounded ([MaxBytes], [MaxDepth], [MaxValues]) and refuse a
// DOCTYPE, so no entity expands.
//
// The package stands on internal/xmltext alone; login and testgrid use it.
package xmlrpc
