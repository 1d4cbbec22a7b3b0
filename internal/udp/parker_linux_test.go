package udp

import "testing"

func TestStreamEndsOneWaitEachWindow(t *testing.T) {
	for _, mode := range []Mode{ModeShared, ModeEpoll} {
		t.Run(string(mode), func(t *testing.T) {
			r := newRig(t, transport{open: openMode(mode)}, Config{}, Config{})
			e := r.endpoint()
			p := parkerOf(r.server)
			r.say(e, "the first")
			r.read(r.server, 1)
			for range 20 {
				r.say(e, "another")
				before := p.returned
				r.read(r.server, 1)
				if apart := p.returned - before; apart < CoalesceWindow {
					t.Fatalf("two waits for datagrams ended %v apart, want %v", apart, CoalesceWindow)
				}
			}
		})
	}
}

func parkerOf(c Conn) *parker {
	switch c := c.(type) {
	case *shared:
		return c.parker
	case *epoll:
		return c.parker
	}
	panic("no parker")
}
