package cluster

import (
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/nats-io/nats.go"
)

// inBubble plays a test in time of its own, which passes when everybody waits: a
// run of minutes takes none, and no machine is too busy for it. So nobody in there
// may wait for what is outside, as a socket is; NATS is reached through pipes.
func inBubble(t *testing.T, f func(t *testing.T, th *theater)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		th := newTheater()
		th.lan = &lan{}
		f(t, th)
	})
}

// lan is where those in a bubble find NATS.
type lan struct {
	mu     sync.Mutex
	server *embedded // nil: there is none
}

// here is its address in a bubble.
const here = "nats://here"

func (n *lan) serve(e *embedded) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.server = e
}

// start starts a server with its store in dir, in place of the one before.
func (n *lan) start(t *testing.T, dir string) *embedded {
	t.Helper()
	var log atomic.Pointer[slog.Logger]
	log.Store(testLog(t, "nats"))
	e, err := embed("", openDoor, TLS{}, &log)
	if err == nil {
		err = e.store(dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	n.serve(e)
	return e
}

// InProcessConn connects to it: see nats.InProcessServer.
func (n *lan) InProcessConn() (net.Conn, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.server == nil {
		return nil, errors.New("nobody listens")
	}
	return n.server.server.InProcessConn()
}

// cable is a worker's way to NATS, which can be cut.
type cable struct {
	lan   *lan
	mu    sync.Mutex
	down  bool
	conns []net.Conn
}

// InProcessConn connects as the lan does, unless the cable is cut.
func (c *cable) InProcessConn() (net.Conn, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.down {
		return nil, errors.New("the cable is cut")
	}
	conn, err := c.lan.InProcessConn()
	if err == nil {
		c.conns = append(c.conns, conn)
	}
	return conn, err
}

// cut cuts the cable, or mends it.
func (c *cable) cut(down bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.down = down
	for _, conn := range c.conns {
		conn.Close()
	}
	c.conns = nil
}

// dial connects a worker by the cable.
func (c *cable) dial(title string) (*nats.Conn, error) {
	return dialBy(c, title, dialOptions(title, testToken, TLS{}, slog.New(slog.DiscardHandler))...)
}

func dialBy(way nats.InProcessConnProvider, title string, opts ...nats.Option) (*nats.Conn, error) {
	return nats.Connect(here, append(opts, nats.InProcessServer(way))...)
}
