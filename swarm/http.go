package swarm

import (
	"context"
	"net"
	"net/http"
	"time"
)

// maxDials bounds the connections that are being opened at once: OpenSim's
// listen backlog holds 64.
const maxDials = 32

// newHTTP is the client that all logins, capabilities and event queues share.
// Each waiting event queue holds a connection of its own.
func newHTTP() *http.Client {
	dialer := net.Dialer{Timeout: 30 * time.Second, KeepAlive: -1}
	dials := make(chan struct{}, maxDials)
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			select {
			case dials <- struct{}{}:
				defer func() { <-dials }()
			case <-ctx.Done():
				return nil, context.Cause(ctx)
			}
			return dialer.DialContext(ctx, network, address)
		},
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     30 * time.Second,
		DisableCompression:  true, // simulators don't compress; agents are many
		ReadBufferSize:      2048,
		WriteBufferSize:     2048,
	}}
}
