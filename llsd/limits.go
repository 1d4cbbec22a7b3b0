package llsd

import "fmt"

// Limits bound what a decoder takes from its peer. A zero field means its
// default.
type Limits struct {
	MaxBytes    int // of the document; 16 MiB
	MaxDepth    int // of maps and arrays in each other; 64
	MaxElements int // values, keys not counted; 1,048,576
}

// DefaultLimits are in force where no others are given. An inventory of
// 100,000 folders stays below them.
var DefaultLimits = Limits{MaxBytes: 16 << 20, MaxDepth: 64, MaxElements: 1 << 20}

func (l Limits) withDefaults() Limits {
	if l.MaxBytes <= 0 {
		l.MaxBytes = DefaultLimits.MaxBytes
	}
	if l.MaxDepth <= 0 {
		l.MaxDepth = DefaultLimits.MaxDepth
	}
	if l.MaxElements <= 0 {
		l.MaxElements = DefaultLimits.MaxElements
	}
	return l
}

// A LimitError says which of the [Limits] a document broke.
type LimitError struct {
	Limit string // "bytes", "depth" or "elements"
	Max   int
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("llsd: the document has more than %d %s; raise the limit if it is to be trusted", e.Max, e.Limit)
}

// budget is what is left of the limits while a document is read.
type budget struct {
	limits   Limits
	depth    int
	elements int
}

// value counts one element.
func (b *budget) value() error {
	if b.elements++; b.elements > b.limits.MaxElements {
		return &LimitError{"elements", b.limits.MaxElements}
	}
	return nil
}

// enter opens a map or an array; leave closes it.
func (b *budget) enter() error {
	if b.depth++; b.depth > b.limits.MaxDepth {
		return &LimitError{"depth", b.limits.MaxDepth}
	}
	return nil
}

func (b *budget) leave() { b.depth-- }
