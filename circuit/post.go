package circuit

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"strconv"
	"time"
)

// Post has f run on the loop's goroutine in its next turn. Any goroutine may
// call it. It waits while the mailbox is full; if ctx ends first, or the loop
// does (ErrStopped), f will not run.
//
// Code on the loop calls functions directly. Where it posts all the same, that
// works while the mailbox has room and is ErrOnLoop, after a moment, when it is
// full.
func (l *Loop) Post(ctx context.Context, f func(now Instant)) error {
	return l.mailbox.put(ctx, f)
}

// Call posts f and waits until it has run. If ctx ends after f was posted,
// Call returns and f runs all the same. Called on the loop's own goroutine it
// is ErrOnLoop, after a moment, and f runs later.
func (l *Loop) Call(ctx context.Context, f func(now Instant)) error {
	ran := make(chan struct{})
	if err := l.Post(ctx, func(now Instant) { defer close(ran); f(now) }); err != nil {
		return err
	}
	check := time.NewTimer(onLoopAfter)
	defer check.Stop()
	for {
		select {
		case <-ran:
			return nil
		case <-ctx.Done():
			return fmt.Errorf("wait for the loop to run a call: %w", context.Cause(ctx))
		case <-check.C:
			if l.onLoop() {
				return ErrOnLoop
			}
		}
	}
}

// onLoop tells whether the caller runs on the goroutine of Run. It is slow:
// only for a call that has waited long.
func (l *Loop) onLoop() bool { return goroutine() == l.goroutine.Load() }

// goroutine gives the number of the calling goroutine, from the first line of
// its stack trace, "goroutine 7 [running]:".
func goroutine() uint64 {
	var buf [64]byte
	line := buf[:runtime.Stack(buf[:], false)]
	number, _, _ := bytes.Cut(bytes.TrimPrefix(line, []byte("goroutine ")), []byte(" "))
	n, _ := strconv.ParseUint(string(number), 10, 64) // 0, which nobody has, on failure
	return n
}
