// Package httpbody reads the answers to thousands of HTTP calls a second into
// memory that is used again.
//
// It stands on nothing of ours; login and caps read with it.
package httpbody

import (
	"bytes"
	"fmt"
	"io"
	"sync"
)

// TooLongError is a body of more than Max bytes.
type TooLongError struct{ Max int }

func (e *TooLongError) Error() string { return fmt.Sprintf("it is longer than %d bytes", e.Max) }

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// keep is the largest buffer that is kept for the next body, in bytes: an
// inventory's would stay for ever.
const keep = 64 << 10

// Read reads r to its end and gives what it read to use, which must not keep
// it. Longer than most bytes is a *TooLongError; other errors are r's, with
// what came before them given to nobody, or use's.
func Read(r io.Reader, most int, use func(body []byte) error) error {
	b := buffers.Get().(*bytes.Buffer)
	defer func() {
		if b.Cap() <= keep {
			b.Reset()
			buffers.Put(b)
		}
	}()
	_, err := b.ReadFrom(io.LimitReader(r, int64(most)+1))
	switch {
	case err != nil:
		return fmt.Errorf("read the answer: %w", err)
	case b.Len() > most:
		return &TooLongError{most}
	}
	return use(b.Bytes())
}
