// Package llsd reads and writes LLSD, the structured data that a grid's
// HTTP side speaks: capability calls, the event queue and the LLSD login, in
// its three serialisations: XML, binary and notation.
//
// A decoded value is one of
//
//	undef    nil               string   string
//	boolean  bool              binary   []byte
//	integer  int32             date     time.Time (UTC)
//	real     float64           uri      URI
//	uuid     uuid.UUID         map      map[string]any
//	                           array    []any
//
// The Unmarshal functions also fill Go structs by `llsd:"name,omitempty"`
// tags, as encoding/json does, and [Convert] does so from a value that is
// decoded already. Conversions are as lenient as LLSD's own: see [Convert].
//
// Every decoder is bounded in bytes, depth and number of elements ([Limits]),
// knows no entity but XML's five predefined ones, and refuses a DOCTYPE.
//
// The package stands on internal/xmltext alone; login, ogp, caps, eq and
// testgrid stand on it.
package llsd
