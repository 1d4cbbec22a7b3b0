package swarm

import (
	"context"
	"net"
	"net/http"
	"time"

	"github.com/slload/slload/internal/target"
)

// maxDials bounds the connections that are being opened at once: OpenSim's
// listen backlog holds 64.
const maxDials = 32

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// newHTTP makes the clients that all agents share: one for logins and
// capabilities, one for event queues. Each waiting event queue holds a
// connection of its own, with buffers that fit what it says: a request of 300
// bytes, an answer that is short or read past the buffer. No more than atOnce
// connections are being opened at the same time.
func newHTTP(chosenSources bool, guard *target.Guard, atOnce int) (calls, polls *http.Client) {
	dialer := net.Dialer{Timeout: 30 * time.Second, KeepAlive: -1, Control: guard.Control(nil)}
	dials := make(chan struct{}, atOnce)
	dial := dialFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
		select {
		case dials <- struct{}{}:
			defer func() { <-dials }()
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		return dialFrom(ctx, dialer, guard, network, address)
	})
	var dialTLS dialFunc
	if chosenSources {
		dialTLS = func(ctx context.Context, network, address string) (net.Conn, error) {
			return dialTLSFrom(ctx, dial, guard.TLS, network, address)
		}
	}
	client := func(readBuffer, writeBuffer int) *http.Client {
		return &http.Client{Transport: &http.Transport{
			DialContext:         dial,
			DialTLSContext:      dialTLS,
			TLSClientConfig:     guard.TLS,
			MaxIdleConnsPerHost: maxLogins, // or connections would be closed and opened again under a rush
			IdleConnTimeout:     30 * time.Second,
			DisableCompression:  true, // simulators don't compress; agents are many
			ReadBufferSize:      readBuffer,
			WriteBufferSize:     writeBuffer,
		}}
	}
	return client(4096, 4096), client(256, 384)
}

// dialBy has clients of newHTTP connect by dial alone.
func dialBy(dial dialFunc, clients ...*http.Client) {
	for _, c := range clients {
		c.Transport.(*http.Transport).DialContext = dial
	}
}
