package udp

import (
	"net"
	"sync/atomic"
)

// guard lets Close come from any goroutine while the loop's goroutine may be inside a call: who leaves last frees.
// Without it a descriptor could be closed, and its number given to somebody else, under a system call. It costs a
// call two atomic operations and is no lock: nobody but Close ever waits.
type guard struct {
	state   atomic.Uint32
	wake    func()        // ends a Wait under way
	release func() error  // frees everything; called once
	freed   chan struct{} // closed after release
	failed  error         // what release said; read after freed is closed
}

const (
	guardBusy   = 1 << iota // the loop's goroutine is in a call
	guardClosed             // Close was called
)

func (g *guard) init(wake func(), release func() error) {
	g.wake, g.release, g.freed = wake, release, make(chan struct{})
}

// enter begins a call of the loop's goroutine; false after close.
func (g *guard) enter() bool { return g.state.CompareAndSwap(0, guardBusy) }

// leave ends it, and frees everything when close came meanwhile.
func (g *guard) leave() {
	if !g.state.CompareAndSwap(guardBusy, 0) {
		g.free()
	}
}

// err is net.ErrClosed when close came during this call.
func (g *guard) err() error {
	if g.state.Load()&guardClosed != 0 {
		return net.ErrClosed
	}
	return nil
}

// close makes every later enter fail, and returns when everything is freed.
func (g *guard) close() error {
	switch old := g.state.Or(guardClosed); {
	case old&guardClosed != 0: // the second call
	case old&guardBusy != 0:
		g.wake()
	default:
		g.free()
	}
	<-g.freed
	return g.failed
}

func (g *guard) free() {
	g.failed = g.release()
	close(g.freed)
}
