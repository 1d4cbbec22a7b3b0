// Package httpbody reads the answers to thousands of HTTP calls a second into
// memory that is used again.
//
// It stands on nothing of ours; login and caps read with it.
package httpbody

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
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
// it, nor wait for anything. Longer than most bytes is a *TooLongError; other
// errors are r's, with what came before them given to nobody, or use's.
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
	turns <- struct{}{}
	defer func() { <-turns }()
	return use(b.Bytes())
}

// turns bounds how many bodies are decoded at once: hundreds of logins that
// come back together would stand in the run queue before the loops, whose
// timers then were late by all that decoding takes. Use doesn't wait for
// anything, so that a turn is short.
var turns = make(chan struct{}, max(1, runtime.NumCPU()-1))
